"""Zones and clocks from booking to reading: everybody sees the right time, on every day.

The expected times are written by hand from the zones' rules.
"""

import time
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.test import Client
from psycopg.types.range import TimestamptzRange

from accounts.models import User
from meetings import scheduler
from meetings.conflicts import Asked, Proposal, find_conflicts
from meetings.dates import dates_in
from meetings.drafts import Attendee
from meetings.intervals import Stretch
from meetings.models import Booking, Change, Invitation, Meeting, Occurrence
from meetings.occurrences import calendar_of
from meetings.problems import OverlapsItself, PersonBusy
from meetings.scheduler import Scope, Skip
from meetings.scheduler.clocks import apply_zone_rules
from meetings.scheduler.indexing import check
from meetings.views.blocks import items_of
from notifications.announcing import announce
from notifications.delivery import send_due
from notifications.reminders import remind
from rooms.models import Room
from tests.factories import (
    NOW,
    RoomFactory,
    SiteFactory,
    UserFactory,
    ana,
    answer,
    at,
    ben,
    book,
    cy,
    days,
    draft,
    timed,
)

pytestmark = pytest.mark.django_db

UTC = ZoneInfo("UTC")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def seen_by(person: User, first: str, last: str) -> list[str]:
    """What the person's calendar says of the time of each date, as the week's page has it."""
    within = Stretch(at(f"{first} 00:00", person.zone), at(f"{last} 00:00", person.zone) + DAY)
    items = items_of(calendar_of(person, within), person, date.fromisoformat(first))
    return [item.value.when for item in items]


def starts(meeting: Meeting) -> list[str]:
    """The instants at which the dates start that take place, in UTC."""
    rows = Occurrence.objects.live().filter(meeting=meeting).order_by("recurrence_id")
    return [f"{row.start:%m-%d %H:%M}" for row in rows]


def room_in(zone: str) -> Room:
    return RoomFactory.create(site=SiteFactory.create(timezone=ZoneInfo(zone)))


# Weekly at 15:00 in Berlin, whose clocks change on 28 March: before, after, and a week later, when
# those of the southern half have changed as well (4 April).
EVERYWHERE = {
    "Europe/Berlin": ("Wed 24 March, 15:00", "Wed 31 March, 15:00", "Wed 7 April, 15:00"),
    "Europe/London": ("Wed 24 March, 14:00", "Wed 31 March, 14:00", "Wed 7 April, 14:00"),
    "Europe/Dublin": ("Wed 24 March, 14:00", "Wed 31 March, 14:00", "Wed 7 April, 14:00"),
    "Atlantic/Azores": ("Wed 24 March, 13:00", "Wed 31 March, 13:00", "Wed 7 April, 13:00"),
    "Africa/Casablanca": ("Wed 24 March, 14:00", "Wed 31 March, 13:00", "Wed 7 April, 13:00"),
    "Africa/Cairo": ("Wed 24 March, 16:00", "Wed 31 March, 15:00", "Wed 7 April, 15:00"),
    "Asia/Beirut": ("Wed 24 March, 16:00", "Wed 31 March, 16:00", "Wed 7 April, 16:00"),
    "Asia/Tehran": ("Wed 24 March, 17:30", "Wed 31 March, 16:30", "Wed 7 April, 16:30"),
    "Asia/Kolkata": ("Wed 24 March, 19:30", "Wed 31 March, 18:30", "Wed 7 April, 18:30"),
    "Asia/Kathmandu": ("Wed 24 March, 19:45", "Wed 31 March, 18:45", "Wed 7 April, 18:45"),
    "Asia/Tokyo": ("Wed 24 March, 23:00", "Wed 31 March, 22:00", "Wed 7 April, 22:00"),
    "Australia/Adelaide": ("Thu 25 March, 0:30", "Wed 31 March, 23:30", "Wed 7 April, 22:30"),
    "Australia/Lord_Howe": ("Thu 25 March, 1:00", "Thu 1 April, 0:00", "Wed 7 April, 23:30"),
    "Pacific/Auckland": ("Thu 25 March, 3:00", "Thu 1 April, 2:00", "Thu 8 April, 1:00"),
    "Pacific/Chatham": ("Thu 25 March, 3:45", "Thu 1 April, 2:45", "Thu 8 April, 1:45"),
    "Pacific/Kiritimati": ("Thu 25 March, 4:00", "Thu 1 April, 3:00", "Thu 8 April, 3:00"),
    "Pacific/Honolulu": ("Wed 24 March, 4:00", "Wed 31 March, 3:00", "Wed 7 April, 3:00"),
    "America/Los_Angeles": ("Wed 24 March, 7:00", "Wed 31 March, 6:00", "Wed 7 April, 6:00"),
    "America/New_York": ("Wed 24 March, 10:00", "Wed 31 March, 9:00", "Wed 7 April, 9:00"),
    "America/Havana": ("Wed 24 March, 10:00", "Wed 31 March, 9:00", "Wed 7 April, 9:00"),
    "America/St_Johns": ("Wed 24 March, 11:30", "Wed 31 March, 10:30", "Wed 7 April, 10:30"),
    "America/Santiago": ("Wed 24 March, 11:00", "Wed 31 March, 10:00", "Wed 7 April, 9:00"),
}


