"""docs/api.md is true: each of its requests, sent to the application, answers as it says."""

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

import time_machine

from rooms.models import Room
from scheduler_site.rest.api import api
from tests import factories
from tests.api.conftest import Answer, Program, ProgramOf

PAGE = (Path(__file__).parent.parent.parent / "docs" / "api.md").read_text()
BLOCKS = re.compile(r"^```(http|sh)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NAME = re.compile(r"\{([a-z_]+)\}")
PLACE = "/api/v1"


@dataclass(frozen=True)
class Message:
    """A request or an answer, as a block of the page has it."""

    first: str
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None


def read(text: str) -> Message:
    head, _, body = text.partition("\n\n")
    first, *headers = head.strip().splitlines()
    named = dict(line.split(": ", 1) for line in headers)
    return Message(first, named, json.loads(body) if body.strip() else None)


def of_curl(line: str) -> Message:
    """A request in a shell: `curl -H … address`."""
    curl, option, header, address = shlex.split(line)
    assert (curl, option) == ("curl", "-H")
    name, value = header.replace("$TOKEN", "{ana}").split(": ", 1)
    return Message(f"GET {address.removeprefix('http://127.0.0.1:8000')}", {name: value})


def examples() -> list[tuple[Message, Message]]:
    """Each request with the answer below it, in the order of the page."""
    messages = [
        of_curl(text) if kind == "sh" else read(text) for kind, text in BLOCKS.findall(PAGE)
    ]
    return list(zip(messages[::2], messages[1::2], strict=True))


def filled(value: str, known: dict[str, str]) -> str:
    return NAME.sub(lambda name: known[name[1]], value)


def sent(request: Message, programs: dict[str, Program], known: dict[str, str]) -> Answer:
    method, address = filled(request.first, known).split(" ")
    headers = {name.replace("-", "_"): value for name, value in request.headers.items()}
    person = headers.pop("Authorization", "Bearer {ana}").removeprefix("Bearer ").strip("{}")
    body = json.loads(filled(json.dumps(request.body), known))
    return programs[person](method, address.removeprefix(PLACE), body, **headers)


def differences(shown: Any, came: Any, known: dict[str, str], place: str = "") -> Iterator[str]:
    """Where an answer is not what the page shows of it; learns what names stand for.

    Of an object the members that are shown count; of a list its first entries, of an empty one
    that it is empty.
    """
    if isinstance(shown, dict) and isinstance(came, dict):
        for name, value in shown.items():
            if name not in came:
                yield f"{place}: no {name}"
            else:
                yield from differences(value, came[name], known, f"{place}.{name}")
    elif isinstance(shown, list) and isinstance(came, list) and bool(shown) == bool(came):
        if len(shown) > len(came):
            yield f"{place}: {came}"
        for number, value in enumerate(shown[: len(came)]):
            yield from differences(value, came[number], known, f"{place}.{number}")
    elif isinstance(shown, str) and (name := NAME.fullmatch(shown)):
        if not isinstance(came, str) or known.setdefault(name[1], came) != came:
            yield f"{place}: {came} is not {shown}"
    elif shown != came:
        yield f"{place}: {came!r}"


def test_the_page_shows_what_happens(program: ProgramOf) -> None:
    site = factories.SiteFactory(name="Halden")
    for number in (101, 102):
        factories.RoomFactory(
            code=f"room-{number}", name=f"Room {number}", site=site, hours=Room.Hours.ALWAYS
        )
    with time_machine.travel(factories.NOW, tick=False) as clock:
        programs = {"ana": program(factories.ana()), "ben": program(factories.ben())}
        known: dict[str, str] = {}
        for request, expected in examples():
            clock.shift(timedelta(minutes=1))
            answers = [sent(request, programs, known)]
            if "Idempotency-Key" in request.headers:
                answers.append(sent(request, programs, known))
            status = int(expected.first.split()[1])
            assert expected.first == f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"
            for came in answers:
                assert came.status == status, (request, came.json)
                wrong = list(differences(expected.headers, came.headers, known))
                wrong += differences(expected.body, came.json, known) if expected.body else []
                assert wrong == [], (request, came.json)


def test_the_first_example_is_the_known_one() -> None:
    request, _ = examples()[1]

    assert request.first == "POST /api/v1/meetings"
    assert request.body == {
        "title": "Q4 Planning",
        "start_time": "2027-12-01T14:00:00Z",
        "end_time": "2027-12-01T15:30:00Z",
        "attendees": ["user1@email.com", "user2@email.com"],
        "room_id": "room-101",
        "description": "Quarterly planning session",
        "reminders": [15, 60],
    }


def test_the_table_names_every_operation() -> None:
    """By its method and path, under its subject, as the OpenAPI document has them."""
    described = {
        (operation["tags"][0], method.upper(), path.removeprefix(PLACE))
        for path, methods in api.get_openapi_schema(path_prefix=f"{PLACE}/")["paths"].items()
        for method, operation in methods.items()
    }
    table = PAGE.partition("## All operations")[2]

    told, subject = [], ""
    for line in table.splitlines():
        if line.startswith("### "):
            subject = line.removeprefix("### ")
        elif found := re.match(r"\| `([A-Z]+) ([^`]+)` \| ", line):
            told.append((subject, found[1], found[2]))

    assert len(told) == len(set(told))
    assert set(told) == described


def test_every_body_has_an_example_from_the_page() -> None:
    bodies = [request.body for request, _ in examples()]
    paths = api.get_openapi_schema(path_prefix=f"{PLACE}/")["paths"]

    for operation in [operation for methods in paths.values() for operation in methods.values()]:
        if "requestBody" in operation:
            content = operation["requestBody"]["content"]["application/json"]
            assert content["example"] in bodies, operation["operationId"]
