"""Tokens from the command line."""

import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils.dateparse import parse_datetime
from django.utils.timezone import now

from accounts.models import ApiToken
from tests import factories

pytestmark = pytest.mark.django_db


def run(*words: str) -> str:
    """What the command prints."""
    out = io.StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def answer(*words: str) -> Any:
    """What it tells programs."""
    return json.loads(run(*words, "--json"))


def test_the_last_word_is_a_token_that_reads_and_writes() -> None:
    ana = factories.ana()

    secret = run("create_api_token", "Ana@Example.com").split()[-1]

    token = ApiToken.objects.opened_by(secret, now=now())
    assert token is not None
    assert (token.user, token.scopes, token.expires_at) == (ana, ["read", "write"], None)


def test_a_program_is_told_the_token_it_asked_for() -> None:
    factories.ana()

    said = answer(
        "create_api_token", "ana@example.com", "--name", "CI", "--scope", "read", "--days", "3"
    )

    token = ApiToken.objects.opened_by(said["token"], now=now())
    assert token is not None
    assert (said["name"], said["scopes"]) == ("CI", ["read"]) == (token.name, token.scopes)
    lasts = parse_datetime(said["expires_at"]) - parse_datetime(said["created_at"])
    assert lasts == timedelta(days=3)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["ghost@example.com"], "Nobody here has the address ghost@example.com; choose"),
        (["ben@example.com"], "The account of ben@example.com is closed"),
        (["ana@example.com", "--name", " "], "--name: This field cannot be blank."),
        (["ana@example.com", "--days", "0"], "Write 1 to 36500 days"),
        (["ana@example.com", "--scope", "metrics"], "--scope: Only administrators"),
        (["ana@example.com", "--scope", "all"], "invalid choice: 'all'"),
    ],
)
def test_what_cannot_be_makes_none(words: list[str], sentence: str) -> None:
    factories.ana()
    factories.ben(is_active=False)

    with pytest.raises(CommandError, match=sentence):
        run("create_api_token", *words)

    assert not ApiToken.objects.exists()


def test_tokens_are_listed_without_their_secrets() -> None:
    factories.ben()
    run("create_api_token", "ben@example.com")
    factories.ana()
    secrets = [
        answer("create_api_token", "ana@example.com", "--name", name)["token"]
        for name in ("older", "newer")
    ]
    today = f"{now():%Y-%m-%d}"
    used = ApiToken.objects.opened_by(secrets[0], now=now())
    assert used is not None
    used.used(now=used.created_at)

    assert run("api_tokens", "ana@example.com") == (
        f"newer ({secrets[1][:12]}…): read and write, made {today}, never used, does not expire\n"
        f"older ({secrets[0][:12]}…): read and write, made {today}, last used {today},"
        " does not expire\n2 tokens.\n"
    )
    listed = answer("api_tokens", "ana@example.com")
    assert [token["name"] for token in listed] == ["newer", "older"]
    assert listed[0].keys() == {
        "token_id",
        "name",
        "prefix",
        "scopes",
        "created_at",
        "expires_at",
        "last_used_at",
        "revoked_at",
    }


def test_one_token_is_revoked_by_how_it_begins() -> None:
    factories.ana()
    secrets = [run("create_api_token", "ana@example.com").split()[-1] for _ in range(2)]

    with pytest.raises(CommandError, match="2 of the tokens of ana"):
        run("api_tokens", "ana@example.com", "--revoke", "sch_")
    for none in ("", "sch_%", "Command line"):
        with pytest.raises(CommandError, match="None of the tokens"):
            run("api_tokens", "ana@example.com", "--revoke", none)
    said = run("api_tokens", "ana@example.com", "--revoke", secrets[0])

    assert said.endswith("of ana@example.com is revoked.\n")
    assert ApiToken.objects.opened_by(secrets[0], now=now()) is None
    assert ApiToken.objects.opened_by(secrets[1], now=now()) is not None
    with pytest.raises(CommandError, match="None of the tokens"):
        run("api_tokens", "ana@example.com", "--revoke", secrets[0][:8])