def test_people_everywhere_see_their_own_time() -> None:
    people = {zone: UserFactory.create(timezone=ZoneInfo(zone)) for zone in EVERYWHERE}
    meeting = book(
        ana(timezone=ZoneInfo("Asia/Tokyo")), "2027-03-24 15:00", 60, *people.values(),
        rrule="FREQ=WEEKLY;COUNT=3",
    )  # fmt: skip
    assert starts(meeting) == ["03-24 14:00", "03-31 13:00", "04-07 13:00"]
    seen = {zone: seen_by(person, "2027-03-22", "2027-04-09") for zone, person in people.items()}
    begin = {zone: [words.partition("–")[0].strip() for words in seen[zone]] for zone in people}
    assert begin == {zone: list(expected) for zone, expected in EVERYWHERE.items()}


# Changes of the clocks, zone by zone --------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "first", "rrule", "expected", "seen"),
    [
        pytest.param(
            "America/Santiago", "2027-09-04 00:00", "FREQ=DAILY;COUNT=3",
            ["09-04 04:00", "09-05 04:00", "09-06 03:00"],
            ["Sat 4 September, 0:00–1:00", "Sun 5 September, 1:00–2:00",
             "Mon 6 September, 0:00–1:00"],
            id="Santiago: no midnight",
        ),
        pytest.param(
            "Asia/Beirut", "2027-03-27 00:30", "FREQ=DAILY;COUNT=3",
            ["03-26 22:30", "03-27 22:30", "03-28 21:30"],
            ["Sat 27 March, 0:30–1:30", "Sun 28 March, 1:30–2:30", "Mon 29 March, 0:30–1:30"],
            id="Beirut: no first half hour",
        ),
        pytest.param(
            "America/Havana", "2028-03-11 00:15", "FREQ=DAILY;COUNT=3",
            ["03-11 05:15", "03-12 05:15", "03-13 04:15"],
            ["Sat 11 March, 0:15–1:15", "Sun 12 March, 1:15–2:15", "Mon 13 March, 0:15–1:15"],
            id="Havana: no midnight",
        ),
        pytest.param(
            "America/Havana", "2027-11-06 00:30", "FREQ=DAILY;COUNT=3",
            ["11-06 04:30", "11-07 04:30", "11-08 05:30"],
            [
                "Sat 6 November, 0:30–1:30",
                "Sun 7 November, 0:30 CDT – 0:30 CST",
                "Mon 8 November, 0:30–1:30",
            ],
            id="Havana: the hour after midnight twice",
        ),
        pytest.param(
            "Australia/Lord_Howe", "2027-10-02 02:15", "FREQ=DAILY;COUNT=3",
            ["10-01 15:45", "10-02 15:45", "10-03 15:15"],
            ["Sat 2 October, 2:15–3:15", "Sun 3 October, 2:45–3:45", "Mon 4 October, 2:15–3:15"],
            id="Lord Howe: half an hour missing",
        ),
        pytest.param(
            "Europe/Dublin", "2027-10-30 01:30", "FREQ=DAILY;COUNT=3",
            ["10-30 00:30", "10-31 00:30", "11-01 01:30"],
            [
                "Sat 30 October, 1:30–2:30",
                "Sun 31 October, 1:30 IST – 1:30 GMT",
                "Mon 1 November, 1:30–2:30",
            ],
            id="Dublin: winter is the negative one",
        ),
        pytest.param(
            "Europe/Berlin", "2027-03-21 02:30", "FREQ=WEEKLY;COUNT=3",
            ["03-21 01:30", "03-28 01:30", "04-04 00:30"],
            ["Sun 21 March, 2:30–3:30", "Sun 28 March, 3:30–4:30", "Sun 4 April, 2:30–3:30"],
            id="Berlin: a time that does not exist",
        ),
        pytest.param(
            "Africa/Casablanca", "2026-02-09 09:00", "FREQ=WEEKLY;COUNT=7",
            ["02-09 08:00", "02-16 09:00", "02-23 09:00", "03-02 09:00", "03-09 09:00",
             "03-16 09:00", "03-23 08:00"],
            ["Mon 9 February, 9:00–10:00", "Mon 16 February, 9:00–10:00",
             "Mon 23 February, 9:00–10:00", "Mon 2 March, 9:00–10:00", "Mon 9 March, 9:00–10:00",
             "Mon 16 March, 9:00–10:00", "Mon 23 March, 9:00–10:00"],
            id="Casablanca: an hour less in Ramadan",
        ),
    ],
)  # fmt: skip
def test_a_series_over_a_change(
    zone: str, first: str, rrule: str, expected: list[str], seen: list[str]
) -> None:
    """The instants, what is seen, the room's bookings; and an edit of the title moves nothing."""
    organizer, room, now = ana(timezone=ZoneInfo(zone)), room_in(zone), min(NOW, at(first) - DAY)
    meeting = book(organizer, first, 60, zone=ZoneInfo(zone), rrule=rrule, rooms=(room,), now=now)
    year = timedelta(days=365)
    last = (datetime.fromisoformat(first) + year).date().isoformat()
    assert starts(meeting) == expected
    assert seen_by(organizer, first[:10], last) == seen
    bookings = Booking.objects.unreleased().order_by("during")
    assert [f"{b.stretch.start:%m-%d %H:%M}" for b in bookings] == expected
    assert {b.stretch.length for b in bookings} == {HOUR}
    names = list(
        meeting.occurrences.order_by("recurrence_id").values_list("recurrence_id", flat=True)
    )
    assert {name[11:16] for name in names} == {first[11:]}
    for scope in Scope:  # each date as it is, taken as the start of an edit
        meeting = Meeting.objects.get(pk=meeting.pk)
        which = names[1]
        wanted = scheduler.draft_of(meeting, scope=scope, recurrence_id=which)
        wanted = replace(wanted, title=f"Renamed {scope}")
        plan = scheduler.plan_edit(
            meeting, wanted, by=organizer, now=now, scope=scope, recurrence_id=which
        )
        assert not any(planned.moves for planned in plan.dates)
        assert set(plan.fields) == {"title"}
    assert check(meeting, now=now) == []


