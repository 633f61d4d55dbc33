"""The benchmarks ask what there is, and send what is owed."""

import time
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from benchmarks.clients import CASES, measured, programs
from benchmarks.owed import meetings
from benchmarks.posting import mail_server
from meetings.models import Meeting
from notifications.models import Delivery, ReminderCursor
from notifications.tasks import drain
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


@pytest.mark.django_db
def test_whoever_is_on_the_meetings_written_in_bulk_is_invited_or_reminded(
    settings: Any,
) -> None:
    people, room = factories.UserFactory.create_batch(5), factories.RoomFactory()
    minute = timezone.now().replace(second=0, microsecond=0)
    drain(until=time.monotonic() + 60)  # reminders are made from now on
    for title, first, announced_at in (
        ("To come", minute + timedelta(days=30), None),
        ("Soon", minute + timedelta(minutes=10), minute),
    ):
        meetings(
            title,
            2,
            people,
            room,
            size=3,
            first=first,
            step=timedelta(0),
            made_at=minute - timedelta(hours=1),
            announced_at=announced_at,
        )
    ReminderCursor.objects.update(served_until=minute)  # as if an hour had gone by

    with mail_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        drain(until=time.monotonic() + 60)
        server.wait_for(10)
        taken = set(server.taken)

    sent = Delivery.objects.filter(status=Delivery.Status.SENT)
    assert taken == {str(uid) for uid in sent.values_list("uid", flat=True)}
    assert sent.filter(kind=Delivery.Kind.INVITATION, meeting__title__startswith="To").count() == 4
    assert sent.filter(kind=Delivery.Kind.REMINDER, meeting__title__startswith="Soon").count() == 6
