"""How people want to be told, as it is typed."""

import re
from collections.abc import Collection
from typing import Any

from django import forms
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from meetings.drafts import REMINDER_LEADS
from meetings.fieldwords import lead_words
from notifications.models import Channel, Event, Preference, Wishes
from notifications.routing import is_usual

TIME_WRONG = {"invalid": _("Write a time of day like 22:00.")}
OWN = "own"

SPACING = re.compile(r"[\s().\-/\u2010-\u2015]+")
PHONE = re.compile(r"\+[1-9][0-9]{6,14}")  # E.164: at most 15 digits
COUNTRY_CODE = _("Write the number with its country code, for example +41 79 123 45 67.")
# It becomes a part of an address, in which dots alone would lead elsewhere.
CHAT_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,63}")


def box(event: str, channel: str) -> str:
    """What the box of an event and a channel sends."""
    return f"{event}:{channel}"


class WishesForm(forms.Form):
    """What a person is told over which channels, when not, and how long before a start.

    `reached` are the channels over which she can be told: only their boxes can be changed. The
    page says which it showed, since one that it did not show has sent no boxes.
    """

    told = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    shown = forms.MultipleChoiceField(
        required=False, choices=Channel.choices, widget=forms.MultipleHiddenInput
    )
    quiet_from = forms.TimeField(
        label=_("From"),
        required=False,
        error_messages=TIME_WRONG,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
    )
    quiet_until = forms.TimeField(
        label=_("Until"),
        required=False,
        error_messages=TIME_WRONG,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
    )
    reminded = forms.ChoiceField(
        label=_("Remind me"),
        required=False,
        choices=[("", _("as each meeting says")), (OWN, _("always at these times:"))],
        widget=forms.RadioSelect,
    )
    leads = forms.TypedMultipleChoiceField(
        required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self,
        *args: Any,
        user: User,
        offered: Collection[Channel],
        reached: Collection[str],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.reached = user, reached
        self._choices("told", [(box(e, c), e.label) for e in Event for c in Channel])
        self._choices("leads", [(lead, lead_words(lead)) for lead in REMINDER_LEADS])
        if set(offered) == {Channel.EMAIL}:  # no channel that could be quiet
            del self.fields["quiet_from"], self.fields["quiet_until"]
        self.initial.update(self._as_stored())

    def _choices(self, field: str, choices: list[tuple[Any, Any]]) -> None:
        found = self.fields[field]
        assert isinstance(found, forms.ChoiceField)
        found.choices = choices

    def _as_stored(self) -> dict[str, Any]:
        wishes = Wishes.objects.filter(user=self.user).first() or Wishes(user=self.user)
        rows = Preference.objects.filter(user=self.user)
        self.chosen = {(row.event, row.channel): row.wanted for row in rows}
        return {
            "told": [
                box(event, channel)
                for event in Event
                for channel in self.reached
                if self.chosen.get((event, channel), is_usual(event, channel))
            ],
            "shown": list(self.reached),
            "quiet_from": wishes.quiet_from,
            "quiet_until": wishes.quiet_until,
            "reminded": "" if wishes.reminders is None else OWN,
            "leads": wishes.reminders or [],
        }

    def clean(self) -> dict[str, Any]:
        """Quiet hours have two ends, and these differ."""
        values = super().clean() or self.cleaned_data
        if {"quiet_from", "quiet_until"} & set(self.errors):
            return values
        # Midnight is a time, too: only an empty field is None.
        begin, end = values.get("quiet_from"), values.get("quiet_until")
        if begin is not None and end is None:
            self.add_error("quiet_until", _("Write when they end, or leave both times empty."))
        elif begin is None and end is not None:
            self.add_error("quiet_from", _("Write when they begin, or leave both times empty."))
        elif begin is not None and begin == end:
            self.add_error("quiet_until", _("Choose another time than that of the beginning."))
        return values

    @transaction.atomic
    def save(self) -> None:
        """Keep what differs from the usual, and only that."""
        told = set(self.cleaned_data["told"])
        for channel in set(self.cleaned_data["shown"]) & set(self.reached):
            self._save_channel(channel, told)
        wishes: dict[str, Any] = {"reminders": None}
        if self.cleaned_data["reminded"] == OWN:
            wishes["reminders"] = sorted(self.cleaned_data["leads"])
        for field in {"quiet_from", "quiet_until"} & set(self.fields):
            wishes[field] = self.cleaned_data[field]
        Wishes.objects.update_or_create(user=self.user, defaults=wishes)

    def _save_channel(self, channel: str, told: set[str]) -> None:
        wanted = {event: box(event, channel) in told for event in Event}
        other = {event: wish for event, wish in wanted.items() if wish != is_usual(event, channel)}
        mine = Preference.objects.filter(user=self.user, channel=channel)
        mine.exclude(event__in=other).delete()
        Preference.objects.bulk_create(
            [
                Preference(user=self.user, event=event, channel=channel, wanted=wish)
                for event, wish in other.items()
            ],
            update_conflicts=True,
            unique_fields=["user", "event", "channel"],
            update_fields=["wanted"],
        )


class PhoneForm(forms.Form):
    """A number for SMS, as people write it."""

    address = forms.CharField(
        label=_("Phone number"),
        max_length=40,
        help_text=_("With its country code, for example +41 79 123 45 67."),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
        error_messages={"required": COUNTRY_CODE},
    )

    def clean_address(self) -> str:
        """The number as E.164 has it: a plus and digits alone."""
        number: str = self.cleaned_data["address"].replace("(0)", "")
        number = re.sub(r"^00", "+", SPACING.sub("", number))
        if not number.startswith("+"):
            raise forms.ValidationError(COUNTRY_CODE)
        if not re.fullmatch(r"\+[0-9]*", number):
            raise forms.ValidationError(_("A phone number has digits only, after its plus."))
        if not PHONE.fullmatch(number):
            raise forms.ValidationError(
                _("A phone number with its country code has 7 to 15 digits, and no 0 first.")
            )
        return number


class ChatForm(forms.Form):
    """A name in the company's chat."""

    address = forms.CharField(
        label=_("Name in the chat"),
        max_length=65,
        help_text=_("As others mention you there, for example ana.berger."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "off"}),
        error_messages={"required": _("Write your name in the chat, for example ana.berger.")},
    )

    def clean_address(self) -> str:
        """The name without the sign that mentions begin with."""
        name: str = self.cleaned_data["address"].removeprefix("@")
        if not CHAT_NAME.fullmatch(name):
            raise forms.ValidationError(
                _(
                    "A name in the chat has letters from a to z, digits, dots, dashes and _ only, "
                    "and begins with a letter, a digit or _."
                )
            )
        return name


class CodeForm(forms.Form):
    """The code that was sent."""

    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
        error_messages={"required": _("Write the six digits that were sent.")},
    )

    def clean_code(self) -> str:
        """The digits alone."""
        code = SPACING.sub("", self.cleaned_data["code"])
        if not re.fullmatch(r"[0-9]{6}", code):
            raise forms.ValidationError(_("The code has six digits."))
        return code