@pytest.mark.parametrize(
    ("zone", "now", "first", "twice", "expected"),
    [
        pytest.param(
            "Pacific/Apia", "2011-12-01", "2011-12-28 10:00", "2011-12-31T10:00:00",
            ["12-28 20:00", "12-29 20:00", "12-30 20:00", "12-30 20:00", "12-31 20:00"],
            id="Apia without 30 December 2011",
        ),
        pytest.param(
            "Pacific/Kwajalein", "1993-08-01", "1993-08-19 10:00", "1993-08-22T10:00:00",
            ["08-19 22:00", "08-20 22:00", "08-21 22:00", "08-21 22:00", "08-22 22:00"],
            id="Kwajalein without 21 August 1993",
        ),
    ],
)  # fmt: skip
def test_a_daily_series_over_a_date_that_is_missing(
    zone: str, now: str, first: str, twice: str, expected: list[str]
) -> None:
    """The missing date falls on the next one: a room is not booked twice, and that is said."""
    then = at(f"{now} 00:00", UTC)
    organizer, room = ana(timezone=ZoneInfo(zone)), room_in(zone)
    wanted = draft(first, 60, zone=ZoneInfo(zone), rrule="FREQ=DAILY;COUNT=5")
    meeting = scheduler.schedule(wanted, by=organizer, now=then, policy="allow").meeting
    assert starts(meeting) == expected
    wanted = replace(wanted, room_ids=(room.pk,))
    with pytest.raises(scheduler.Conflicted) as refusal:
        scheduler.schedule(wanted, by=organizer, now=then, policy="allow")
    clashes = {
        name
        for name, problems in refusal.value.plan.colliding.items()
        if any(isinstance(problem, OverlapsItself) for problem in problems)
    }
    assert clashes == {twice}
    done = scheduler.schedule(
        wanted, by=organizer, now=then, policy="allow", decisions={twice: Skip()}
    )
    assert starts(done.meeting) == [*expected[:3], expected[4]]
    assert Booking.objects.unreleased().count() == 4


