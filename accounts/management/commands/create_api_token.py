"""Give a program a token, by which it acts for somebody."""

from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.utils.timezone import now

from accounts.commandline import ReportingCommand, acting_person, wrong_usage
from accounts.management.commands.api_tokens import told
from accounts.models import ApiToken

USUAL = [ApiToken.Scope.READ, ApiToken.Scope.WRITE]
MOST_DAYS = 36500


class Command(ReportingCommand):
    """`manage.py create_api_token EMAIL [--name …] [--scope …] [--days …]`."""

    help = "Makes a token for the API and prints it, as the last word. It is never shown again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the person for whom the program acts")
        parser.add_argument("--name", default="Command line", help="what it is for")
        parser.add_argument(
            "--scope",
            action="append",
            choices=ApiToken.Scope.values,
            help="what it may do, may be given more than once; without it, read and write",
        )
        parser.add_argument("--days", type=int, help="how long it works; without it, for ever")

    def handle(
        self, *, email: str, name: str, scope: list[str] | None, days: int | None, **options: Any
    ) -> None:
        person, made_at = acting_person(email), now()
        try:
            token, secret = ApiToken.issue(
                person,
                name=name.strip(),
                scopes=scope or USUAL,
                expires_at=_after(days, made_at),
                now=made_at,
            )
        except ValidationError as error:
            raise CommandError(_sentence(error)) from None
        sentence = f"Keep it safe, it is not shown again. A token of {person.email}: {secret}"
        self.report({**told(token), "token": secret}, [sentence])


def _after(days: int | None, made_at: datetime) -> datetime | None:
    if days is None:
        return None
    if not 1 <= days <= MOST_DAYS:
        raise wrong_usage(f"Write 1 to {MOST_DAYS} days; without --days it does not expire.")
    return made_at + timedelta(days=days)


def _sentence(error: ValidationError) -> str:
    """What is wrong, with the option it is about."""
    return " ".join(
        f"--{field.removesuffix('s')}: {message}"
        for field, messages in error.message_dict.items()
        for message in messages
    )
