"""Taking in series: what becomes of rules, exceptions and changed dates."""

import pytest
from django.db.models import Q

from accounts.models import User
from meetings import scheduler
from meetings.dates import dates_in
from meetings.models import Booking, Change, Invitation, Meeting, Occurrence
from tests.factories import NOW, RoomFactory, ana, at, ben, draft, stretch
from tests.meetings.calendars import read

pytestmark = pytest.mark.django_db

TEN = "DTSTART;TZID=Europe/Berlin:20270310T100000\nDURATION:PT1H"
SERIES = f"UID:1\nSUMMARY:Weekly\n{TEN}\nRRULE:FREQ=WEEKLY;COUNT=4"
MOVED = (
    "UID:1\nSUMMARY:Weekly\nRECURRENCE-ID;TZID=Europe/Berlin:20270317T100000\n"
    "DTSTART;TZID=Europe/Berlin:20270318T150000\nDURATION:PT2H"
)


def bring(by: User, *events: str) -> list[str]:
    reading = read(*events)
    assert reading.left_out == ()
    return [e.outcome.value for e in scheduler.take_in(reading.events, by=by, now=NOW)]


def dates() -> list[str]:
    """The starts of what takes place in two years, in Berlin."""
    zone = Meeting.objects.first().zone
    found = dates_in(list(Meeting.objects.all()), stretch("2027-01-01 00:00", "2029-01-01 00:00"))
    return [f"{o.start.astimezone(zone):%m-%d %H:%M}" for o in found]


def everything() -> list[list[tuple]]:
    models = (Meeting, Occurrence, Invitation, Change, Booking)
    return [list(model.objects.order_by("pk").values_list()) for model in models]


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (SERIES, ["03-10 10:00", "03-17 10:00", "03-24 10:00", "03-31 10:00"]),
        # an exception in UTC, as a date, and of a day that is none
        (f"{SERIES}\nEXDATE:20270317T090000Z", ["03-10 10:00", "03-24 10:00", "03-31 10:00"]),
        (f"{SERIES}\nEXDATE;VALUE=DATE:20270317", ["03-10 10:00", "03-24 10:00", "03-31 10:00"]),
        (f"{SERIES}\nEXDATE;TZID=Europe/Berlin:20270310T100000", ["03-17 10:00", "03-24 10:00",
            "03-31 10:00"]),
        (SERIES.replace("COUNT=4", "COUNT=1") + "\nRDATE;TZID=Europe/Berlin:20270401T120000",
            ["03-10 10:00", "04-01 12:00"]),
        (f"UID:1\nSUMMARY:A\n{TEN}\nRDATE;TZID=Europe/Berlin:20270320T083000",
            ["03-10 10:00", "03-20 08:30"]),
        # a first date that its rule does not give is kept, and counts
        (SERIES.replace("COUNT=4", "COUNT=3;BYDAY=MO"),
            ["03-10 10:00", "03-15 10:00", "03-22 10:00"]),
    ],
)  # fmt: skip
def test_dates(event: str, expected: list[str]):
    organizer = ana()
    assert bring(organizer, event) == ["new"]
    assert dates() == expected
    before = everything()
    assert bring(organizer, event) == ["unchanged"]
    assert everything() == before


def test_a_moved_date_keeps_what_it_has_of_its_own_and_can_go_back():
    organizer = ana()
    moved = MOVED.replace("Weekly", "Kick-off") + "\nLOCATION:Attic"
    assert bring(organizer, SERIES, moved) == ["new"]
    row = Occurrence.objects.get(recurrence_id="2027-03-17T10:00:00")
    assert row.stretch == stretch("2027-03-18 15:00", "2027-03-18 17:00")
    assert (row.title, row.location, row.description) == ("Kick-off", "Attic", None)
    before = everything()
    assert bring(organizer, SERIES, moved) == ["unchanged"]
    assert everything() == before
    assert bring(organizer, SERIES) == ["changed"]
    assert dates() == ["03-10 10:00", "03-17 10:00", "03-24 10:00", "03-31 10:00"]
    assert not Occurrence.objects.filter(~Q(title=None)).exists()


def test_a_date_cancelled_by_itself():
    bring(ana(), SERIES, f"{MOVED}\nSTATUS:CANCELLED")
    assert dates() == ["03-10 10:00", "03-24 10:00", "03-31 10:00"]


