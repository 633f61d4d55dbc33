"""What is logged: one line a request, ids that go through to tasks, and none of people's data."""

import io
import json
import logging
import logging.config
import re
import smtplib
import sys
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone
from django_q.models import OrmQ
from django_q.signing import SignedPackage
from django_q.worker import worker as run_tasks

from accounts.models import ApiToken, User
from meetings.models import Invitation
from scheduler_site import environment, logs, request_ids, tasklog
from scheduler_site.access import AccessLog
from scheduler_site.masking import described, mask, trace
from tests import logged
from tests.conftest import WRITTEN
from tests.factories import ana, ben, book, invitation_of

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """What production writes from here on, as parsed JSON."""
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(logs.JsonLine())
    root = logging.getLogger()
    root.addHandler(handler)
    yield lambda: [json.loads(line) for line in handler.stream.getvalue().splitlines()]
    root.removeHandler(handler)


def access(lines: Lines) -> dict[str, Any]:
    """The one access line."""
    (line,) = [line for line in lines() if line["logger"] == "scheduler_site.access"]
    return line


def token_of(person: User, **fields: Any) -> str:
    """The token by which somebody answers an invitation of Ana's."""
    return invitation_of(book(ana(), "2027-03-10 10:00", 60, person, **fields), person).token


class TestAccess:
    """One line a request."""

    @pytest.mark.django_db
    def test_says_what_was_asked_and_by_whom(self, client: Client, lines: Lines) -> None:
        person = ana()
        client.force_login(person)

        response = client.get("/rooms/?q=Merger", headers={"X-Request-ID": "from-the-proxy.1"})

        line = access(lines)
        assert response["X-Request-ID"] == line["request_id"] == "from-the-proxy.1"
        assert (line["method"], line["route"], line["status"]) == ("GET", "/rooms/", 200)
        assert line["user"] == str(person.uid)
        assert line["level"] == "INFO"
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"])
        assert line["milliseconds"] > 0
        assert line["message"] == f"GET /rooms/ 200 in {line['milliseconds']} ms"
        assert "Merger" not in json.dumps(line)

    @pytest.mark.django_db
    def test_shows_a_token_neither_of_a_page_that_is_there_nor_of_one_that_is_not(
        self, client: Client, lines: Lines
    ) -> None:
        token = token_of(ben())

        client.get(f"/rsvp/{token}/")
        client.get(f"/rsvp/{token}/and/what/is/not/there")

        shown = [line for line in lines() if line["logger"] == "scheduler_site.access"]
        assert [line["route"] for line in shown] == ["/rsvp/<str:token>/", "unmatched"]
        assert token not in json.dumps(lines())

    @pytest.mark.django_db
    def test_knows_whose_token_it_was_and_neither_it_nor_the_address(
        self, client: Client, lines: Lines
    ) -> None:
        person, now = ana(), timezone.now()
        _, secret = ApiToken.issue(person, name="t", scopes=["read"], expires_at=None, now=now)

        client.get(
            "/api/v1/users/ana@example.com/calendar", headers={"authorization": f"Bearer {secret}"}
        )

        line = access(lines)
        assert line["user"] == str(person.uid)
        assert line["route"].startswith("/api/v1/users/<")
        assert not re.search(f"{secret}|ana@example", json.dumps(lines()))

    @pytest.mark.parametrize(
        "given", ["", "with space", "a" * 65, "ana@example.com", "a\nb", "-x", "é"]
    )
    def test_makes_an_id_where_none_fits(self, client: Client, given: str) -> None:
        first, second = (client.get("/healthz", headers={"X-Request-ID": given}) for _ in "12")

        assert re.fullmatch("[0-9a-f]{32}", first["X-Request-ID"])
        assert first["X-Request-ID"] != second["X-Request-ID"]

    def test_names_what_is_answered_before_there_is_a_route(
        self, client: Client, lines: Lines
    ) -> None:
        client.get("/healthz")
        AccessLog(lambda request: HttpResponse())(RequestFactory().get("/static/css/base.css"))

        assert [line["route"] for line in lines()] == ["/healthz", "/static/"]

    def test_knows_only_methods_that_there_are(self, lines: Lines) -> None:
        AccessLog(lambda request: HttpResponse())(RequestFactory().generic("MERGER", "/"))

        assert access(lines)["method"] == "other"

    def test_ends_with_the_request(self, client: Client) -> None:
        client.get("/healthz")

        assert request_ids.current() == ""

    def test_lines_in_between_belong_to_the_request(self, lines: Lines) -> None:
        def view(request: HttpRequest) -> HttpResponse:
            logging.getLogger("meetings").warning("in between")
            return HttpResponse()

        request = RequestFactory().get("/", headers={"X-Request-ID": "mine"})
        AccessLog(view)(request)

        assert [line["request_id"] for line in lines()] == ["mine", "mine"]


