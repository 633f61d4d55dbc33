"""How much one token may ask, and who asks at all."""

from datetime import UTC, datetime, timedelta

import time_machine
from pytest_django import Settings

from accounts.models import ApiToken, RateLimit
from tests import factories
from tests.api.conftest import Program, ProgramOf

T0 = datetime(2027, 3, 1, 8, tzinfo=UTC)


def test_a_burst_then_as_many_as_flow_in(program: ProgramOf, settings: Settings) -> None:
    settings.API_RATE, settings.API_BURST = 60, 3
    with time_machine.travel(T0, tick=False) as clock:
        ana = factories.ana()
        call, other = program(ana), program(ana)

        burst = [call("GET", "/me") for _n in range(4)]
        clock.shift(0.5)
        soon = call("GET", "/me")
        clock.shift(0.5)
        later = call("GET", "/me")
        clock.shift(3600)
        rested = call("GET", "/me")

    assert [answer.status for answer in burst] == [200, 200, 200, 429]
    assert [answer.headers["RateLimit-Remaining"] for answer in burst] == ["2", "1", "0", "0"]
    assert (burst[0].headers["RateLimit-Limit"], burst[0].headers["RateLimit-Reset"]) == ("3", "1")
    assert burst[3].headers["Content-Type"] == "application/problem+json"
    assert [answer.headers["Retry-After"] for answer in (burst[3], soon)] == ["1", "1"]
    assert (soon.status, later.status) == (429, 200)
    assert rested.headers["RateLimit-Remaining"] == "2"  # never more than the bucket holds
    assert other("GET", "/me").status == 200  # each token has its own


def test_a_clock_set_back_fills_nothing(db: None) -> None:
    def take(at: datetime) -> float:
        return RateLimit.take("token:1", per_second=1, burst=2, now=at)

    later = T0 + timedelta(hours=1)
    assert [take(later), take(later), take(T0) < 0, take(later) < 0] == [1, 0, True, True]
    assert take(later + timedelta(seconds=1)) == 0


def test_tokens_that_open_nothing(program: ProgramOf) -> None:
    ana = factories.ana()
    good = program(ana)
    token = ApiToken.objects.get()
    refused = [
        Program("")("GET", "/me"),
        Program("sch_" + "A" * 43)("GET", "/me"),
        Program("garbage \u00e9")("GET", "/me"),
    ]
    ApiToken.objects.update(expires_at=datetime(2020, 1, 1, tzinfo=UTC))
    refused.append(good("GET", "/me"))
    ApiToken.objects.update(expires_at=None, revoked_at=T0)
    refused.append(good("GET", "/me"))
    ApiToken.objects.update(revoked_at=None)
    ana.is_active = False
    ana.save()
    refused.append(good("GET", "/me"))

    assert [answer.status for answer in refused] == [401] * 6
    assert {answer.headers["WWW-Authenticate"] for answer in refused} == {"Bearer"}
    assert token.last_used_at is None


def test_what_no_operation_answers_is_a_problem_as_well(program: ProgramOf) -> None:
    call = program(factories.ana())
    answers = [
        call("GET", "/nothing/there"),
        call("DELETE", "/me"),
        call("POST", "/meetings", "{not json"),
        call("POST", "/meetings", {"title": "x", "surprise": 1}),
    ]

    assert [answer.status for answer in answers] == [404, 405, 400, 422]
    assert {answer.headers["Content-Type"] for answer in answers} == {"application/problem+json"}
    assert answers[3].json["errors"][0]["field"] == "surprise"
