"""What somebody looks for: people, a length, days, a room; read from the page's address."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from meetings.drafts import ADDRESS, Attendee
from meetings.formpeople import colleagues_named, meant_address
from meetings.formvalues import PEOPLE, Values, storable
from meetings.mailboxes import Mailbox, read_mailboxes, write_mailboxes
from meetings.scheduler import Place
from meetings.scheduler.plans import places_for
from meetings.wallclock import LAST_DATE, instant
from rooms.search import RoomSearch

MOST_PEOPLE = 100
MOST_DAYS = 31
USUAL_DAYS = 7
USUAL_LENGTH = 60
SHORTEST, LONGEST = 5, 720
LENGTHS = (15, 30, 45, 60, 90, 120, 180, 240)
NO_ROOM = "none"
HOUR = timedelta(hours=1)
KEPT = ("near", "draft")
"""What goes along with the fields: the time that was asked for, and the form that waits."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for. Whose meeting it is comes first in `places`: the reader's, unless it is
    made for somebody else. `seats` is 0 without a room.
    """

    reader: User
    places: tuple[Place, ...]
    length: timedelta
    first: date
    last: date
    near: datetime | None
    seats: int
    site: int | None
    amenities: frozenset[int]

    def users(self, role: str) -> tuple[User, ...]:
        """Those of a role whose calendars are here."""
        return tuple(p.user for p in self.places if p.user and p.role == role)

    @property
    def typed(self) -> dict[str, str]:
        """Everybody but the organizer, as the fields of people hold them."""
        return {
            role: write_mailboxes(_mailbox(p) for p in self.places[1:] if p.role == role)
            for role in ("required", "optional")
        }

    @property
    def guests(self) -> list[Place]:
        """Those whose calendars are elsewhere."""
        return [place for place in self.places if place.user is None]

    @property
    def days(self) -> list[date]:
        """The days looked at."""
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]


class FindForm(forms.Form):
    """The fields of the page. Once validated, `wanted` is what they ask for, if they can."""

    required = forms.CharField(required=False)
    optional = forms.CharField(required=False)
    length = forms.IntegerField(
        required=False,
        error_messages={"invalid": gettext_lazy("Give the length in minutes, for example 60.")},
    )

    def __init__(
        self,
        query: QueryDict,
        *,
        reader: User,
        today: date,
        organizer: User | None = None,
        people: Values | None = None,
    ) -> None:
        self.asked, self.reader, self.today = query, reader, today
        self.organizer = organizer or reader
        self.values = _values(query, today)
        if people and not {"with", *PEOPLE}.intersection(query):  # too many for an address
            self.values |= {name: people[name] for name in PEOPLE}
        self.rooms = RoomSearch(query)
        self.wanted: Wanted | None = None
        super().__init__(self.values)
        # Words that the language keeps for itself.
        for name, sentence in (
            ("from", _("Choose the first day.")),
            ("to", _("Choose the last day.")),
        ):
            errors = {"required": sentence, "invalid": sentence}
            self.fields[name] = forms.DateField(error_messages=errors)

    @property
    def problems(self) -> list[str]:
        """What cannot be read, in words."""
        found = [str(sentence) for sentences in self.errors.values() for sentence in sentences]
        for name, sentences in self.rooms.errors.items():
            found += [f"{self.rooms.fields[name].label}: {sentence}" for sentence in sentences]
        return found

    @property
    def lengths(self) -> list[int]:
        """The lengths to choose from, in minutes."""
        chosen = self.cleaned_data.get("length") if self.is_valid() else None
        return sorted({*LENGTHS, chosen or USUAL_LENGTH})

    def clean_length(self) -> int:
        """Minutes, within the limits."""
        length: int = self.cleaned_data["length"] or USUAL_LENGTH
        if not SHORTEST <= length <= LONGEST:
            limits = {"least": SHORTEST, "most": LONGEST // 60}
            sentence = _("A length lies between %(least)d minutes and %(most)d hours.")
            raise ValidationError(sentence % limits)
        return length

    def clean(self) -> dict[str, Any]:
        """Read people and days; all that is wrong at once."""
        values = super().clean() or self.cleaned_data
        places = self._read_people()
        self._check_days(values.get("from"), values.get("to"))
        if not self.errors and self.rooms.is_valid():
            self.wanted = self._wanted(values, places)
            self.values |= self.wanted.typed
        return values

    def _wanted(self, values: dict[str, Any], places: tuple[Place, ...]) -> Wanted:
        asked = self.rooms.cleaned_data
        without = self.values["room"] == NO_ROOM
        return Wanted(
            self.reader,
            places,
            timedelta(minutes=values["length"]),
            max(values["from"], self.today),
            values["to"],
            _near(self.values["near"], self.reader),
            0 if without else asked.get("seats") or len(places),
            asked["site"].pk if asked.get("site") else None,
            frozenset(amenity.pk for amenity in asked.get("amenities") or ()),
        )

    def _check_days(self, first: date | None, last: date | None) -> None:
        if first is None or last is None:
            return
        if last < first:
            self.add_error("to", _("The last day is before the first: swap them."))
        elif last < self.today:
            self.add_error("to", _("These days are over. Choose later ones."))
        elif last > LAST_DATE:
            self.add_error("to", _("Choose days before the year %d.") % (LAST_DATE.year + 1))
        elif (last - max(first, self.today)).days >= MOST_DAYS:
            sentence = _("At most %d days can be looked at together. Choose fewer.") % MOST_DAYS
            self.add_error("to", sentence)

    def _read_people(self) -> tuple[Place, ...]:
        """The reader and everybody typed. A constant number of queries."""
        typed = {role: read_mailboxes(self.values[role]) for role in ("required", "optional")}
        everybody = [mailbox for mailboxes in typed.values() for mailbox in mailboxes]
        if len(everybody) >= MOST_PEOPLE:
            sentence = _("At most %(most)d people can be looked at together; you are %(many)d.")
            self.add_error("required", sentence % {"most": MOST_PEOPLE, "many": len(everybody) + 1})
            return ()
        named = colleagues_named({mailbox.name for mailbox in everybody if not mailbox.address})
        people: dict[str, Attendee] = {}
        for role, mailboxes in typed.items():
            for mailbox in mailboxes:
                try:
                    address = _address(mailbox, named)
                except ValidationError as error:
                    self.add_error(role, error)
                else:
                    people.setdefault(address, Attendee(address, role, mailbox.name))
        people.pop(self.organizer.email, None)
        return places_for(self.organizer, list(people.values()))

    def query(self, **more: str) -> str:
        """What leads back here with these values: short, and the same for all who share it."""
        query = QueryDict(mutable=True)
        if self.wanted:
            others = self.wanted.places[1:]
            query.setlist("with", [p.address for p in others if p.role == "required"])
            query.setlist("optional", [p.address for p in others if p.role == "optional"])
        else:
            query["required"], query["optional"] = self.values["required"], self.values["optional"]
        for name in ("length", "from", "to", "room", *KEPT):
            query[name] = str(self.values[name])
        for name in ("seats", "site", "amenities"):
            query.setlist(name, self.asked.getlist(name))
        query.update(more)
        for name, given in list(query.lists()):
            query.setlist(name, [value for value in given if value])
        return query.urlencode(safe="@:")


def _mailbox(place: Place) -> Mailbox:
    name = place.shown_name
    return Mailbox("" if name == place.address else name, place.address)


def _values(query: QueryDict, today: date) -> dict[str, str]:
    """What stands in the fields: as asked for, else the usual."""
    first = query.get("from") or today.isoformat()
    return {
        "required": _joined([*query.getlist("with"), *query.getlist("required")]),
        "optional": _joined(query.getlist("optional")),
        "length": query.get("length") or str(USUAL_LENGTH),
        "from": first,
        "to": query.get("to") or _later(first),
        "room": NO_ROOM if query.get("room") == NO_ROOM else "",
        **{name: query.get(name, "") for name in KEPT},
    }


def _later(first: str) -> str:
    try:
        return (date.fromisoformat(first) + timedelta(days=USUAL_DAYS - 1)).isoformat()
    except (ValueError, OverflowError):
        return ""


def _joined(texts: Iterable[str]) -> str:
    return ", ".join(storable(text) for text in texts if text.strip())


def _near(text: str, reader: User) -> datetime | None:
    """The time asked for, on the reader's clock; None for what is no time."""
    try:
        local = datetime.fromisoformat(text)
        return None if local.tzinfo else instant(local, reader.zone)
    except (ValueError, OverflowError):
        return None


def _address(mailbox: Mailbox, named: dict[str, list[User]]) -> str:
    address = mailbox.address or meant_address(mailbox, named)
    if not ADDRESS.fullmatch(address):
        raise ValidationError(_("“%(text)s” is not an e-mail address.") % {"text": address})
    return address