@pytest.mark.parametrize(
    ("zone", "now", "first", "lengths"),
    [
        ("America/Santiago", "2027-03-01", "2027-09-04", [24, 23, 24]),
        ("Asia/Beirut", "2027-03-01", "2027-03-27", [24, 23, 24]),
        ("America/Havana", "2027-03-01", "2027-11-06", [24, 25, 24]),
        ("Australia/Lord_Howe", "2027-03-01", "2027-10-02", [24, 23.5, 24]),
        ("Pacific/Apia", "2011-12-01", "2011-12-29", [24, 24]),
    ],
)
def test_whole_days_in_a_room_follow_each_other(
    zone: str, now: str, first: str, lengths: list[float]
) -> None:
    """Also where a day has no midnight or is longer; one that there never was takes no room."""
    room, then = room_in(zone), at(f"{now} 00:00", UTC)
    wanted = draft(when=days(first), rrule="FREQ=DAILY;COUNT=3", rooms=(room,))
    wanted = replace(wanted, zone=ZoneInfo(zone))
    done = scheduler.schedule(wanted, by=ana(timezone=ZoneInfo(zone)), now=then, policy="allow")
    held = [b.stretch for b in Booking.objects.unreleased().order_by("during")]
    assert [stretch.length / HOUR for stretch in held] == lengths
    assert all(one.end == two.start for one, two in pairwise(held))
    assert held[0].start == at(f"{first} 00:00", ZoneInfo(zone))
    assert done.meeting.occurrences.live().count() == 3


def test_over_a_change_a_meeting_lasts_as_long_as_was_said() -> None:
    organizer, room = ana(), RoomFactory.create()
    spring = book(organizer, "2027-03-28 01:30", 120, rooms=(room,))
    autumn = book(organizer, "2027-10-31 01:30", 120, rooms=(room,))
    assert [b.stretch.length for b in Booking.objects.unreleased()] == [2 * HOUR, 2 * HOUR]
    assert seen_by(organizer, "2027-03-28", "2027-03-28") == ["Sun 28 March, 1:30 CET – 4:30 CEST"]
    assert seen_by(organizer, "2027-10-31", "2027-10-31") == [
        "Sun 31 October, 1:30 CEST – 2:30 CET"
    ]
    assert starts(spring) + starts(autumn) == ["03-28 00:30", "10-30 23:30"]


# A person's zone ----------------------------------------------------------------------------------


def everything() -> dict[str, list[Any]]:
    tables = (Meeting, Occurrence, Invitation, Booking, Change)
    return {table.__name__: list(table.objects.order_by("pk").values_list()) for table in tables}


def rounds(now: datetime) -> list[tuple[str, str]]:
    """All that a worker does at `now`: to whom it writes, and the subjects."""
    before, going = len(mail.outbox), True
    while going:
        announced = announce(now)
        sent = send_due(now, until=time.monotonic() + 60)
        going = any([announced, sent, remind(now)])
    return [(message.to[0], message.subject) for message in mail.outbox[before:]]


def test_a_persons_zone_changes_what_she_sees_and_nothing_else(client: Client) -> None:
    organizer, invited = ana(), ben()
    rounds(NOW)
    book(
        organizer, "2027-03-24 15:00", 60, invited, rooms=(RoomFactory.create(),),
        rrule="FREQ=WEEKLY;COUNT=3", reminders=(60,),
    )  # fmt: skip
    rounds(NOW)
    before = everything()
    week = ("2027-03-22", "2027-04-09")
    theirs = seen_by(organizer, *week)
    for person in (invited, organizer):
        with time_machine.travel(NOW, tick=False):
            client.force_login(person)
            profile = {"name": person.name, "timezone": "America/New_York", "theme": "dark"}
            client.post("/settings/profile/", profile)
        person.refresh_from_db()
        assert person.zone.key == "America/New_York"
        assert seen_by(person, *week) == [
            "Wed 24 March, 10:00–11:00", "Wed 31 March, 9:00–10:00", "Wed 7 April, 9:00–10:00",
        ]  # fmt: skip
        if person == invited:
            assert seen_by(organizer, *week) == theirs
    assert everything() == before
    assert rounds(NOW + HOUR) == []
    for day in ("2027-03-24", "2027-03-31", "2027-04-07"):  # an hour before, as ever
        due = at(f"{day} 14:00")
        assert rounds(due - timedelta(minutes=1)) == []
        reminded = rounds(due + timedelta(seconds=1))
        assert {address.rpartition("<")[2].strip(">") for address, _subject in reminded} == {
            "ana@example.com",
            "ben@example.com",
        }
        assert rounds(due + timedelta(minutes=5)) == []