class TestFailure:
    """What went wrong can be read, what people typed cannot."""

    @pytest.mark.django_db
    def test_of_a_page_names_its_route_and_the_place_in_the_program(
        self, client: Client, lines: Lines, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        token = token_of(ben())

        def fails(*args: Any, **kwargs: Any) -> None:
            raise ValueError(f"invalid literal: 'Design review' of ana@example.com, {token}")

        monkeypatch.setattr(Invitation.objects.__class__, "get_queryset", fails)
        client.raise_request_exception = False
        assert client.get(f"/rsvp/{token}/").status_code == 500

        (error,) = [line for line in lines() if line["level"] == "ERROR"]
        assert error["message"] == "Internal Server Error: /rsvp/<str:token>/"
        assert error["exception"].endswith(", in fails\nValueError")
        assert error["request_id"] == access(lines)["request_id"]
        assert not re.search(f"{token}|Design|ana@", json.dumps(lines()))

    @pytest.mark.django_db
    def test_of_the_database_names_the_constraint_and_not_the_row(self, lines: Lines) -> None:
        ana()
        with pytest.raises(IntegrityError, match="ana@example") as caught, transaction.atomic():
            User.objects.bulk_create([User(email="ana@example.com", name="Ana Berger")])
        logging.getLogger("meetings").error("It failed: %s", caught.value, exc_info=caught.value)

        (line,) = lines()
        assert line["message"].startswith("It failed: django.db.utils.IntegrityError: duplicate")
        assert "psycopg.errors.UniqueViolation: duplicate key value" in line["exception"]
        assert "which led to" in line["exception"]
        assert not re.search("ana@|Berger|DETAIL", json.dumps(line))

    @pytest.mark.parametrize(
        ("error", "words"),
        [
            (ConnectionRefusedError(111, "refused"), "ConnectionRefusedError: [Errno 111] refused"),
            (psycopg.OperationalError("no\nDETAIL: Merger"), "psycopg.OperationalError: no"),
            (psycopg.DataError("invalid input: Merger"), "psycopg.DataError"),
            (ValueError("Merger"), "ValueError"),
            (KeyError("Merger"), "KeyError"),
            (PermissionDenied("Merger"), "django.core.exceptions.PermissionDenied"),
            (
                smtplib.SMTPRecipientsRefused({"x@example.com": (550, b"no")}),
                "smtplib.SMTPRecipientsRefused",
            ),
        ],
    )
    def test_is_described_without_what_it_quotes(self, error: Exception, words: str) -> None:
        assert described(error) == words

    def test_shows_where_and_neither_values_nor_source(self) -> None:
        title = "Merger talks"
        try:
            int(title)
        except ValueError as error:
            shown = trace(error)

        line = sys._getframe().f_lineno - 4
        assert shown.splitlines()[0] == (
            f'  File "tests/site/test_logs.py", line {line}, in '
            "test_shows_where_and_neither_values_nor_source"
        )
        assert "Merger" not in shown

    def test_that_goes_round_in_circles_is_shown_in_short(self) -> None:
        def down() -> None:
            down()

        with pytest.raises(RecursionError) as caught:
            down()

        assert len(trace(caught.value).splitlines()) < 50


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("to ana.b+x@mail.example.com:", "to ***@***:"),
        ("GET /rsvp/abc-DEF_1/", "GET /rsvp/***/"),
        ("GET /rsvp/<str:token>/ 404", "GET /rsvp/<str:token>/ 404"),
        ("'/feeds/xyz/calendar.ics'", "'/feeds/***/calendar.ics'"),
        ("Authorization: Bearer sch_abc.def=", "Authorization: Bearer ***"),
        (f"a token sch_{'x' * 43}.", "a token sch_***."),
        ("smtp://ana:secret@mail:587 refused", "smtp://mail:587/*** refused"),
        ("Referer https://here/x/?q=Merger does", "Referer https://here/*** does"),
        ("nothing to hide at 10:00", "nothing to hide at 10:00"),
    ],
)
def test_mask(text: str, masked: str) -> None:
    assert mask(text) == masked


