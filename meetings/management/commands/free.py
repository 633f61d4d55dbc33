"""Say when people and rooms are taken, and which times are best for all of them."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import CommandParser

from accounts.models import User
from accounts.rest import Shown, stamp
from meetings.api.finding import SlotQuestion, SlotsOut, find_times
from meetings.api.people import BusyQuestion, BusyTimesOut, find_busy_times
from meetings.commandline.acting import PersonCommand
from meetings.commandline.naming import add_people, add_rooms, attendees_asked, codes_asked
from meetings.commandline.times import window_asked, zone_asked
from meetings.timewords import range_words
from rooms.models import Room


class Command(PersonCommand):
    """`manage.py free --as EMAIL --from … --to …`."""

    help = (
        "Says when people and rooms are taken, and the best times for all of them to meet. Nobody’s"
        " meetings are named. Times without an offset are on the wall clock of --zone."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--from", dest="first", required=True, metavar="TIME", help="2027-03-10, or with a time"
        )
        parser.add_argument(
            "--to", dest="last", required=True, metavar="TIME", help="a day is included"
        )
        parser.add_argument("--zone", help="of the times; without, the person's")
        parser.add_argument("--minutes", type=int, default=60, help="how long to meet; 60 without")
        add_people(parser)
        add_rooms(parser, "which rooms are looked at, and one of them wanted")
        parser.add_argument("--seats", type=int, help="any room for so many")

    def act(self, *, zone: str | None, first: str, last: str, **options: Any) -> None:
        """Ask both questions of the REST API, and tell what they answer."""
        clocks = zone_asked(zone, self.by)
        window = window_asked(first, last, clocks)
        between = {"start": stamp(window.start), "end": stamp(window.end)}
        shown = Shown(timezone=None if self.as_json else clocks)
        codes = codes_asked(options["rooms"])
        people = attendees_asked(options["required"], options["optional"])
        asked = {"users": [one.email for one in people], "rooms": codes}
        question = BusyQuestion.model_validate(between | asked)
        busy = find_busy_times(self.request, str(self.by.uid), question, shown)
        wish = {
            "required": [one.email for one in people if one.role == "required"],
            "optional": [one.email for one in people if one.role == "optional"],
            "minutes": options["minutes"],
            "room": _room(len(people) + 1, codes, options["seats"]),
        }
        slots = find_times(self.request, SlotQuestion.model_validate(between | wish), shown)
        self.report(busy.model_dump() | slots.model_dump(), _lines(busy, slots, clocks))


def _room(people: int, codes: list[str], seats: int | None) -> dict[str, object] | None:
    """The room that is wanted, if one is."""
    if not codes and seats is None:
        return None
    return {"seats": people if seats is None else seats, "room_ids": codes}


def _lines(busy: BusyTimesOut, slots: SlotsOut, zone: ZoneInfo) -> Iterator[str]:
    people = {
        str(person.uid): str(person)
        for person in User.objects.get_queryset().filter(
            uid__in={one.user_id for one in busy.busy_times if one.user_id}
        )
    }
    rooms = _rooms([one.room_id for one in busy.busy_times] + [one.room_id for one in slots.slots])
    for one in busy.busy_times:
        who = people[one.user_id] if one.user_id else rooms[one.room_id or ""]
        words = "is perhaps busy" if one.tentative else "is busy" if one.user_id else "is taken"
        yield f"{who} {words} {_range(one.start, one.end, zone)}."
    if not busy.busy_times:
        yield "Nobody is busy then."
    yield f"Best times ({zone.key}):" if slots.slots else "There is no time for all of that."
    for slot in slots.slots:
        place = f", {rooms[slot.room_id]}" if slot.room_id else ""
        why = "; ".join(slot.reasons)
        yield f"  {_range(slot.start_time, slot.end_time, zone)}{place}: {why}."


def _rooms(codes: Iterable[str | None]) -> dict[str, str]:
    """Names by code."""
    found = Room.objects.filter(code__in={code for code in codes if code})
    return {room.code: room.name for room in found}


def _range(start: str, end: str, zone: ZoneInfo) -> str:
    return range_words(datetime.fromisoformat(start), datetime.fromisoformat(end), zone)
