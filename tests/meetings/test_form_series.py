"""A series in the form: its rule and next dates live, and what becomes of dates that collide."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from meetings.models import Meeting
from meetings.views.live import Panel
from rooms.models import Room
from tests.factories import NOW, RoomFactory, SiteFactory, UserFactory, ana, ben, book, works

pytestmark = pytest.mark.django_db

WEEKLY = {"repeat": "weekly", "every": "1", "on": ["WE"], "ends": "after", "times": "4"}
SECOND, THIRD = "2027-03-17T10:00:00", "2027-03-24T10:00:00"


@pytest.fixture(autouse=True)
def _at_now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def organizer(client: Client) -> User:
    organizer = works(ana())
    client.force_login(organizer)
    return organizer


@pytest.fixture
def rooms() -> tuple[Room, Room]:
    """The Blue Room, taken on the second and third date, and a larger one in the same house."""
    site = SiteFactory.create()
    blue = RoomFactory.create(name="Blue Room", code="blue", capacity=8, site=site)
    green = RoomFactory.create(name="Green Room", code="green", capacity=10, site=site)
    other = ben()
    for day in ("2027-03-17", "2027-03-24"):
        book(other, f"{day} 10:30", 60, rooms=(blue,))
    book(other, "2027-03-24 10:30", 60, rooms=(green,))
    return blue, green


def fields(**more: Any) -> dict[str, Any]:
    """Wednesdays at 10:00 in Berlin, four times from 10 March 2027."""
    values = {"title": "Planning", "date": "2027-03-10", "start": "10:00", "end": "11:00"}
    return {**values, "zone": "Europe/Berlin", **WEEKLY, **more}


def panel(client: Client, **more: Any) -> Panel:
    response = client.post("/meetings/new/live/", fields(**more))
    assert response.status_code == 200
    found: Panel = response.context["panel"]
    return found


def test_the_rule_in_words_and_its_next_dates(client: Client, organizer: User) -> None:
    said = panel(client, ends="", times="").repeat
    assert said.words == "Every Wednesday at 10:00, Europe/Berlin"
    assert (said.count, said.more) == ("", True)
    assert said.dates == [
        "Wed 10 March",
        "Wed 17 March",
        "Wed 24 March",
        "Wed 31 March",
        "Wed 7 April",
    ]
    assert (said.units["weekly"], said.units["times"]) == ("week", "times")
    said = panel(client, ends="on", ends_on="2027-04-01", every="x").repeat
    assert said.units["weekly"] == "weeks"
    said = panel(client, ends="on", ends_on="2027-04-01").repeat
    assert (said.count, len(said.dates), said.more) == ("4 times", 4, False)
    assert said.monthly["nth"] == "on the second Wednesday"


def test_dates_left_out_and_added_are_in_the_next_dates(client: Client, organizer: User) -> None:
    rule = "RRULE:FREQ=WEEKLY;COUNT=3\nEXDATE:20270317T100000\nRDATE:20270318T100000"
    said = panel(client, repeat="rule", rule=rule).repeat
    assert said.count == "3 times"
    assert said.dates == ["Wed 10 March", "Thu 18 March", "Wed 24 March"]
    rule = "RRULE:FREQ=WEEKLY;COUNT=3\nEXDATE:20270318T100000\nRDATE:20270317T100000"
    said = panel(client, repeat="rule", rule=rule).repeat
    assert said.count == "3 times"  # what is no date, or one already, changes nothing
    assert said.dates == ["Wed 10 March", "Wed 17 March", "Wed 24 March"]


def test_dates_without_a_rule_are_a_series(client: Client, organizer: User) -> None:
    rule = "RDATE:20270318T100000,20270401T100000"
    found = panel(client, repeat="rule", rule=rule)
    assert (found.repeat.words, found.repeat.count) == ("On these dates", "3 times")
    assert found.plan_words == "Books 3 dates, mails nobody"
    client.post("/meetings/new/", fields(repeat="rule", rule=rule))
    meeting = Meeting.objects.get(title="Planning")
    assert meeting.is_series
    assert meeting.occurrences.count() == 3


def test_a_series_of_which_nothing_is_left_is_refused(client: Client, organizer: User) -> None:
    rule = "RRULE:FREQ=WEEKLY;COUNT=1\nEXDATE:20270310T100000"
    assert panel(client, repeat="rule", rule=rule).repeat.problem.startswith("No date is left")
    assert client.post("/meetings/new/", fields(repeat="rule", rule=rule)).status_code == 422


def test_a_series_that_began_in_another_century_is_refused(client: Client, organizer: User) -> None:
    sent = fields(date="1927-03-10", repeat="daily", ends="")
    why = "More than 5000 dates lie in the past: choose a later first date."
    assert panel(client, **sent).missing == why
    response = client.post("/meetings/new/", sent)
    assert response.status_code == 422
    assert response.context["errors"]["repeat"] == [why]


def test_the_next_dates_are_those_that_take_place(
    client: Client, organizer: User, rooms: tuple[Room, Room]
) -> None:
    decided = {f"decide-{SECOND}": "skip", f"decide-{THIRD}": "time:2027-03-25T09:00:00"}
    found = panel(client, rooms=["blue"], **decided)
    assert found.repeat.dates == ["Wed 10 March", "Thu 25 March", "Wed 31 March"]
    assert found.plan_words == "Books 3 dates, skips 1 date, mails nobody, holds Blue Room"
    yearly = panel(client, repeat="yearly", ends="")
    assert [day[-4:] for day in yearly.repeat.dates[1:]] == ["2028", "2029", "2030", "2031"]


def test_a_first_date_that_the_rule_does_not_give_is_said(client: Client, organizer: User) -> None:
    assert "Wed 10 March" in panel(client, on=["MO"]).repeat.odd
    assert panel(client, on=["MO", "WE"]).repeat.odd == ""


def test_clocks_that_change_during_a_series_are_told_of(client: Client, organizer: User) -> None:
    works(ben(timezone=ZoneInfo("America/New_York")), (5, 17))
    late = works(UserFactory.create(name="Yuki Tanaka"), days=range(2))
    found = panel(client, date="2027-03-09", on=["TU", "WE"], required=f"ben@example.com, {late}")
    assert found.remarks == [
        "It is 4:00 for Ben.",
        "From Tue 16 March on it is 5:00 for Ben: clocks change.",
    ]
    assert found.late == ["Outside working hours on 2 of 4 dates for Ben and Yuki."]


def test_a_rule_that_cannot_be_says_why_and_the_rest_goes_on(
    client: Client, organizer: User
) -> None:
    found = panel(client, every="0")
    assert found.repeat.problem.endswith(".")
    assert found.strips is not None
    assert (found.plan_words, found.button) == ("", "Create")
    response = client.post("/meetings/new/", fields(every="0"))
    assert response.status_code == 422
    assert response.context["errors"]["repeat"] == [found.repeat.problem]
    assert found.repeat.problem in response.content.decode()
    assert not Meeting.objects.exists()


def test_dates_that_collide_have_choices(
    client: Client, organizer: User, rooms: tuple[Room, Room]
) -> None:
    found = panel(client, rooms=["blue"])
    assert found.series is not None
    assert found.summary == "2 of 4 dates collide"
    assert found.plan_words.endswith("holds Blue Room on 2 of 4 dates")
    second, third = found.series.dates
    assert second.field == f"decide-{SECOND}"
    assert [f.headline for f in second.findings] == [
        "Blue Room is taken Wed 17 March, 10:30–11:30."
    ]
    assert [choice.label for choice in second.choices][:4] == [
        "Not decided",
        "Leave this date out",
        "Keep it without Blue Room",
        "Take Green Room",
    ]
    assert "At Wed 17 March, 9:30–10:30" in [choice.label for choice in second.choices]
    assert "Take Green Room" not in [choice.label for choice in third.choices]
    assert found.findings == []
    assert [(choice.room.name, choice.standing) for choice in found.rooms.choices] == [
        ("Green Room", "free on 3 of 4 dates"),
        ("Blue Room", "free on 2 of 4 dates"),
    ]


def test_another_time_for_all_of_it_moves_the_weekday_along(
    client: Client, organizer: User, rooms: tuple[Room, Room]
) -> None:
    offers = panel(client, rooms=["blue"]).times
    assert offers[0].headline == "Wed 10 March, 9:30–10:30"
    assert offers[0].why == "No date collides. In Blue Room."
    use = "date=2027-03-11&start=10%3A00&end=11%3A00&until=&rooms=blue"
    response = client.post("/meetings/new/", fields(rooms=["blue"], use=use))
    assert response.context["values"]["on"] == ["TH"]
    assert response.context["panel"].repeat.words.startswith("Every Thursday")


def test_choices_stay_and_are_done(
    client: Client, organizer: User, rooms: tuple[Room, Room]
) -> None:
    decided = {f"decide-{SECOND}": "room:green", f"decide-{THIRD}": "skip"}
    found = panel(client, rooms=["blue"], **decided)
    assert found.series is not None
    assert found.summary == ""
    chosen = [[c.label for c in date.choices if c.chosen] for date in found.series.dates]
    assert chosen == [["Take Green Room"], ["Leave this date out"]]
    # Why it had to be decided stays, and so do the other choices.
    assert [len(date.findings) for date in found.series.dates] == [1, 1]
    assert "Keep it without Blue Room" in [c.label for c in found.series.dates[0].choices]

    response = client.post("/meetings/new/", fields(rooms=["blue"], **decided))
    assert response.status_code == 302
    meeting = Meeting.objects.get(title="Planning")
    rows = {row.recurrence_id: row for row in meeting.occurrences.all()}
    assert rows[SECOND].room_ids == [rooms[1].pk]
    assert rows[THIRD].status == "skipped"


def test_another_time_for_one_date(
    client: Client, organizer: User, rooms: tuple[Room, Room]
) -> None:
    decided = {f"decide-{SECOND}": "time:2027-03-18T09:00:00", f"decide-{THIRD}": "keep"}
    response = client.post("/meetings/new/", fields(rooms=["blue"], **decided))
    assert response.status_code == 302
    meeting = Meeting.objects.get(title="Planning")
    rows = {row.recurrence_id: row for row in meeting.occurrences.all()}
    assert rows[SECOND].when.start == datetime(2027, 3, 18, 9)  # type: ignore[union-attr]
    assert rows[THIRD].status == "scheduled"


@pytest.mark.parametrize(
    "choice", ["room:nowhere", "room:", "time:soon", "time:2027-03-18T09:00:00Z", "x", "room:\x00"]
)
def test_what_cannot_be_chosen_is_asked_again(
    client: Client, organizer: User, rooms: tuple[Room, Room], choice: str
) -> None:
    assert panel(client, rooms=["blue"], **{f"decide-{SECOND}": choice}).summary == (
        "2 of 4 dates collide"
    )


def test_the_form_of_a_series_shows_its_rule(client: Client, organizer: User) -> None:
    client.post("/meetings/new/", fields())
    meeting = Meeting.objects.get(title="Planning")
    values = client.get(f"/meetings/{meeting.uid}/edit/").context["values"]
    assert {name: values[name] for name in WEEKLY} == WEEKLY


def test_whose_rule_counts_is_said_to_the_second_of_two(client: Client, organizer: User) -> None:
    client.post("/meetings/new/", fields())
    meeting = Meeting.objects.get(title="Planning")
    address = f"/meetings/{meeting.uid}/edit/"
    values = client.get(address).context["values"]
    sent = {name: value for name, value in values.items() if value is not False}
    client.post(address, sent | {"times": "6"})
    stale = client.post(address, sent | {"times": "3"})
    (field,) = stale.context["changed"]
    assert (stale.status_code, field.label, field.kept) == (409, "Repeats", True)
    assert stale.context["values"]["times"] == "3"


def test_one_date_alone_has_no_rule_to_change(client: Client, organizer: User) -> None:
    client.post("/meetings/new/", fields())
    meeting = Meeting.objects.get(title="Planning")
    address = f"/meetings/{meeting.uid}/edit/"
    assert 'name="repeat"' in client.get(address).content.decode()
    assert 'name="repeat"' not in client.get(f"{address}?date={SECOND}").content.decode()


def test_an_untouched_rule_moves_along_with_its_first_date(client: Client, organizer: User) -> None:
    client.post("/meetings/new/", fields())
    meeting = Meeting.objects.get(title="Planning")
    address = f"/meetings/{meeting.uid}/edit/"
    values = client.get(address).context["values"]
    sent = {name: value for name, value in values.items() if value is not False}
    found = client.post(f"{address}live/", sent | {"date": "2027-03-11"}).context["panel"]
    assert found.repeat.words == "Every Thursday at 10:00, 4 times, Europe/Berlin"


@pytest.mark.parametrize("times", ["4", "52"])
def test_the_panel_costs_the_same_few_queries_however_many_dates(
    client: Client,
    organizer: User,
    rooms: tuple[Room, Room],
    times: str,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    client.post("/meetings/new/live/", fields(rooms=["blue"], times=times))
    with django_assert_num_queries(45):
        client.post("/meetings/new/live/", fields(rooms=["blue"], times=times))
