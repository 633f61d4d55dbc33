"""What programs ask of the REST API over HTTP, many of them at once, each with its own token."""

import http.client
import json
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from accounts.models import ApiToken, User
from benchmarks.measuring import percentile
from rooms.models import Room

HOUR = timedelta(hours=1)
CLIENTS = (1, 8, 32)
HEAD = f"{'':<40}{'clients':>8}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}{'per s':>8}{'runs':>7}"


@dataclass
class Program:
    """One client: who it acts for, by what token, and a room that only it books."""

    number: int
    person: User
    secret: str
    room: str
    meetings: list[str]
    colleagues: list[str]
    first: datetime
    """The first full hour of its calendar to come."""
    line: http.client.HTTPConnection | None = field(default=None, repr=False)

    def hour(self, n: int) -> tuple[str, str]:
        """When its n-th hour begins and ends."""
        start = self.first + n * HOUR
        return start.isoformat(), (start + HOUR).isoformat()

    def meeting(self, n: int) -> dict[str, Any]:
        """An hour for ten people in its room, another for each n."""
        start, end = self.hour(n)
        return {
            "title": "Review",
            "start_time": start,
            "end_time": end,
            "attendees": self.colleagues,
            "room_id": self.room,
            "on_conflict": "allow",
        }

    def ask(self, port: int, question: "Question") -> Any:
        """The JSON of the answer. Raises RuntimeError unless the status is what it should be.

        A connection that the server has closed meanwhile is opened again, as programs do.
        """
        body = None if question.body is None else json.dumps(question.body)
        headers = {"Authorization": f"Bearer {self.secret}", "Idempotency-Key": str(uuid.uuid4())}
        for _ in range(3):
            self.line = self.line or http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            try:
                self.line.request(question.method, f"/api/v1{question.path}", body, headers)
                answer = self.line.getresponse()
                content = answer.read()
            except (ConnectionError, http.client.HTTPException):
                self.close()
                continue
            if answer.status != question.status:
                raise RuntimeError(f"{answer.status} for {question}: {content.decode()}")
            return json.loads(content)
        raise RuntimeError("The web server does not answer any more.")

    def close(self) -> None:
        """Let go of the connection."""
        if self.line:
            self.line.close()
        self.line = None


@dataclass(frozen=True)
class Question:
    """A request, and the status it is answered with."""

    method: str
    path: str
    body: dict[str, Any] | None = None
    status: int = 200


def create(program: Program, n: int) -> Question:
    """Book a meeting of ten people and a room."""
    return Question("POST", "/meetings", program.meeting(n), status=201)


def get(program: Program, n: int) -> Question:
    """Read a meeting."""
    return Question("GET", f"/meetings/{program.meetings[n % len(program.meetings)]}")


def list_week(program: Program, n: int) -> Question:
    """The 50 first meetings that the person may see, of a week."""
    start = program.first + timedelta(days=n % 50)
    end = start + timedelta(days=7)
    asked = {"start": start.isoformat(), "end": end.isoformat(), "limit": 50}
    return Question("GET", f"/meetings?{urlencode(asked)}")


def availability(program: Program, n: int) -> Question:
    """When a colleague is free in a week."""
    start = program.first + timedelta(days=n % 50)
    asked = {"start": start.isoformat(), "end": (start + timedelta(days=7)).isoformat()}
    colleague = program.colleagues[n % len(program.colleagues)]
    return Question("GET", f"/users/{colleague}/availability?{urlencode(asked)}")


def conflict_check(program: Program, n: int) -> Question:
    """What would collide: ten people and a room."""
    return Question("POST", "/meetings", {**program.meeting(n), "dry_run": True})


CASES: dict[str, Callable[[Program, int], Question]] = {
    "create: ten people and a room": create,
    "get": get,
    "list: a week, 50 of them": list_week,
    "availability: a week of somebody": availability,
    "conflict check: ten people and a room": conflict_check,
}


def programs(
    people: list[User], rooms: list[Room], colleagues: list[User], *, first: datetime, now: datetime
) -> list[Program]:
    """A program for each of these people, who must be in a meeting and have a room each.

    Of the colleagues each invites ten others.
    """
    return [
        Program(
            number=number,
            person=person,
            secret=ApiToken.issue(
                person, name="benchmark", scopes=["read", "write"], expires_at=None, now=now
            )[1],
            room=room.code,
            meetings=[
                str(uid)
                for uid in person.organized.order_by("pk").values_list("uid", flat=True)[:50]
            ],
            colleagues=[user.email for user in colleagues[number * 10 : number * 10 + 10]],
            first=first.replace(minute=0, second=0, microsecond=0),
        )
        for number, (person, room) in enumerate(zip(people, rooms, strict=True))
    ]


class Load:
    """Some programs that ask the same kind of question, each one after another."""

    def __init__(
        self, case: Callable[[Program, int], Question], asking: list[Program], port: int
    ) -> None:
        self.case, self.asking, self.port = case, asking, port
        self.milliseconds: list[float] = []
        self.troubles: list[Exception] = []

    def run(self, each: int, *, offset: int) -> float:
        """Have each of them ask so often; the seconds it took. Raises what one of them met.

        `offset` is the number of the first question, for those that can be asked once.
        """
        threads = [
            threading.Thread(target=self._ask, args=(program, range(offset, offset + each)))
            for program in self.asking
        ]
        start = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self.troubles:
            raise self.troubles[0]
        return time.perf_counter() - start

    def _ask(self, program: Program, numbers: range) -> None:
        try:
            for n in numbers:
                question = self.case(program, n)
                start = time.perf_counter()
                program.ask(self.port, question)
                self.milliseconds.append((time.perf_counter() - start) * 1000)
        except Exception as trouble:
            self.troubles.append(trouble)


def measured(
    port: int, asking: list[Program], *, runs: int, at_once: Sequence[int] = CLIENTS
) -> None:
    """Print a line for each case and number of clients, each of about so many requests."""
    print(f"\nREST API over HTTP, on loopback\n{HEAD}")
    asked = 0
    for name, case in CASES.items():
        for clients in at_once:
            chosen = asking[:clients]
            Load(case, chosen, port).run(1, offset=asked)  # each opens its connection
            each = max(1, runs // clients)
            load = Load(case, chosen, port)
            seconds = load.run(each, offset=asked + 1)
            asked += each + 1
            times = sorted(load.milliseconds)
            shares = "".join(f"{percentile(times, share):9.1f}" for share in (0.5, 0.95, 0.99))
            print(f"{name:<40}{clients:>8}{shares}{len(times) / seconds:8.1f}{len(times):7}")
    for program in asking:
        program.close()
