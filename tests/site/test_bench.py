"""The benchmark of the REST API asks what there is."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from benchmarks.clients import CASES, measured, programs
from meetings.models import Meeting
from rooms.models import Room
from tests import factories


def test_each_case_is_asked_by_every_client(
    live_server: LiveServer, capsys: pytest.CaptureFixture[str]
) -> None:
    ana, ben = factories.ana(), factories.ben()
    for person in (ana, ben):
        factories.book(person)
    rooms = [factories.RoomFactory(hours=Room.Hours.ALWAYS, capacity=20) for _ in range(2)]
    now = timezone.now()
    colleagues = factories.UserFactory.create_batch(20)
    asking = programs([ana, ben], rooms, colleagues, first=now + timedelta(days=1), now=now)

    measured(urlsplit(live_server.url).port or 0, asking, runs=2, at_once=(1, 2))

    lines = capsys.readouterr().out.splitlines()[3:]
    assert [line.split("  ")[0] for line in lines] == [name for name in CASES for _ in range(2)]
    # One client asks twice, two ask once each; before that each asks to open its connection.
    assert Meeting.objects.filter(title="Review", organizer=ana).count() == 5
    assert Meeting.objects.filter(title="Review", organizer=ben).count() == 2
