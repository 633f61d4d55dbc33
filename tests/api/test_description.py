"""The API does what its OpenAPI document says: every operation, tried with good and bad values."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from scheduler_site.rest.api import api
from tests import factories
from tests.api.conftest import ProgramOf

HERE = Path(__file__).parent
TAGS = ["Invitations", "Meetings", "Oneself", "People", "Proposals", "Rooms"]


@pytest.fixture
def secret(program: ProgramOf, settings: Settings) -> str:
    """A token of somebody with a meeting, a room and an invitation about."""
    settings.API_RATE = settings.API_BURST = 1_000_000
    room = factories.RoomFactory(code="blue")
    ana, ben = factories.ana(), factories.ben()
    factories.book(ana, "2097-03-13 10:00", 60, ben, rooms=[room])
    factories.book(ben, "2097-03-14 10:00", 60, ana, rrule="FREQ=WEEKLY;COUNT=5")
    return program(ana).secret


def tried(url: str, secret: str, *options: str) -> subprocess.CompletedProcess[str]:
    """What schemathesis says of the served application."""
    return subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli"),
            *(
                "--config-file",
                str(HERE / "schemathesis.toml"),
                "run",
                f"{url}/api/v1/openapi.json",
            ),
            *("--header", f"Authorization: Bearer {secret}", "--no-color", *options),
        ],
        env={**os.environ, "SCHEMATHESIS_HOOKS": "tests.api.generating"},
        cwd=HERE.parent.parent,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("tag", TAGS)
def test_operations_do_what_they_say(live_server: LiveServer, secret: str, tag: str) -> None:
    quick = ("--phases", "examples,fuzzing", "--max-examples", "15")
    said = tried(
        live_server.url, secret, "--include-tag", tag, "--generation-deterministic", *quick
    )

    assert said.returncode == 0, said.stdout + said.stderr


@pytest.mark.long  # at each edge of each field, and one operation after another
@pytest.mark.parametrize("phases", ["coverage", "fuzzing,stateful"])
def test_operations_do_what_they_say_at_length(
    live_server: LiveServer, secret: str, phases: str
) -> None:
    said = tried(live_server.url, secret, "--phases", phases, "--max-examples", "30")

    assert said.returncode == 0, said.stdout + said.stderr


def test_every_operation_has_a_subject_that_is_tried() -> None:
    paths = api.get_openapi_schema(path_prefix="/api/v1/")["paths"]
    operations = [operation for path in paths.values() for operation in path.values()]

    assert {tag for operation in operations for tag in operation["tags"]} == set(TAGS)
    assert len({operation["operationId"] for operation in operations}) == len(operations)
