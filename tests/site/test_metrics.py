"""`/metrics`: who may read it, what is in it, and what never is."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import ApiToken, User
from meetings.models import Booking
from notifications.models import Delivery, ReminderCursor
from scheduler_site import gauges
from scheduler_site.metrics import output
from tests.factories import NOW, RoomFactory, ana, answer, at, ben, book, invitation_of, rae
from tests.notifications.conftest import Round, work
from tests.scraping import counted, patient, samples

__all__ = ["patient", "work"]

pytestmark = pytest.mark.usefixtures("patient")

DURING = at("2027-03-10 10:30")  # half an hour into what `book` books


def token_of(user: User, *scopes: str, **more: str) -> dict[str, str]:
    """The header that a token is sent in."""
    _token, secret = ApiToken.issue(user, name="p", scopes=scopes, expires_at=None, now=NOW)
    return {"Authorization": f"Bearer {secret}", **more}


@pytest.mark.django_db
@pytest.mark.parametrize("demo", [True, False], ids=["demo", "production"])
class TestWhoMayReadIt:
    @pytest.fixture(autouse=True)
    def site(self, settings: object, demo: bool) -> None:
        settings.DEMO = demo  # type: ignore[attr-defined]
        if not demo:
            settings.ALLOWED_HOSTS = ["meetings.example.com"]  # type: ignore[attr-defined]

    @pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "[::1]:8000"])
    def test_this_machine_may(self, client: Client, host: str) -> None:
        response = client.get("/metrics", headers={"Host": host})

        assert response.status_code == 200
        assert response["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        assert b"\ndatabase_up " in response.content

    @pytest.mark.parametrize(
        "header", ["Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP", "Via"]
    )
    def test_nobody_else_may_through_a_proxy_on_it(
        self, client: Client, header: str, demo: bool
    ) -> None:
        headers = {"Host": "localhost" if demo else "meetings.example.com", header: "https"}

        assert client.get("/metrics", headers=headers).status_code in (400, 404)

    def test_nobody_may_by_another_name(self, client: Client, demo: bool) -> None:
        name = "meetings.example.com"

        response = client.get("/metrics", headers={"Host": name})

        assert response.status_code == (400 if demo else 404)

    def test_another_machine_may_not(self, client: Client, demo: bool) -> None:
        host = "localhost" if demo else "meetings.example.com"
        client.force_login(rae())

        response = client.get("/metrics", headers={"Host": host}, REMOTE_ADDR="192.0.2.7")

        assert response.status_code == 404
        assert b"database_up" not in response.content

    def test_nothing_is_written_there(self, client: Client, demo: bool) -> None:
        host = "localhost" if demo else "meetings.example.com"

        assert client.post("/metrics", headers={"Host": host}).status_code == 404


@pytest.mark.django_db
class TestTokens:
    def status(self, client: Client, headers: dict[str, str]) -> int:
        return client.get("/metrics", headers=headers, REMOTE_ADDR="192.0.2.7").status_code

    @pytest.fixture(autouse=True)
    def production(self, settings: object) -> None:
        settings.DEMO = False  # type: ignore[attr-defined]

    def test_one_for_metrics_opens_it_from_anywhere(self, client: Client) -> None:
        headers = token_of(rae(), "metrics", **{"X-Forwarded-For": "192.0.2.7"})
        assert self.status(client, headers) == 200

        ApiToken.objects.get_queryset().revoke(NOW)
        assert self.status(client, headers) == 404

    def test_any_other_does_not(self, client: Client) -> None:
        assert self.status(client, token_of(rae(), "read", "write")) == 404
        assert self.status(client, {"Authorization": "Bearer nonsense"}) == 404

    def test_nor_that_of_who_is_no_longer_an_administrator(self, client: Client) -> None:
        user = rae()
        headers = token_of(user, "metrics")
        User.objects.get_queryset().filter(pk=user.pk).update(is_staff=False)

        assert self.status(client, headers) == 404


@pytest.mark.django_db
def test_nobody_can_be_told_from_it(client: Client) -> None:
    """Pages, links with tokens, the API, mails: of none is anything left but counts."""
    organizer, invited = ana(), ben()
    room = RoomFactory.create(name="Oak room", code="oak-1", site__name="Halden yard")
    meeting = book(
        organizer,
        "2027-03-10 10:00",
        60,
        invited,
        "guest@elsewhere.example",
        title="Merger talks",
        description="Strictly private",
        rooms=(room,),
    )
    answer(meeting, invited, "declined")
    guest = invitation_of(meeting, "guest@elsewhere.example")
    client.force_login(organizer)
    for path in (
        f"/meetings/{meeting.uid}/",
        f"/rsvp/{guest.token}/",
        "/rooms/oak-1/",
        f"/api/v1/meetings/{meeting.uid}",
        "/api/v1/guest@elsewhere.example",
        "/guest@elsewhere.example/",
    ):
        client.get(path)
    client.generic("MERGER", "/")

    response = client.get("/metrics", headers={"Host": "localhost"})

    text = response.content.decode()
    secrets = ("Ana", "Ben", "Merger", "MERGER", "private", "Oak", "oak-1", "Halden", "@")
    assert [words for words in secrets if words in text] == []
    for record in (meeting, organizer, invited, room, guest):
        assert str(record.uid) not in text
    assert guest.token not in text
    routes = {dict(labels).get("route") for _name, labels in samples(text)}
    assert any(re.fullmatch("/api/v1/meetings/<[^>]+>", route or "") for route in routes)
    assert "none" in routes


@pytest.mark.django_db
def test_requests_are_counted_by_route_and_outcome(client: Client) -> None:
    def count(status: str) -> float:
        labels = {"method": "GET", "page": "account_login", "status": status}
        return counted("page_request_duration_seconds_count", **labels)

    before = count("2xx")
    queries = counted("database_query_duration_seconds_count", process="command", operation="other")

    client.get("/accounts/login/")
    with connection.cursor() as cursor:
        cursor.execute("VALUES (1)")

    assert count("2xx") == before + 1
    assert (
        counted("database_query_duration_seconds_count", process="command", operation="other")
        > queries
    )


def figures(now: object) -> dict[tuple[str, str], float]:
    """What is asked of the database, by name and the value of the one label."""
    return {
        (sample.name, "".join(sample.labels.values())): sample.value
        for family in gauges.ask(now)  # type: ignore[arg-type]
        for sample in family.samples
    }


@pytest.mark.django_db
class TestHowThingsAre:
    def test_meetings_and_rooms(self) -> None:
        organizer, invited = ana(), ben()
        oak = RoomFactory.create()
        elm = RoomFactory.create(site=oak.site)
        RoomFactory.create(site=oak.site, active=False)
        far = RoomFactory.create()
        book(organizer, "2027-03-10 10:00", 60, invited, rooms=(oak,))
        book(invited, "2027-03-10 10:00", 60, rooms=(far,))
        book(organizer, "2027-03-10 11:00", 60, rooms=(elm,))
        Booking.objects.create(
            room=elm,
            kind="hold",
            during=(DURING, DURING + timedelta(minutes=30)),
            expires_at=DURING - timedelta(minutes=1),
            created_at=NOW,
        )

        found = figures(DURING)

        assert found["active_meetings", ""] == 2
        assert found["room_utilization_percent", ""] == pytest.approx(200 / 3)
        assert found["site_room_utilization_percent", str(oak.site.uid)] == 50
        assert found["site_room_utilization_percent", str(far.site.uid)] == 100
        assert figures(at("2027-03-10 12:00"))["active_meetings", ""] == 0

    def test_the_outbox(self, work: Round) -> None:
        meeting = book(ana(), "2027-03-10 10:00", 60, ben())
        later = NOW + timedelta(minutes=5)
        found = figures(later)
        assert found["outbox_due_changes", ""] == 1
        assert found["outbox_oldest_change_seconds", ""] == 300
        assert found["outbox_due_messages", "prompt"] == 0

        work(NOW)
        Delivery.objects.filter(meeting=meeting).update(status="waiting", attempts=1)
        found = figures(later)
        assert found["outbox_due_changes", ""] == 0
        assert found["outbox_due_messages", "prompt"] == 1
        assert found["outbox_oldest_due_seconds", "prompt"] == 300
        assert found["outbox_oldest_untried_seconds", "prompt"] == 0, "it was tried"
        assert found["outbox_due_messages", "reminders"] == 0
        assert figures(NOW - timedelta(minutes=1))["outbox_due_messages", "prompt"] == 0

    def test_reminders_that_are_behind(self, work: Round) -> None:
        work(NOW)
        name = ("reminders_behind_seconds", "")
        far = NOW + timedelta(days=90)
        assert figures(NOW)[name] == 0

        ReminderCursor.objects.filter(all_day=True).update(served_until=far)
        assert figures(NOW + timedelta(seconds=59))[name] == 0, "they wait for something to do"
        assert figures(NOW + timedelta(minutes=4))[name] == 180

        ReminderCursor.objects.filter(all_day=False).update(served_until=far)
        begun = NOW + timedelta(minutes=15, seconds=1)
        ReminderCursor.objects.filter(all_day=True, lead=15).update(served_until=begun)
        assert figures(NOW + timedelta(minutes=14))[name] == 0, "midnights are on quarters"
        assert figures(NOW + timedelta(minutes=17))[name] == 120

    def test_as_many_queries_for_a_full_calendar(self, work: Round) -> None:
        with CaptureQueriesContext(connection) as empty:
            figures(DURING)
        people = ana(), ben()
        for hour in range(8, 18):
            room = RoomFactory.create()
            book(people[0], f"2027-03-10 {hour:02}:00", 60, people[1], rooms=(room,))
        work(NOW)

        with CaptureQueriesContext(connection) as full:
            figures(DURING)

        assert len(full) == len(empty) == 8

    def test_messages_that_leave_are_timed(self, work: Round) -> None:
        def sent(name: str) -> tuple[float, float]:
            labels = {"channel": "email"}
            return counted(f"{name}_count", **labels), counted(f"{name}_sum", **labels)

        mails = sent("delivery_duration_seconds")
        reminders = sent("reminder_lateness_seconds")
        work(at("2027-03-09 10:00"))
        book(ana(), "2027-03-10 10:00", 60, ben(), reminders=(15,), now=at("2027-03-09 10:00"))
        work(at("2027-03-09 10:02"))
        work(at("2027-03-10 09:48"))

        count, seconds = sent("delivery_duration_seconds")
        assert count == mails[0] + 1
        assert seconds - mails[1] == pytest.approx(120, abs=30)
        count, seconds = sent("reminder_lateness_seconds")
        assert count == reminders[0] + 2
        assert seconds - reminders[1] == pytest.approx(2 * 180, abs=60)


@pytest.mark.django_db(transaction=True)
def test_without_its_database_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gauges, "KEPT_SECONDS", -1.0)
    assert samples(output().decode())["database_up", frozenset()] == 1

    nowhere = connection.settings_dict | {"HOST": "127.0.0.1", "PORT": "1"}
    monkeypatch.setattr("django.db.connections.settings", {"default": nowhere})

    found = samples(output().decode())
    assert found["database_up", frozenset()] == 0
    assert ("invitation_answers_total", frozenset({("answer", "accepted")})) in found