# Whole days, at both ends of the world ------------------------------------------------------------


def test_whole_days_are_the_same_dates_for_everybody() -> None:
    """And take their own midnight to midnight of each person."""
    first, last = UserFactory.create(timezone="Pacific/Kiritimati"), cy(timezone="Pacific/Honolulu")
    meeting = book(
        ana(), "", 0, first, last, when=days("2027-03-27", 2), rrule="FREQ=WEEKLY;COUNT=3",
        zone=ZoneInfo("Europe/Berlin"),
    )  # fmt: skip
    words = ["Sat 27 – Sun 28 March", "Sat 3 – Sun 4 April", "Sat 10 – Sun 11 April"]
    for person in (meeting.organizer, first, last):
        assert seen_by(person, "2027-03-22", "2027-04-14") == words
        assert seen_by(person, "2027-03-28", "2027-03-28") == words[:1]
        assert seen_by(person, "2027-03-29", "2027-04-02") == []
    for person in (first, last):
        inside = [timed(t, 1, person.zone) for t in ("2027-03-27 00:00", "2027-04-04 23:59")]
        outside = [timed(t, 60, person.zone) for t in ("2027-03-26 23:00", "2027-03-29 00:00")]
        asked = Proposal(tuple(inside + outside), (Asked(person),), (), seats=1)
        found = find_conflicts(asked, now=NOW)
        assert [(type(p), p.date) for p in found] == [
            (PersonBusy, when.recurrence_id()) for when in inside
        ]


# New rules of a zone ------------------------------------------------------------------------------


def by_other_rules() -> None:
    """As if all after 28 March had been indexed by rules that were an hour off."""
    for row in Occurrence.objects.filter(during__startswith__gt=at("2027-03-28 12:00")):
        row.during = TimestamptzRange(row.start + HOUR, row.end + HOUR, "[)")
        row.save()


def test_new_rules_are_told_to_those_concerned_once() -> None:
    """Of a date that moved: whoever is on it; of one before, or taken off it, nobody."""
    organizer, on_all, on_one = ana(), ben(), cy()
    dee, eve = (UserFactory.create(email=f"{name}@example.com") for name in ("dee", "eve"))
    meeting = book(organizer, "2027-03-24 10:00", 60, on_all, dee, rrule="FREQ=WEEKLY;COUNT=2")
    earlier = book(organizer, "2027-03-23 10:00", 60, eve, rrule="FREQ=DAILY;COUNT=3")

    def people(day: str, *asked: User) -> None:
        which, found = f"{day}T10:00:00", Meeting.objects.get(pk=meeting.pk)
        wanted = scheduler.draft_of(found, scope=Scope.THIS, recurrence_id=which)
        wanted = replace(wanted, attendees=tuple(Attendee(person.email) for person in asked))
        scheduler.edit(
            found, wanted, by=organizer, now=NOW, version=found.version, policy="allow",
            scope=Scope.THIS, recurrence_id=which,
        )  # fmt: skip

    people("2027-03-24", on_all, dee, on_one)
    people("2027-03-31", on_all, eve)
    answer(meeting, on_all, "accepted")
    rounds(NOW)
    before = everything()
    by_other_rules()
    (change,) = apply_zone_rules(now=NOW)
    assert (change.meeting, change.dates) == (meeting, ["2027-03-31T10:00:00"])
    told = rounds(NOW)
    assert sorted(address.rpartition("<")[2].strip(">") for address, _subject in told) == [
        "ana@example.com",
        "ben@example.com",
        "eve@example.com",
    ]
    after = everything()
    assert apply_zone_rules(now=NOW) == []
    assert rounds(NOW + HOUR) == []
    assert everything() == after
    assert {k: v for k, v in after.items() if k in ("Meeting", "Occurrence", "Booking")} == {
        k: v for k, v in before.items() if k in ("Meeting", "Occurrence", "Booking")
    }
    assert meeting.invitations.get(user=on_all).status == "accepted"
    within = Stretch(at("2027-03-01 00:00"), at("2027-05-01 00:00"))
    assert [f"{r.start:%m-%d %H:%M}" for r in dates_in([meeting, earlier], within)] == [
        "03-23 09:00", "03-24 09:00", "03-24 09:00", "03-25 09:00", "03-31 08:00",
    ]  # fmt: skip
