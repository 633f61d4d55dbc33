"""Calling a meeting off."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client

from accounts.models import User
from meetings.models import Booking, Change, Meeting
from tests.factories import NOW, RoomFactory, ana, at, ben, book, timed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def organizer(client: Client) -> User:
    organizer = ana()
    client.force_login(organizer)
    return organizer


def said(response: HttpResponse) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]  # type: ignore[attr-defined]


def test_the_page_says_who_will_be_told_and_changes_nothing(
    client: Client, organizer: User
) -> None:
    room = RoomFactory.create(name="Blue Room")
    meeting = book(
        organizer, "2027-03-10 10:00", 60, ben(), "guest@elsewhere.example", rooms=(room,)
    )
    page = client.get(f"/meetings/{meeting.uid}/cancel/").content.decode()
    assert '10:00–11:00</time> <span class="faint">CET</span>' in page
    assert "2 people will be told" in page
    assert "Ben Okafor" in page
    assert "guest@elsewhere.example" in page
    assert "Blue Room can be booked by others again." in page
    assert not meeting.occurrence.is_cancelled


def test_cancelling_keeps_the_reason_and_tells_in_ten_seconds(
    client: Client, organizer: User
) -> None:
    meeting = book(organizer, "2027-03-10 10:00", 60, ben(), rooms=(RoomFactory.create(),))
    response = client.post(f"/meetings/{meeting.uid}/cancel/", {"reason": "  Nobody is in.  "})
    assert response["Location"] == f"/calendar/week/2027-03-10/?meeting={meeting.uid}"
    assert said(response) == ["Design review is cancelled. 1 person will be told in 10 seconds."]
    change = Change.objects.get(kind=Change.Kind.CANCELLED)
    assert (change.reason, change.not_before) == ("Nobody is in.", NOW + timedelta(seconds=10))
    assert Meeting.objects.get().occurrence.is_cancelled
    assert not Booking.objects.unreleased().filter(kind=Booking.Kind.MEETING).exists()


def test_a_long_reason_is_refused_and_kept(client: Client, organizer: User) -> None:
    meeting = book(organizer)
    response = client.post(f"/meetings/{meeting.uid}/cancel/", {"reason": "x" * 1001})
    assert "at most 1000 characters" in response.content.decode()
    assert "x" * 1001 in response.content.decode()
    assert not Meeting.objects.get().occurrence.is_cancelled


def test_twice_is_refused_with_a_sentence(client: Client, organizer: User) -> None:
    meeting = book(organizer)
    client.post(f"/meetings/{meeting.uid}/cancel/")
    again = client.post(f"/meetings/{meeting.uid}/cancel/")
    assert again.status_code == 409
    assert "The meeting was cancelled." in again.content.decode()
    assert Change.objects.filter(kind=Change.Kind.CANCELLED).count() == 1


def test_what_is_under_way_can_be_ended_but_not_cancelled(client: Client, organizer: User) -> None:
    meeting = book(organizer, "2027-03-10 10:00", 60, rooms=(RoomFactory.create(),))
    with time_machine.travel(at("2027-03-10 10:20"), tick=False):
        client.force_login(organizer)
        refused = client.post(f"/meetings/{meeting.uid}/cancel/")
        assert refused.status_code == 409
        assert "The meeting is under way." in refused.content.decode()
        assert f'action="/meetings/{meeting.uid}/end/"' in refused.content.decode()
        ended = client.post(f"/meetings/{meeting.uid}/end/")
    assert said(ended) == ["Design review is ended."]
    assert Meeting.objects.get().when == timed("2027-03-10 10:00", 20)


def test_what_has_not_begun_cannot_be_ended(client: Client, organizer: User) -> None:
    meeting = book(organizer)
    response = client.post(f"/meetings/{meeting.uid}/end/")
    assert response["Location"] == f"/meetings/{meeting.uid}/cancel/"
    assert said(response) == ["The meeting has not begun. Cancel it instead."]
    assert client.get(f"/meetings/{meeting.uid}/end/").status_code == 405
