"""List somebody's tokens, or revoke one."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.timezone import now

from accounts.commandline import ReportingCommand, person_named
from accounts.models import ApiToken, User


class Command(ReportingCommand):
    """`manage.py api_tokens EMAIL [--revoke PREFIX]`."""

    help = "Lists the tokens by which programs act for a person, newest first; or revokes one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="whose tokens")
        parser.add_argument(
            "--revoke", metavar="PREFIX", help="revoke the one that begins so, like sch_5fK0"
        )

    def handle(self, *, email: str, revoke: str | None, **options: Any) -> None:
        person, at = person_named(email), now()
        if revoke is not None:
            token = _revoked(person, revoke, at)
            self.report(told(token), [f"{token} of {person.email} is revoked."])
            return
        tokens = list(ApiToken.objects.filter(user=person))
        self.report([told(token) for token in tokens], _lines(tokens, at))


def told(token: ApiToken) -> dict[str, object]:
    """A token for programs, without its secret, which is not kept."""
    return {
        "token_id": token.uid,
        "name": token.name,
        "prefix": token.prefix,
        "scopes": token.scopes,
        "created_at": token.created_at,
        "expires_at": token.expires_at,
        "last_used_at": token.last_used_at,
        "revoked_at": token.revoked_at,
    }


def _revoked(person: User, begins: str, at: datetime) -> ApiToken:
    """The one token that begins so, revoked; raises CommandError for none and for several."""
    alive = ApiToken.objects.filter(user=person, revoked_at__isnull=True)
    # Somebody may well have the whole secret at hand.
    prefix = begins[: ApiToken.SHOWN]
    found = list(alive.filter(prefix__startswith=prefix)) if prefix else []
    if len(found) != 1:
        tokens = "None" if not found else f"{len(found)}"
        raise CommandError(
            f"{tokens} of the tokens of {person.email} that are not revoked begin with “{prefix}”;"
            f" choose one of those that api_tokens {person.email} lists."
        )
    alive.filter(pk=found[0].pk).revoke(at)
    found[0].refresh_from_db()
    return found[0]


def _lines(tokens: list[ApiToken], at: datetime) -> Iterator[str]:
    for token in tokens:
        used = f"last used {_day(token.last_used_at)}" if token.last_used_at else "never used"
        said = [" and ".join(token.scopes), f"made {_day(token.created_at)}", used]
        yield f"{token}: {', '.join([*said, _end(token, at)])}"
    yield "1 token." if len(tokens) == 1 else f"{len(tokens)} tokens."


def _end(token: ApiToken, at: datetime) -> str:
    if token.revoked_at:
        return f"revoked {_day(token.revoked_at)}"
    if token.expires_at is None:
        return "does not expire"
    return f"{'expires' if token.expires_at > at else 'expired'} {_day(token.expires_at)}"


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"