def test_an_answer_for_one_date():
    organizer = ana()
    ben()
    yes = "\nATTENDEE;PARTSTAT=ACCEPTED:mailto:ben@example.com"
    no = (
        "\nATTENDEE;PARTSTAT=DECLINED:mailto:ben@example.com\nATTENDEE:mailto:eve@elsewhere.example"
    )
    events = (SERIES + yes, MOVED + no)
    bring(organizer, *events)
    own = Invitation.objects.exclude(recurrence_id="")
    assert {(i.address, i.status, i.recurrence_id) for i in own} == {
        ("ben@example.com", "declined", "2027-03-17T10:00:00"),
        ("eve@elsewhere.example", "needs-action", "2027-03-17T10:00:00"),
    }
    assert {i.span.lower for i in own} == {at("2027-03-18 15:00")}
    before = everything()
    assert bring(organizer, *events) == ["unchanged"]
    assert everything() == before
    bring(organizer, SERIES + yes, MOVED + yes)
    assert not own.all().exists()


def test_invitations_reach_from_the_first_to_the_last_date_and_on_if_it_has_no_end():
    organizer = ana()
    bring(organizer, SERIES)
    span = Invitation.objects.get().span
    assert (span.lower, span.upper) == (at("2027-03-10 10:00"), at("2027-03-31 11:00"))
    bring(organizer, SERIES.replace(";COUNT=4", ""))
    assert Invitation.objects.get().span.upper is None
    assert Meeting.objects.get().indexed_until is not None


def test_dates_whose_series_is_missing_are_kept_and_become_it_later():
    organizer = ana()
    other = MOVED.replace("0317T10", "0331T10").replace("0318T15", "0402T15")
    assert bring(organizer, other, MOVED) == ["new"]
    assert dates() == ["03-18 15:00", "04-02 15:00"]
    before = everything()
    assert bring(organizer, other, MOVED) == ["unchanged"]
    assert everything() == before
    assert bring(organizer, SERIES, MOVED, other) == ["changed"]
    assert Meeting.objects.get().rrule == "FREQ=WEEKLY;COUNT=4"
    assert dates() == ["03-10 10:00", "03-18 15:00", "03-24 10:00", "04-02 15:00"]


def test_changed_dates_alone_are_applied_to_the_series_that_is_here():
    organizer = ana()
    bring(organizer, SERIES)
    in_utc = MOVED.replace(";TZID=Europe/Berlin:20270317T100000", ":20270317T090000Z")
    assert bring(organizer, in_utc) == ["changed"]
    assert Meeting.objects.get().rrule == "FREQ=WEEKLY;COUNT=4"
    assert dates() == ["03-10 10:00", "03-18 15:00", "03-24 10:00", "03-31 10:00"]
    assert bring(organizer, in_utc) == ["unchanged"]


def test_single_becomes_series_and_single_again():
    organizer = ana()
    single = f"UID:1\nSUMMARY:Weekly\n{TEN}"
    bring(organizer, single)
    assert bring(organizer, SERIES) == ["changed"]
    assert Meeting.objects.get().changes.last().fields["rrule"] == ["", "FREQ=WEEKLY;COUNT=4"]
    assert bring(organizer, single) == ["changed"]
    assert dates() == ["03-10 10:00"]
    assert Occurrence.objects.count() == 1


def test_a_series_called_off_and_back():
    organizer = ana()
    bring(organizer, SERIES, MOVED)
    assert bring(organizer, f"{SERIES}\nSTATUS:CANCELLED", MOVED) == ["cancelled"]
    assert Meeting.objects.get().cancelled
    assert dates() == []
    assert bring(organizer, f"{SERIES}\nSTATUS:CANCELLED", MOVED) == ["unchanged"]
    assert bring(organizer, SERIES, MOVED) == ["changed"]
    assert dates() == ["03-10 10:00", "03-18 15:00", "03-24 10:00", "03-31 10:00"]


def test_a_rule_that_cannot_be_is_left_out_with_the_reason():
    events = read(SERIES.replace("WEEKLY", "HOURLY")).events
    (entry,) = scheduler.plan_take_in(events, by=ana())
    assert (entry.outcome, entry.meeting) == ("left out", None)
    assert entry.reason.endswith(".")


def test_dates_that_hold_rooms_are_not_moved():
    organizer = ana()
    bring(organizer, f"UID:1\nSUMMARY:Weekly\n{TEN}")
    wanted = draft("2027-03-10 10:00", title="Weekly", rooms=(RoomFactory.create(),))
    scheduler.edit(Meeting.objects.get(), wanted, by=organizer, now=NOW, version=1)
    newer = SERIES + "\nSEQUENCE:9"
    (entry,) = scheduler.plan_take_in(read(newer).events, by=organizer)
    assert entry.reason == "It has another time here, and holds rooms. Move it here."
