"""The API does what its OpenAPI document says: every operation, tried with good and bad values."""

from collections.abc import Callable
from typing import Any
from zoneinfo import available_timezones

import hypothesis
import pytest
import schemathesis
from hypothesis import strategies as st
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer
from schemathesis.config import SchemathesisConfig

from scheduler_site.rest.api import api
from tests import factories
from tests.api.conftest import ProgramOf

CONFIG = SchemathesisConfig.from_dict(
    {
        "generation": {"deterministic": True, "max-examples": 12, "database": "none"},
        "phases": {"stateful": {"enabled": False}},
        # What a schema cannot say (a room that there is, an end after the start) is a 4xx.
        "checks": {
            "positive_data_acceptance": {
                "expected-statuses": ["2xx", 401, 403, 404, 409, 412, 422],
            },
        },
    }
)
schemathesis.openapi.format("iana-zone", st.sampled_from(sorted(available_timezones())))
DOCUMENT = api.get_openapi_schema(path_prefix="/api/v1/")
NAMES = [one["operationId"] for path in DOCUMENT["paths"].values() for one in path.values()]
described = schemathesis.openapi.from_dict(dict(DOCUMENT), config=CONFIG)


@pytest.fixture
def secret(program: ProgramOf, settings: Settings) -> str:
    """A token of somebody with a meeting, a room and an invitation about."""
    settings.API_RATE = settings.API_BURST = 1_000_000
    room = factories.RoomFactory(code="blue")
    ana, ben = factories.ana(), factories.ben()
    factories.book(ana, "2097-03-13 10:00", 60, ben, rooms=[room])
    factories.book(ben, "2097-03-14 10:00", 60, ana, rrule="FREQ=WEEKLY;COUNT=5")
    return program(ana).secret


def tried(operation_id: str) -> Callable[..., None]:
    """The test of one operation, with examples, edge cases and random values, all checks."""

    @described.include(operation_id=operation_id).parametrize()
    @hypothesis.settings(suppress_health_check=list(hypothesis.HealthCheck))
    def test(case: Any, live_server: LiveServer, secret: str) -> None:
        case.call_and_validate(
            base_url=live_server.url, headers={"Authorization": f"Bearer {secret}"}
        )

    return test


# A test for each, by name: several processes share them out by what they are called.
globals().update({f"test_{name}": tried(name) for name in sorted(NAMES)})
