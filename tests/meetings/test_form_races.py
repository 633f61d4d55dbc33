"""Several forms sent at once, on connections of their own."""

from collections import Counter

import pytest
from django.test import Client

from accounts.models import User
from meetings.models import Booking, Meeting
from tests.factories import RoomFactory, UserFactory
from tests.meetings.test_form_pages import NEW, typed
from tests.meetings.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_one_room_wanted_by_ten_forms() -> None:
    room = RoomFactory.create(code="blue", name="Blue Room")
    RoomFactory.create(code="green", name="Green Room", site=room.site)
    clients = [signed_in(person) for person in UserFactory.create_batch(10)]
    answers = at_once(*(lambda c=c: c.post(NEW, typed(rooms=["blue"])) for c in clients))
    assert Counter(answer.status_code for answer in answers) == {302: 1, 409: 9}
    assert Booking.objects.count() == 1
    for lost in (answer for answer in answers if answer.status_code == 409):
        page = lost.content.decode()
        assert "Blue Room is taken" in page
        assert "Design review" in page
        assert [offer.headline for offer in lost.context["panel"].swaps] == ["Green Room"]
        assert len(lost.context["panel"].times) == 3


def test_a_double_click_that_arrives_at_once_makes_one_meeting() -> None:
    person = UserFactory.create()
    clients = [signed_in(person) for _ in range(4)]
    answers = at_once(*(lambda c=c: c.post(NEW, typed(key="once")) for c in clients))
    meeting = Meeting.objects.get()
    assert {answer.get("Location") for answer in answers} == {
        f"/calendar/week/2027-03-10/?meeting={meeting.uid}"
    }
