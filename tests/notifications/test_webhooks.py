"""What programs are told by webhooks, at a real HTTP server on loopback."""

import base64
import hashlib
import hmac
import json
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings

from accounts.models import ApiToken, User
from meetings import scheduler
from meetings.scheduler import Override, Scope
from notifications.announcing import announce
from notifications.channels.webhook.signing import shown_secret
from notifications.delivery import TRIES, WAITS, send_due
from notifications.due import oldest_due
from notifications.hooks import hook_reminders, hooks_due
from notifications.models import Delivery, HookEvent
from tests.api.conftest import Program
from tests.factories import (
    NOW,
    RoomFactory,
    ana,
    answer,
    ben,
    book,
    cy,
    days,
    draft,
    invitation_of,
    timed,
)
from tests.meetings.test_override import allowed, take
from tests.notifications.conftest import Round
from tests.notifications.receiving import SECRET, Receiver, hook, receiving
from tests.notifications.series import FIRST, FOURTH, SECOND, THIRD, Series

pytestmark = pytest.mark.django_db


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.WEBHOOK_NETWORKS = [ip_network("127.0.0.0/8")]
    with receiving() as found:
        yield found


def program(user: User) -> Program:
    """A program that reads from the API as somebody."""
    return Program(ApiToken.issue(user, name="test", scopes=("read",), expires_at=None, now=NOW)[1])


def send(now: datetime) -> None:
    """What is due leaves."""
    while send_due(now, until=time.monotonic() + 60):
        pass


def rows() -> list[Delivery]:
    return list(Delivery.objects.filter(webhook__isnull=False).order_by("pk"))


def test_a_program_hears_of_a_meeting_as_its_viewer_reads_it(
    receiver: Receiver, work: Round
) -> None:
    ana_, ben_ = ana(), ben()
    room = RoomFactory.create(name="Blue Room", code="blue")
    hook(ana_, receiver.url)
    hook(ana_, receiver.url, HookEvent.CANCELLED, name="Other")
    hook(ana_, receiver.url, name="Off", active=False)
    meeting = book(ana_, "2027-03-10 10:00", 60, ben_, rooms=(room,), description="Über uns")
    assert len(work(NOW)) == 1  # Ben's mail
    (one,) = receiver.received
    told, (row,) = one.json, rows()
    assert told["meeting"] == program(ana_).get(f"/meetings/{meeting.uid}")
    assert told["meeting"]["description"] == "Über uns"
    assert (told["event"], told["attempt"], told["recurrence_id"]) == ("meeting.created", 1, None)
    assert (told["id"], told["created_at"]) == (str(row.uid), "2027-03-01T08:00:00Z")
    assert told["change"]["by"] == "Ana Berger"
    assert (row.status, row.address, row.channel) == ("sent", receiver.url, "webhook")
    assert invitation_of(meeting, ana_).sent_at is None  # nobody was invited by it

    assert one.headers["content-type"] == "application/json"
    uid, at = one.headers["webhook-id"], one.headers["webhook-timestamp"]
    assert (uid, int(at)) == (str(row.uid), int(NOW.timestamp()))
    signed = hmac.new(SECRET.encode(), f"{uid}.{at}.".encode() + one.body, hashlib.sha256)
    mac = base64.b64encode(signed.digest()).decode()
    assert one.headers["webhook-signature"] == f"v1,{mac}"


