"""What each conflict policy lets through, and how the form follows the installation's."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
import time_machine
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.models import User
from meetings import scheduler
from meetings.models import Installation, Meeting
from meetings.scheduler import Conflicted, Scope, draft_of, plan_edit, plan_schedule
from meetings.slots import Alternative, SeriesAlternative
from rooms.models import Room
from tests.factories import NOW, RoomFactory, ana, ben, book, cy, draft, rae, timed
from tests.meetings.test_form_pages import NEW, said, typed
from tests.meetings.test_override import allowed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.mark.parametrize(
    ("policy", "collides", "shown", "booked"),
    [
        ("reject", "nothing", False, True),
        ("reject", "person", False, False),
        ("reject", "person", True, False),
        ("reject", "room", True, False),
        ("propose", "nothing", False, True),
        ("propose", "person", True, False),
        ("propose", "room", True, False),
        ("ask", "nothing", False, True),
        ("ask", "person", False, False),
        ("ask", "person", True, True),
        ("ask", "room", True, False),
        ("allow", "nothing", False, True),
        ("allow", "person", False, True),
        ("allow", "person", True, True),
        ("allow", "room", False, False),
    ],
)
def test_what_each_policy_lets_through(
    policy: str, collides: str, *, shown: bool, booked: bool
) -> None:
    organizer, invited, room = ana(), ben(), RoomFactory.create()
    if collides != "nothing":
        others = {"rooms": (room,)} if collides == "room" else {}
        book(cy(), "2027-03-10 10:00", 60, invited, **others)
    wanted = draft("2027-03-10 10:00", 60, invited, rooms=(room,) if collides == "room" else ())
    seen = plan_schedule(wanted, by=organizer, now=NOW).fingerprint if shown else None
    with suppress(Conflicted):
        scheduler.schedule(wanted, by=organizer, now=NOW, policy=policy, seen=seen)
    assert Meeting.objects.filter(organizer=organizer).exists() == booked


def proposed(wanted: Any, organizer: User) -> tuple[Alternative | SeriesAlternative, ...]:
    """What the refusal of `propose` offers."""
    with pytest.raises(Conflicted) as refused:
        scheduler.schedule(wanted, by=organizer, now=NOW, policy="propose")
    return refused.value.alternatives


class Calendars(TestCase):
    """Over random calendars of a person and two rooms."""

    @settings(max_examples=15, deadline=None)
    @given(
        st.lists(
            st.tuples(st.integers(0, 40), st.integers(1, 8), st.booleans(), st.integers(0, 2)),
            max_size=8,
        )
    )
    def test_each_time_that_is_proposed_books_without_a_conflict(
        self, others: list[tuple[int, int, bool, int]]
    ) -> None:
        with time_machine.travel(NOW, tick=False):
            organizer, invited = ana(), ben()
            blue = RoomFactory.create()
            rooms = (blue, RoomFactory.create(site=blue.site))
            book(cy(), "2027-03-10 10:00", 60, invited, rooms=(blue,))
            for quarter, length, busy, room in others:
                start = f"2027-03-10 {8 + quarter // 4:02}:{15 * (quarter % 4):02}"
                try:
                    book(
                        User.objects.get(email="cy@example.com"),
                        start,
                        15 * length,
                        *([invited] if busy else []),
                        rooms=rooms[room : room + 1],
                    )
                except Conflicted:
                    continue
            wanted = draft("2027-03-10 10:00", 60, invited, rooms=(blue,))
            found = proposed(wanted, organizer)
            assert found
            for other in found:
                again = draft("", 60, invited, rooms=other.rooms, when=other.when)
                plan = plan_schedule(again, by=organizer, now=NOW)
                assert not plan.refused
                assert not plan.warned

    @settings(max_examples=15, deadline=None)
    @given(
        st.lists(
            st.tuples(st.integers(0, 2), st.integers(0, 32), st.integers(1, 24), st.integers(0, 2)),
            max_size=10,
        ),
        st.sampled_from(["FREQ=WEEKLY;BYDAY=WE;COUNT=3", "FREQ=MONTHLY;BYDAY=2WE;COUNT=3"]),
    )
    def test_each_time_for_a_series_collides_as_little_as_it_says(
        self, others: list[tuple[int, int, int, int]], rrule: str
    ) -> None:
        with time_machine.travel(NOW, tick=False):
            organizer, invited, stranger = ana(), ben(), cy()
            blue = RoomFactory.create(buffer_after=10)
            rooms = (blue, RoomFactory.create(site=blue.site))
            book(stranger, "2027-03-10 10:00", 60, invited, rooms=(blue,))
            days = ("2027-03-10", "2027-03-17", "2027-04-14")  # the clocks change between
            for day, quarter, length, who in others:
                start = f"{days[day]} {8 + quarter // 4:02}:{15 * (quarter % 4):02}"
                busy, taken = ([invited], ()) if who == 2 else ([], rooms[who : who + 1])
                with suppress(Conflicted):
                    book(stranger, start, 15 * length, *busy, rooms=taken)
            wanted = draft("2027-03-10 10:00", 60, invited, rooms=(blue,), rrule=rrule)
            asked = len(plan_schedule(wanted, by=organizer, now=NOW).colliding)
            for other in proposed(wanted, organizer):
                assert isinstance(other, SeriesAlternative)
                ids = tuple(room.pk for room in other.rooms)
                again = replace(wanted, when=other.when, room_ids=ids)
                plan = plan_schedule(again, by=organizer, now=NOW)
                assert len(plan.colliding) == other.colliding < asked
                if not other.colliding:
                    done = scheduler.schedule(again, by=organizer, now=NOW)
                    scheduler.cancel(done.meeting, by=organizer, now=NOW)


def test_the_rest_of_a_series_and_one_date_of_it_have_other_times() -> None:
    organizer, invited = ana(), ben()
    weekly = book(organizer, "2027-03-10 10:00", 60, invited, rrule="FREQ=WEEKLY;COUNT=4")
    book(cy(), "2027-03-17 14:00", 60, invited)
    for scope, first in ((Scope.FOLLOWING, "2027-03-17"), (Scope.THIS, "2027-03-17")):
        reach = {"scope": scope, "recurrence_id": f"{first}T10:00:00"}
        wanted = replace(draft_of(weekly, **reach), when=timed(f"{first} 14:00"))
        with pytest.raises(Conflicted) as refused:
            scheduler.edit(
                weekly, wanted, by=organizer, now=NOW, version=1, policy="propose", **reach
            )
        other = replace(wanted, when=refused.value.alternatives[0].when)
        assert other.when.day == wanted.when.day
        assert not plan_edit(weekly, other, by=organizer, now=NOW, **reach).warned


def chosen(policy: str) -> None:
    """The administrator has chosen it."""
    Installation(on_conflict=policy).save()


@pytest.mark.parametrize(
    ("policy", "button", "said", "first", "second"),
    [
        ("ask", "Save anyway and invite 1", "or save anyway", 409, 302),
        ("override", "Save anyway and invite 1", "or save anyway", 409, 302),
        ("reject", "Create and invite 1", "Nothing is booked while something collides", 409, 409),
        ("propose", "Create and invite 1", "Free instead: Wed 10 March, 9:00–10:00", 409, 409),
        ("allow", "Create and invite 1", "", 302, 302),
    ],
)
def test_the_form_follows_the_installation(
    client: Client, policy: str, button: str, said: str, first: int, second: int
) -> None:
    chosen(policy)
    organizer, invited = ana(), ben()
    client.force_login(organizer)
    book(cy(), "2027-03-10 10:00", 60, invited)
    values = typed(required=invited.email)
    looked = client.post(NEW, values | {"look": "1"})
    assert button in looked.content.decode()
    assert ('name="seen"' in looked.content.decode()) == (second == 302 and first == 409)
    seen = looked.context["panel"].plan.fingerprint
    response = client.post(NEW, values)
    assert response.status_code == first
    assert said in response.content.decode()
    again = values | ({"seen": seen} if first == 409 else {})
    assert client.post(NEW, again).status_code == second


@pytest.mark.parametrize(
    ("default", "chosen_", "status"),
    [("reject", "allow", 302), ("allow", "reject", 409), ("ask", "propose", 409), ("ask", "", 409)],
)
def test_the_form_can_choose_another(
    client: Client, default: str, chosen_: str, status: int
) -> None:
    chosen(default)
    organizer, invited = ana(), ben()
    client.force_login(organizer)
    book(cy(), "2027-03-10 10:00", 60, invited)
    values = typed(required=invited.email, on_conflict=chosen_)
    live = client.post("/meetings/new/live/", values)
    assert ("Save anyway" in live.content.decode()) == (chosen_ == "")
    response = client.post(NEW, values)
    assert response.status_code == status
    if status == 409:
        kept = chosen_ or default
        assert f'<option value="{kept}" selected>' in response.content.decode()


def test_the_administrator_chooses_it_and_nobody_adds_another(client: Client) -> None:
    client.force_login(rae())
    page = client.get("/admin/meetings/installation/", follow=True)
    assert page.redirect_chain[-1][0] == "/admin/meetings/installation/1/change/"
    assert page.context["adminform"].form.initial["on_conflict"] == "ask"
    response = client.post(
        "/admin/meetings/installation/1/change/", {"on_conflict": "reject"}, follow=True
    )
    assert response.status_code == 200
    assert Installation.current().on_conflict == "reject"
    assert Installation.objects.count() == 1
    assert client.get("/admin/meetings/installation/add/").status_code == 403
    assert client.get("/admin/meetings/installation/2/change/").status_code == 302


@pytest.fixture
def taker(client: Client) -> User:
    """Cy, who may take rooms, is signed in; Ana has the only room that seats nine."""
    blue = RoomFactory.create(name="Blue Room", code="blue", capacity=9)
    RoomFactory.create(name="Green Room", code="green", site=blue.site, capacity=4)
    book(ana(), "2027-03-10 10:00", 60, rooms=(blue,), title="Sync")
    user = allowed(cy())
    client.force_login(user)
    return user


TAKE = {"rooms": ["blue"], "priority": "3", "policy": "override"}


def test_the_form_offers_the_room_to_who_may_take_it(client: Client, taker: User) -> None:
    page = client.post(NEW, typed(rooms=["blue"], priority="3"))
    sentence = "Sync (Ana Berger), Wed 10 March, 10:00–11:00, moves to Green Room"
    assert page.status_code == 409
    assert page.content.decode().count(sentence) == 2  # in the panel, and at the button
    assert "Take the room and create" in page.content.decode()
    normal = client.post(NEW, typed(rooms=["blue"])).content.decode()
    assert "Take the room" not in normal
    client.force_login(ben())
    others = client.post(NEW, typed(rooms=["blue"], priority="3")).content.decode()
    assert "Take the room" not in others


def test_a_private_meeting_that_gives_way_stays_private(client: Client, taker: User) -> None:
    Meeting.objects.update(visibility="private")
    page = client.post(NEW, typed(rooms=["blue"], priority="3")).content.decode()
    assert "A private meeting, Wed 10 March, 10:00–11:00, moves to Green Room" in page
    assert "Sync" not in page
    assert "Ana Berger" not in page


def test_it_takes_a_reason_and_what_was_seen(client: Client, taker: User) -> None:
    seen = client.post(NEW, typed(rooms=["blue"], priority="3")).context["panel"].taking
    without = client.post(NEW, typed(**TAKE, seen_taking=seen.fingerprint))
    assert without.status_code == 422
    assert "Say why: those who lose the room read it." in without.content.decode()
    unseen = client.post(NEW, typed(**TAKE, reason="The board", seen_taking="x"))
    assert unseen.status_code == 409
    assert "Other meetings have to give way." in unseen.content.decode()
    assert ">\nThe board</textarea>" in unseen.content.decode()
    assert Meeting.objects.count() == 1
    taken = client.post(NEW, typed(**TAKE, reason="The board", seen_taking=seen.fingerprint))
    assert taken.status_code == 302
    assert said(taken) == ["Design review is booked. 1 meeting gave way; those on it are told."]
    assert [room.name for room in Meeting.objects.get(title="Sync").rooms.all()] == ["Green Room"]


def test_what_fits_nowhere_is_chosen(client: Client, taker: User) -> None:
    Room.objects.filter(code="green").update(active=False)
    page = client.post(NEW, typed(rooms=["blue"], priority="3"))
    assert "keeps its time without a room" in page.content.decode()
    seen = page.context["panel"].taking.fingerprint
    chosen_ = typed(**TAKE, reason="The board", nowhere="cancel", seen_taking=seen)
    assert client.post(NEW, chosen_).status_code == 302
    assert Meeting.objects.get(title="Sync").cancelled


def test_who_may_not_is_refused_whatever_is_posted(client: Client, taker: User) -> None:
    taker.user_permissions.clear()
    assert client.post(NEW, typed(**TAKE, reason="The board")).status_code == 403
    assert Meeting.objects.count() == 1
