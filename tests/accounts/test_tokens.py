"""Tokens: what opens, what no longer does, and what is kept of them."""

from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from pytest_django import DjangoAssertNumQueries

from accounts.models import ApiToken, User
from tests import factories
from tests.factories import NOW

READ, WRITE, METRICS = ApiToken.Scope
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


def issue(user: User, **changes: Any) -> tuple[ApiToken, str]:
    """A token of `user`, made at NOW."""
    wanted: dict[str, Any] = {"name": "script", "scopes": [READ], "expires_at": None, "now": NOW}
    return ApiToken.issue(user, **{**wanted, **changes})


def opens(secret: str, after: timedelta = SECOND) -> bool:
    """Whether `secret` opens anything, that long after it was made."""
    return ApiToken.objects.opened_by(secret, now=NOW + after) is not None


def test_a_token_opens_for_its_person_in_one_look_up(
    ana: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    issue(factories.ben())
    made, secret = issue(ana)

    with django_assert_num_queries(1):
        found = ApiToken.objects.opened_by(secret, now=NOW)
        assert found == made
        assert found.user == ana


def test_the_secret_is_not_kept(ana: User) -> None:
    made, secret = issue(ana)

    kept = ApiToken.objects.values().get(pk=made.pk)
    assert kept["hashed"] == sha256(secret.encode()).hexdigest()
    assert kept["prefix"] == secret[:12]
    assert not any(secret[12:] in str(value) for value in kept.values())


def test_other_secrets_open_nothing(
    ana: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    _made, secret = issue(ana)
    other_end = "A" if secret[-1] != "A" else "B"

    assert not opens(secret[:-1] + other_end)
    with django_assert_num_queries(0):
        for wrong in ("", secret[:-1], f"{secret}\n", f" {secret}", secret[4:], "sch_" + "é" * 43):
            assert not opens(wrong)
        assert not opens(secret.replace(secret[10], "\0"))


def test_an_expired_token_opens_nothing(ana: User) -> None:
    _made, secret = issue(ana, expires_at=NOW + HOUR)

    assert opens(secret, HOUR - SECOND)
    assert not opens(secret, HOUR)


def test_a_revoked_token_opens_nothing_and_keeps_its_time(ana: User) -> None:
    made, secret = issue(ana)
    mine = ApiToken.objects.filter(user=ana)

    assert mine.revoke(NOW) == 1
    assert mine.revoke(NOW + HOUR) == 0

    made.refresh_from_db()
    assert made.revoked_at == NOW
    assert not opens(secret)


def test_tokens_of_a_closed_account_open_nothing(ana: User) -> None:
    _made, secret = issue(ana)

    User.objects.filter(pk=ana.pk).update(is_active=False)

    assert not opens(secret)


def test_tokens_go_with_their_person(ana: User) -> None:
    issue(ana)

    ana.delete()

    assert not ApiToken.objects.exists()


def test_a_use_is_noted_once_a_minute(
    ana: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    made, _secret = issue(ana)

    made.used(now=NOW)
    with django_assert_num_queries(0):
        made.used(now=NOW + 59 * SECOND)
    assert ApiToken.objects.get().last_used_at == NOW

    made.used(now=NOW + 60 * SECOND)
    assert ApiToken.objects.get().last_used_at == NOW + 60 * SECOND


def test_a_token_allows_its_scopes_and_no_other(ana: User) -> None:
    made, _secret = issue(ana, scopes=[READ])

    assert made.allows(READ)
    assert not made.allows(WRITE)
    assert not made.allows(METRICS)


def test_metrics_are_for_administrators_as_long_as_they_are(ana: User) -> None:
    rae = factories.rae()
    made, _secret = issue(rae, scopes=[METRICS])
    assert made.allows(METRICS)

    rae.is_staff = False

    assert not made.allows(METRICS)
    with pytest.raises(ValidationError, match="Only administrators"):
        issue(ana, scopes=[READ, METRICS])


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["everything"]}, "scopes"),
        ({"expires_at": NOW}, "expires_at"),
    ],
)
def test_what_cannot_be_is_refused(ana: User, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as caught:
        issue(ana, **wrong)

    assert list(caught.value.message_dict) == [field]
    assert not ApiToken.objects.exists()