def test_each_change_is_told_in_order_with_what_was_and_became(
    receiver: Receiver, work: Round
) -> None:
    ana_, ben_ = ana(), ben()
    hook(ana_, receiver.url)
    meeting = book(ana_, "2027-03-10 10:00", 60, ben_)
    later = draft("2027-03-10 11:00", 30, ben_, title="Plans")
    scheduler.edit(meeting, later, by=ana_, now=NOW, version=1, policy="allow")
    work(NOW)  # one mail: what Ben was not told of is folded
    answer(meeting, ben_, "accepted")
    meeting.refresh_from_db()
    scheduler.cancel(meeting, by=ana_, now=NOW, version=meeting.version, reason="No need")
    work(NOW)
    assert receiver.events == [
        *("meeting.created", "meeting.updated", "invitation.answered", "meeting.cancelled")
    ]
    updated, answered, cancelled = [one.json for one in receiver.received[1:]]
    assert updated["change"]["fields"] == {
        "title": {"was": "Design review", "became": "Plans"},
        "start_time": {"was": "2027-03-10T09:00:00Z", "became": "2027-03-10T10:00:00Z"},
        "end_time": {"was": "2027-03-10T10:00:00Z", "became": "2027-03-10T10:30:00Z"},
    }
    (place,) = program(ana_).get(f"/meetings/{meeting.uid}")["attendees"]
    assert answered["invitation"] == place | {"note": ""}
    assert answered["change"]["fields"] == {"status": {"was": "needs-action", "became": "accepted"}}
    assert cancelled["change"]["reason"] == "No need"
    assert cancelled["meeting"]["status"] == "cancelled"
    numbers = [one.json["change"]["number"] for one in receiver.received]
    assert numbers == sorted(numbers)


def test_a_reminder_is_of_the_date_and_nothing_that_is_off(receiver: Receiver, work: Round) -> None:
    ana_ = ana()
    hook(ana_, receiver.url, HookEvent.REMINDER)
    work(NOW)
    series = book(ana_, rrule="FREQ=WEEKLY", reminders=(15,), title="Weekly")
    off = book(ana_, "2027-03-10 10:00", 60, reminders=(15,))
    due = datetime.fromisoformat("2027-03-10T08:45:00Z")
    work(due)
    assert receiver.received == []
    scheduler.cancel(off, by=ana_, now=NOW, version=1)
    work(due + timedelta(seconds=1))
    (one,) = receiver.received
    told, name = one.json, "2027-03-10T10:00:00"
    address = f"/meetings/{series.uid}?recurrence_id={name}"
    assert told["meeting"] == program(ana_).get(address)
    assert (told["event"], told["recurrence_id"]) == ("meeting.reminder", name)
    assert (told["start"], told["lead_minutes"]) == ("2027-03-10T09:00:00Z", 15)
    assert told["change"] is None


def test_what_fails_is_tried_again_and_the_last_try_ends_it(
    receiver: Receiver, work: Round
) -> None:
    hook(ana(), receiver.url)
    receiver.statuses = [503]
    book(User.objects.get(), "2027-03-10 10:00", 60)
    work(NOW)
    (row,) = rows()
    assert (row.status, row.error) == ("waiting", "It answered 503.")
    send(row.next_attempt_at)
    first, second = receiver.received
    assert [one.json["attempt"] for one in (first, second)] == [1, 2]
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]
    assert rows()[0].status == "sent"

    receiver.received.clear()
    receiver.statuses = [404] * TRIES
    book(User.objects.get(), "2027-03-11 10:00", 60)
    at = NOW
    announce(at)
    for _try in range(TRIES):
        send(at)
        at = rows()[1].next_attempt_at
    assert (len(receiver.received), receiver.statuses) == (TRIES, [])
    failed = rows()[1]
    assert (failed.status, failed.error) == ("failed", "It answered 404.")
    assert len(Delivery.objects.all()) == 2  # nobody is mailed about it


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (302, "It answered 302, a redirect, and none is followed: register where it leads."),
        (410, "It answered 410."),
    ],
)
def test_what_will_never_be_taken_has_failed_at_once(
    receiver: Receiver, work: Round, status: int, error: str
) -> None:
    hook(ana(), receiver.url)
    receiver.statuses = [status]
    book(User.objects.get(), "2027-03-10 10:00", 60)
    work(NOW)
    (row,) = rows()
    assert (row.status, row.error, len(receiver.received)) == ("failed", error, 1)


def test_an_internal_address_is_not_posted_to(
    receiver: Receiver, work: Round, settings: Any
) -> None:
    settings.WEBHOOK_NETWORKS = []
    hook(ana(), receiver.url)
    book(User.objects.get(), "2027-03-10 10:00", 60)
    work(NOW)
    (row,) = rows()
    assert (row.status, receiver.received) == ("failed", [])
    assert "WEBHOOK_NETWORKS" in row.error