def enqueued() -> dict[str, Any]:
    """The task that waits, taken out of the queue."""
    (row,) = OrmQ.objects.all()
    row.delete()
    task: dict[str, Any] = SignedPackage.loads(row.payload)
    return task


class Line:
    """Queues as the cluster's, for one process; and its timer."""

    def __init__(self, *tasks: Any) -> None:
        self.tasks = [*tasks, "STOP"]
        self.value = 0.0

    def get(self) -> Any:
        return self.tasks.pop(0)

    def put(self, task: Any) -> None:
        self.tasks.append(task)

    def get_lock(self) -> transaction.Atomic:
        return transaction.atomic()


@pytest.mark.django_db
class TestTask:
    """What a request enqueued is logged under the request's id, by the queue's own worker."""

    def test_carries_the_id_through_the_queue(self, lines: Lines) -> None:
        with request_ids.under("from-the-page"):
            book(ana(), "2099-03-10 10:00", 60, ben(), now=timezone.now())
        task = enqueued()

        # In line, so that it is done over the connection of the test.
        run_tasks(Line(task | {"sync": True}), Line(), Line(), timeout=30)

        shown = [line for line in lines() if line["logger"] == "scheduler_site.tasklog"]
        assert [(line["task"], line["request_id"]) for line in shown] == [
            ("notifications.tasks.wake", "from-the-page")
        ]
        said = [line["message"] for line in lines() if line.get("request_id") == "from-the-page"]
        assert re.match(r"Change \d+ of meeting \d+: created", said[0])
        assert re.match(r"Change \d+ is announced in 1 messages", said[1])
        assert re.match(r"Delivery \S+ of change \d+ left", said[2])
        assert request_ids.current() == ""

    def test_that_nobody_asked_for_has_an_id_of_its_own(self, lines: Lines) -> None:
        tasks = [{"name": n, "func": "notifications.heartbeat.touch", "args": (), "kwargs": {}}
                 for n in "ab"]  # fmt: skip
        logging.getLogger("scheduler_site").setLevel(logging.DEBUG)
        try:
            run_tasks(Line(*tasks), Line(), Line(), timeout=30)
        finally:
            logging.getLogger("scheduler_site").setLevel(logging.NOTSET)

        first, second = lines()
        assert first["level"] == "DEBUG"
        assert first["request_id"] != second["request_id"]

    def test_that_fails_says_why_without_data(
        self, lines: Lines, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fails(**kwargs: Any) -> None:
            raise ValueError("Design review of ana@example.com")

        monkeypatch.setattr("notifications.tasks.drain", fails)
        results = Line()
        task = {"name": "n", "func": "notifications.tasks.wake", "args": (), "kwargs": {},
                tasklog.KEY: "from-the-page"}  # fmt: skip
        run_tasks(Line(task), results, Line(), timeout=30)
        result = results.tasks[-1]
        # As the queue's monitor does, in a process of its own.
        tasklog.take_note(task=result)
        logging.getLogger("django-q").error(
            f"Failed 'notifications.tasks.wake' (n) - {result['result']}"
        )
        request_ids.set_current("")

        failed, queue = lines()
        assert failed["message"] == "What is due could not be done"
        assert failed["exception"].endswith(", in fails\nValueError")
        assert queue["message"] == "Failed 'notifications.tasks.wake' (n)"
        assert failed["request_id"] == queue["request_id"] == "from-the-page"
        assert not re.search("Design|ana@", json.dumps(lines()))


class TestForms:
    """How lines look, and where that is said."""

    @pytest.fixture
    def record(self) -> logging.LogRecord:
        return logging.LogRecord("meetings", 30, "x", 1, "two\nlines of %s", ("Ana",), None)

    def test_for_people_a_message_is_one_line(self, record: logging.LogRecord) -> None:
        with request_ids.under("mine"):
            line = logs.ReadableLine().format(record)

        assert line.endswith(r"Z WARNING meetings [mine]: two\nlines of Ana")

    def test_a_message_that_is_wrong_shows_no_values(self, record: logging.LogRecord) -> None:
        record.msg, record.args = "%d people, %s", ("Ana",)

        line = json.loads(logs.JsonLine().format(record))

        assert line["message"] == "%d people, %s"

    def test_a_line_is_ascii_whatever_it_says(self, record: logging.LogRecord) -> None:
        record.args = ("Zoë",)

        line = logs.JsonLine().format(record)

        assert line.isascii()
        assert json.loads(line)["message"] == "two\nlines of Zoë"

    @pytest.mark.parametrize(
        ("demo", "said"),
        [(True, {"level": "WARNING", "form": "line"}), (False, {"level": "INFO", "form": "json"})],
    )
    def test_unless_said_otherwise(
        self, demo: bool, said: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("LOG_LEVEL", raising=False)
        monkeypatch.delenv("LOG_FORMAT", raising=False)

        assert environment.logs(demo=demo) == said

    def test_what_cannot_be_is_refused_with_what_can(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LOG_LEVEL", "chatty")

        with pytest.raises(ImproperlyConfigured, match="LOG_LEVEL is 'chatty'; write DEBUG, INFO"):
            environment.logs(demo=True)

    def test_quiet_loggers_are_no_louder_than_all(self) -> None:
        made = logs.configuration(level="ERROR", form="json")

        assert made["loggers"]["django-q"]["level"] == "ERROR"


class TestTheSearch:
    """That the run's log holds no data would prove nothing if nothing could be found."""

    @pytest.mark.django_db
    def test_knows_what_is_written(self) -> None:
        token = token_of(ben(), title="Merger talks")

        assert {"ben@example.com", "Ben Okafor", "Merger talks", token} <= WRITTEN

    @pytest.mark.parametrize(
        ("said", "found"),
        [
            ({"message": "Mail to nobody@example.org failed"}, ["nobody@example.org"]),
            ({"message": "x", "exception": "ValueError: Merger"}, ["Merger"]),
            ({"message": f"Bearer sch_{'x' * 43}"}, [f"sch_{'x' * 43}"]),
            ({"message": "Mergers are none"}, []),
            ({"message": "Change 1", "test": "of Merger"}, []),
            ({"database": 'DETAIL: a "quoted" title'}, ['a "quoted" title']),
        ],
    )
    def test_finds(self, said: dict[str, str], found: list[str]) -> None:
        sentences = logged.leaks([json.dumps(said)], {"Merger", 'a "quoted" title'})

        assert [repr(value) in text for value, text in zip(found, sentences, strict=True)] == [
            True
        ] * len(found)
