"""What people type about a meeting, turned into a draft."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.zones import is_zone
from meetings.drafts import MOST_ATTENDEES, REMINDER_LEADS, Attendee, Draft
from meetings.formpeople import colleagues_named, meant_address
from meetings.formrules import REPEAT, asked_rule
from meetings.formtimes import ClockField, from_to, whole_days
from meetings.formvalues import DECIDE, WHEN, Values, as_posted, storable, touched
from meetings.mailboxes import read_mailboxes
from meetings.models import Meeting
from meetings.problems import InvalidDraft
from meetings.recurrence import Pasted, moved
from meetings.scheduler.decisions import Decision, Keep, OtherRooms, OtherTime, Skip
from meetings.wallclock import FIRST_DATE, AllDay, When
from rooms.models import Room

MOST_ROOMS = 20
PROMINENT_LEADS = (15, 60, 1440)

FIELD_OF = {
    "attendees": "required",
    "when": "date",
    "zone": "zone",
    "room_ids": "rooms",
    "rrule": "repeat",
}
"""The form's field for a draft's, where they differ."""

HARMLESS: dict[str, Any] = {"title": "…", "attendees": (), "reminders": (), "priority": 2}
"""What stands in for a field that is not right yet while the form is looked at."""


class CodesField(forms.MultipleChoiceField):
    """Rooms by code. Which ones there are is looked up once, for all of them."""

    def valid_value(self, value: str) -> bool:
        """Every code is looked up in `clean_rooms`."""
        return True


class MeetingForm(forms.Form):
    """A meeting as it stands in the fields, new or, with `before`, an edit of one.

    Once validated, `when`, `rule` and `attendees` hold what could be read, also where other
    fields are wrong; `draft()` is all of it, `sketch()` what can be looked at before it is
    right. `before` is the draft that an edit began with: of the meeting, or of those of its
    dates that the edit is about.
    """

    title = forms.CharField(label=gettext_lazy("Title"), required=False)
    required = forms.CharField(label=gettext_lazy("People"), required=False)
    optional = forms.CharField(label=gettext_lazy("Optional"), required=False)
    who = forms.CharField(required=False)
    date = forms.DateField(label=gettext_lazy("Date"), required=False)
    start = ClockField(label=gettext_lazy("From"), required=False)
    end = ClockField(label=gettext_lazy("To"), required=False)
    until = forms.DateField(label=gettext_lazy("Last day"), required=False)
    all_day = forms.BooleanField(label=gettext_lazy("All day"), required=False)
    zone = forms.CharField(label=gettext_lazy("Time zone"), required=False)
    repeat = forms.CharField(label=gettext_lazy("Repeat"), required=False)
    rooms = CodesField(label=gettext_lazy("Room"), required=False)
    visibility = forms.ChoiceField(choices=Meeting.Visibility.choices, required=False)
    priority = forms.TypedChoiceField(choices=Meeting.Priority.choices, coerce=int, required=False)
    reminders = forms.TypedMultipleChoiceField(
        choices=[(lead, "") for lead in REMINDER_LEADS], coerce=int, required=False
    )
    location = forms.CharField(label=gettext_lazy("Location"), required=False)
    join_link = forms.CharField(label=gettext_lazy("Join link"), required=False)
    description = forms.CharField(label=gettext_lazy("About"), required=False, strip=False)
    key = forms.CharField(required=False, max_length=200)
    version = forms.IntegerField(required=False)

    def __init__(
        self,
        values: Values,
        *,
        organizer: User | None,
        before: Draft | None = None,
    ) -> None:
        super().__init__(as_posted(values))
        self.values = values
        self.organizer = organizer
        self.before = before
        self.when: When | None = None
        self.rule = Pasted("")
        self.attendees: tuple[Attendee, ...] = ()
        self.quiet = False  # looked at, not sent: nothing to complain about yet

    def clean_zone(self) -> ZoneInfo:
        """Only zones of the database."""
        name: str = self.cleaned_data["zone"]
        if not is_zone(name):
            raise ValidationError(_("Choose a time zone from the list."))
        return ZoneInfo(name)

    def clean_rooms(self) -> list[Room]:
        """The rooms behind the codes, in the order chosen."""
        codes = list(dict.fromkeys(self.cleaned_data["rooms"]))
        if len(codes) > MOST_ROOMS:
            raise ValidationError(_("Choose at most %(most)d rooms.") % {"most": MOST_ROOMS})
        found = {room.code: room for room in Room.objects.filter(code__in=map(storable, codes))}
        for code in codes:
            if code not in found:
                raise ValidationError(
                    _("There is no room “%(code)s” any more. Choose another.") % {"code": code}
                )
        return [found[code] for code in codes]

    def clean(self) -> dict[str, Any]:
        """Read time and people, then let the draft check itself; all errors at once."""
        values = super().clean() or self.cleaned_data
        self.when = self._read_when(values)
        self.rule = self._read_rule()
        self.attendees = self._read_people(values)
        try:
            self._draft(values, self.when or AllDay(FIRST_DATE, 1)).checked()
        except InvalidDraft as invalid:
            self.add_draft_errors(invalid)
        return values

    def add_draft_errors(self, invalid: InvalidDraft) -> None:
        """Put what is wrong with the draft next to the fields it came from."""
        for name, sentence in invalid.errors.items():
            field = FIELD_OF.get(name, name)
            if not self.has_error(field):
                self.add_error(field if field in self.fields else None, sentence)

    def draft(self) -> Draft:
        """The draft; only of a valid form."""
        assert self.when is not None
        return self._draft(self.cleaned_data, self.when)

    def sketch(self) -> Draft | None:
        """What can be planned with already, wrong fields left out; None without a time."""
        if self.when is None:
            return None
        draft = self._draft(self.cleaned_data, self.when)
        try:
            return draft.checked()
        except InvalidDraft as invalid:
            wrong = {name: HARMLESS.get(name, "") for name in invalid.errors}
            if "rrule" in wrong:
                wrong |= {"exdates": (), "rdates": ()}
            return replace(draft, **wrong).checked()

    def _draft(self, values: dict[str, Any], when: When) -> Draft:
        before = self.before
        usual = before is None or before.transparency == before.usual_transparency()
        return Draft(
            title=values.get("title", ""),
            when=when,
            zone=values.get("zone") or ZoneInfo("UTC"),
            description=values.get("description", ""),
            location=values.get("location", ""),
            join_link=values.get("join_link", ""),
            attendees=self.attendees,
            room_ids=tuple(room.pk for room in values.get("rooms", [])),
            priority=values.get("priority") or Meeting.Priority.NORMAL,
            visibility=values.get("visibility") or Meeting.Visibility.PUBLIC,
            transparency="" if usual or before is None else before.transparency,
            tentative=before.tentative if before else False,
            reminders=tuple(values.get("reminders", [])),
            rrule=self.rule.rule,
            exdates=self.rule.exdates,
            rdates=self.rule.rdates,
        )

    def decisions(self) -> dict[str, Decision]:
        """What was chosen for single dates of a series, by recurrence-id; only once validated.

        What cannot be (any more) is left out: such a date still collides, and is asked about.
        """
        if self.when is None:
            return {}
        typed = {
            name.removeprefix(DECIDE): str(choice)
            for name, choice in self.values.items()
            if name.startswith(DECIDE)
        }
        codes = [code for choice in typed.values() for code in _codes(choice)]
        rooms = dict(Room.objects.filter(code__in=codes).values_list("code", "pk")) if codes else {}
        decided = {name: _decision(choice, self.when, rooms) for name, choice in typed.items()}
        return {name: decision for name, decision in decided.items() if decision}

    def _read_rule(self) -> Pasted:
        """The rule of the controls; an untouched one as it was, moved along with its first date."""
        if self.when is None:
            return Pasted("")
        if self.before and not touched(self.values).intersection(REPEAT):
            days = (self.when.day - self.before.when.day).days
            rule = self.before.rrule
            return Pasted(moved(rule, days, self.before.when) if rule and days else rule)
        try:
            return asked_rule(self.values, self.when)
        except ValidationError as error:
            self.add_error("repeat", error)
            return Pasted("")

    def _read_when(self, values: dict[str, Any]) -> When | None:
        if self.before and not touched(self.values).intersection(WHEN):
            return self.before.when  # to the second, and through any change of the clocks
        asked = {"date": _("Choose a date.")}
        if not values.get("all_day"):
            asked |= {
                "start": _("Give a start, for example 9:30."),
                "end": _("Give an end, for example 10:30."),
            }
        for name, sentence in asked.items():
            if values.get(name) is None and not self.has_error(name):
                self.add_error(name, sentence)
        if any(self.has_error(name) for name in ("zone", "until", *asked)):
            return None
        try:
            if values["all_day"]:
                return whole_days(values["date"], values["until"])
            return from_to(
                values["date"], values["start"], values["end"], values["until"], values["zone"]
            )
        except ValidationError as error:
            self.add_error(None, error)
            return None

    def _read_people(self, values: dict[str, Any]) -> tuple[Attendee, ...]:
        """Everybody typed, required ones first; names become the colleagues they mean."""
        typed = {role: read_mailboxes(values.get(role, "")) for role in ("required", "optional")}
        typed["required"] += read_mailboxes(values.get("who", ""))
        everybody = [mailbox for mailboxes in typed.values() for mailbox in mailboxes]
        if len(everybody) > MOST_ATTENDEES:
            most = {"most": MOST_ATTENDEES}
            self.add_error("required", _("At most %(most)d people can be invited.") % most)
            return ()
        colleagues = colleagues_named(
            {mailbox.name for mailbox in everybody if not mailbox.address}
        )
        people: list[Attendee] = []
        for role, mailboxes in typed.items():
            for mailbox in mailboxes:
                try:
                    address = mailbox.address or meant_address(mailbox, colleagues)
                except ValidationError as error:
                    self.add_error(role, error)
                    continue
                if self.organizer is None or address != self.organizer.email:
                    people.append(Attendee(address, role, mailbox.name))
        return tuple(people)


def _codes(choice: str) -> list[str]:
    """The codes of the rooms in a choice like `room:blue,green`."""
    kind, _colon, value = choice.partition(":")
    return [storable(code) for code in value.split(",")] if kind == "room" else []


def _decision(choice: str, when: When, rooms: dict[str, int]) -> Decision | None:
    """The decision a choice means; None for one that cannot be."""
    kind, _colon, value = choice.partition(":")
    if kind == "skip":
        return Skip()
    if kind == "keep":
        return Keep()
    if kind == "room":
        found = tuple(rooms[code] for code in _codes(choice) if code in rooms)
        return OtherRooms(found) if len(found) == len(_codes(choice)) else None
    if kind != "time":
        return None
    try:
        if isinstance(when, AllDay):
            return OtherTime(when.on(date.fromisoformat(value)))
        return OtherTime(replace(when, start=datetime.fromisoformat(value)))
    except ValueError:
        return None


class CancelForm(forms.Form):
    """Why a meeting is called off."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("It stands in the mail. May stay empty."),
    )