def test_one_that_is_away_holds_up_no_other_and_is_soon_left_alone(
    receiver: Receiver, work: Round
) -> None:
    ana_ = ana()
    hook(ana_, receiver.url.replace("/in", "/away"), name="Away")
    hook(ana_, receiver.url)
    for day in (10, 11, 12):
        book(ana_, f"2027-03-{day} 10:00", 60)
    receiver.statuses = [503]
    work(NOW)
    assert [one.path for one in receiver.received] == ["/away", "/in", "/in", "/in"]
    tried = [row for row in rows() if row.attempts]
    assert [row.status for row in tried] == ["waiting", "sent", "sent", "sent"]
    assert not hooks_due(NOW).exists()
    assert oldest_due(NOW + timedelta(hours=1)) is None

    send(NOW + WAITS[0] * 2)
    assert {row.status for row in rows()} == {"sent"}


def test_a_stranger_learns_nothing_of_what_is_private(receiver: Receiver, work: Round) -> None:
    ana_, ben_, cy_ = ana(), ben(), cy()
    hook(cy_, receiver.url)
    hook(ben_, receiver.url, name="Ben's")
    hidden = book(
        *(ana_, "2027-03-10 10:00", 60, ben_),
        title="Hidden plans",
        visibility="private",
        reminders=(15,),
    )
    answer(hidden, ben_, "accepted")
    work(NOW)
    work(datetime.fromisoformat("2027-03-10T08:45:01Z"))
    assert receiver.events == ["meeting.created", "invitation.answered", "meeting.reminder"]
    mine = Delivery.objects.filter(webhook__viewer=ben_)
    assert {row.uid for row in mine} == {
        row.uid for row in rows() if str(row.uid) in {one.json["id"] for one in receiver.received}
    }
    assert {row.status for row in rows() if row not in set(mine)} == {"dropped"}


def test_a_stranger_reads_of_a_public_meeting_what_the_api_says(
    receiver: Receiver, work: Round
) -> None:
    ana_, ben_, cy_ = ana(), ben(), cy()
    hook(cy_, receiver.url)
    meeting = book(ana_, "2027-03-10 10:00", 60, ben_, description="Hushed things")
    answer(meeting, ben_, "declined")
    later = draft("2027-03-10 11:00", 60, ben_, description="Hushed others", title="Plans")
    scheduler.edit(meeting, later, by=ana_, now=NOW, version=1, policy="allow")
    work(NOW)
    assert receiver.events == ["meeting.created", "meeting.updated"]
    told = receiver.received[1].json
    assert told["meeting"] == program(cy_).get(f"/meetings/{meeting.uid}")
    assert (told["meeting"]["title"], told["meeting"]["description"]) == ("Plans", None)
    change = told["change"]
    assert (change["kind"], change["by"], change["fields"]) == ("updated", None, None)
    assert b"Hushed" not in b"".join(one.body for one in receiver.received)
    assert b"Ben" not in b"".join(one.body for one in receiver.received)


def test_of_a_series_the_one_date_is_told_or_all_of_it(receiver: Receiver, known: Series) -> None:
    hook(known.ana, receiver.url)
    known.cancel(Scope.THIS, SECOND)
    moved = replace(FIRST, start=datetime.fromisoformat("2027-03-24T12:00:00"))
    known.edit(Scope.THIS, THIRD, when=moved)
    later = known.edit(Scope.FOLLOWING, FOURTH, title="Other")
    room = {"rooms_missed": [[], ["Blue"]]}
    at = known.tick()
    for kind, fields in [("rooms", room), ("ending", {}), ("clocks", {})]:
        known.meeting.changes.create(
            kind=kind, dates=[THIRD], version=1, fields=fields, created_at=at, not_before=at
        )
    known.mails()
    told = {(one.json["event"], one.json["recurrence_id"]): one.json for one in receiver.received}
    assert set(told) == {
        *[("meeting.cancelled", SECOND), ("meeting.updated", THIRD), ("meeting.updated", None)],
        *[("meeting.room_lost", THIRD), ("series.ending", THIRD)],
    }
    assert told["meeting.cancelled", SECOND]["meeting"]["status"] == "cancelled"
    assert told["meeting.room_lost", THIRD]["change"]["fields"] == {
        "rooms_missed": {"was": [], "became": ["Blue"]}
    }
    assert told["series.ending", THIRD]["meeting"]["start_time"] == "2027-03-24T11:00:00Z"
    parts = [one.json["meeting"] for one in receiver.received]
    assert {part["series_id"] for part in parts} == {str(later.series)}
    assert str(later.uid) in {part["meeting_id"] for part in parts}


