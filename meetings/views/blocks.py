"""What a block of the calendar says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from meetings.models import Invitation
from meetings.occurrences import Entry, how_many_come, rooms_of, with_rooms
from meetings.timewords import clock_range, days_words, range_words
from meetings.views.grid import Item

LOOKS = {
    Invitation.Status.ACCEPTED: "",
    Invitation.Status.TENTATIVE: "block-maybe",
    Invitation.Status.NEEDS_ACTION: "block-ask",
    Invitation.Status.DECLINED: "block-no",
}
ANSWERS = {
    Invitation.Status.ACCEPTED: gettext_lazy("accepted"),
    Invitation.Status.TENTATIVE: gettext_lazy("maybe"),
    Invitation.Status.NEEDS_ACTION: gettext_lazy("not answered"),
    Invitation.Status.DECLINED: gettext_lazy("declined"),
}


@dataclass(frozen=True, slots=True)
class Words:
    """What a block says of one date: the look is the reader's answer."""

    uid: str
    date: str
    """Of a series, the recurrence-id of this date; else empty."""
    title: str
    begins: str
    """`9:30`, all of the time that a small block shows."""
    until: str
    """`–10:30`, what a larger one adds."""
    when: str
    """The whole time, for a bar: `Wed 11 – Fri 13 March`."""
    where: str
    people: int
    look: str
    answer: str
    private: bool


def items_of(entries: Sequence[Entry], reader: User, today: date) -> list[Item[Words]]:
    """The reader's entries as the grid draws them, in two queries, three if a series is there."""
    with_rooms(entry.occurrence for entry in entries)
    people = how_many_come([entry.occurrence for entry in entries])
    return [
        Item(
            _words(entry, people[entry.key], reader.zone, today),
            entry.stretch,
            _dates(entry),
        )
        for entry in entries
    ]


def _dates(entry: Entry) -> tuple[date, date] | None:
    if not entry.occurrence.all_day:
        return None
    return entry.occurrence.dates.first, entry.occurrence.dates.last


def _words(entry: Entry, people: int, zone: ZoneInfo, today: date) -> Words:
    status = Invitation.Status(entry.invitation.status)
    clock = clock_range(entry.stretch.start, entry.stretch.end, zone, today=today)
    begins, dash, until = clock.partition("–")
    rooms = [room.name for room in rooms_of(entry.occurrence)]
    return Words(
        uid=str(entry.meeting.uid),
        date=entry.occurrence.recurrence_id if entry.meeting.is_series else "",
        title=entry.occurrence.shown_title or _("(no title)"),
        begins=begins,
        until=dash + until,
        when=_when(entry, zone, today),
        where=", ".join(rooms) or entry.occurrence.shown_location,
        people=people,
        look=LOOKS[status],
        answer=str(ANSWERS[status]),
        private=entry.meeting.is_private,
    )


def _when(entry: Entry, zone: ZoneInfo, today: date) -> str:
    if dates := _dates(entry):
        return days_words(*dates, today=today)
    return range_words(entry.stretch.start, entry.stretch.end, zone, today=today)