def test_proposals_are_for_the_organizers_side_and_who_made_them(
    receiver: Receiver, work: Round
) -> None:
    ana_, ben_, cy_ = ana(), ben(), cy()
    for viewer, name in [(ana_, "ana"), (ben_, "ben"), (cy_, "cy")]:
        hook(
            viewer, receiver.url.replace("/in", f"/{name}"), HookEvent.PROPOSED, HookEvent.REJECTED
        )
    meeting = book(ana_, "2027-03-10 10:00", 60, ben_, cy_)
    asked = invitation_of(meeting, ben_)
    scheduler.propose(asked, [timed("2027-03-11 15:00")], by=ben_, now=NOW, note="Later?")
    proposal = meeting.proposals.get()
    scheduler.decline_proposal(proposal, by=ana_, now=NOW, reason="No room")
    work(NOW)
    by_path = sorted((one.path, one.json["event"]) for one in receiver.received)
    events = ["proposal.declined", "proposal.made"]
    assert by_path == [(path, event) for path in ("/ana", "/ben") for event in events]
    told = receiver.received[0].json["proposal"]
    assert told == program(ben_).get(f"/proposals/{proposal.uid}")
    assert (told["note"], told["times"][0]["start_time"]) == ("Later?", "2027-03-11T14:00:00Z")


def test_who_gives_way_to_whom(receiver: Receiver, work: Round) -> None:
    room = RoomFactory.create(name="Blue Room", code="blue")
    hook(ana(), receiver.url, HookEvent.DISPLACED)
    meeting = book(User.objects.get(), "2027-03-10 10:00", 60, rooms=(room,))
    take(allowed(cy()), room, policy=Override("The board", cancel=True))
    work(NOW)
    (one,) = receiver.received
    assert one.json["event"] == "meeting.displaced"
    assert one.json["meeting"]["meeting_id"] == str(meeting.uid)
    change = one.json["change"]
    assert (change["by"], change["reason"]) == ("Cy Young", "The board")
    assert b"Board" not in one.body  # what the other meeting is, is nobody's business


def test_the_page_about_it_is_true(receiver: Receiver, work: Round) -> None:
    page = (Path(settings.BASE_DIR) / "docs" / "api.md").read_text().partition("\n## Webhooks\n")[2]
    shown = json.loads(re.findall(r"^```json\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)[0])
    example: dict[str, Any] = {}
    exec(re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)[0], example)
    named = re.findall(r"^\| `([a-z]+\.[a-z_]+)` \|", page, re.MULTILINE)
    assert named == [event.value for event in HookEvent]

    one = hook(ana(), receiver.url)
    book(one.viewer, "2027-03-10 10:00", 60)
    work(NOW)
    (came,) = receiver.received
    assert list(came.json) == list(shown)
    assert list(came.json["change"]) == list(shown["change"])
    secret, now = shown_secret(one.secret), NOW.timestamp()
    assert example["is_genuine"](secret, came.headers, came.body, now + 299)
    assert not example["is_genuine"](secret, came.headers, came.body, now + 301)
    assert not example["is_genuine"](secret, came.headers, came.body + b" ", now)
    assert not example["is_genuine"](shown_secret("another"), came.headers, came.body, now)


def test_an_all_day_date_begins_at_midnight_where_its_meeting_is(receiver: Receiver) -> None:
    hook(ana(timezone=ZoneInfo("Asia/Tokyo")), receiver.url)
    meeting = book(User.objects.get(), when=days("2027-03-10"), reminders=(60,))
    date = meeting.occurrences.select_related("meeting").get()
    midnight = datetime.fromisoformat("2027-03-09T23:00:00Z")
    due, second = midnight - timedelta(minutes=60), timedelta(seconds=1)
    assert hook_reminders([date], 60, due - second) == []
    assert [row.start for row in hook_reminders([date], 60, due)] == [midnight]
    assert hook_reminders([date], 15, due) == []
    assert hook_reminders([date], 60, midnight) == []
