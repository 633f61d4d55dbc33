"""What the commands of every app share: JSON for programs, and people by their address."""

import json
from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.serializers.json import DjangoJSONEncoder

from accounts.models import User

WRONG_USAGE = 2
"""The exit status for what cannot be understood; 1 says that it was refused."""


class ReportingCommand(BaseCommand):
    """A command that says in sentences what it did or, with --json, tells a program.

    Subclasses hand both to `report`; what goes wrong is a CommandError, one sentence.
    """

    as_json = False

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """The subclass's parser, with --json."""
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.add_argument("--json", action="store_true", help="print JSON instead of sentences")
        return parser

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Remember how the answer is wanted, then run."""
        _require_text(options.values())
        self.as_json = bool(options.get("json"))
        return super().execute(*args, **options)

    def report(self, answer: object, sentences: Iterable[str]) -> None:
        """Print one of the two; the sentences are not asked for unless they are printed."""
        if self.as_json:
            text = json.dumps(answer, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
            self.stdout.write(text)
            return
        for sentence in sentences:
            self.stdout.write(sentence)


def wrong_usage(sentence: str) -> CommandError:
    """The error for input that cannot be understood; `sentence` says what to write."""
    return CommandError(sentence, returncode=WRONG_USAGE)


def person_named(address: str) -> User:
    """Whose account has this address, open or closed. Raises CommandError for nobody's."""
    person = User.objects.with_addresses([address]).first()
    if person is None:
        raise wrong_usage(f"Nobody here has the address {address}; choose that of an account.")
    return person


def acting_person(address: str) -> User:
    """Who is to do something. Raises CommandError unless the account is open."""
    person = person_named(address)
    if not person.is_active:
        raise CommandError(f"The account of {person.email} is closed; nobody can act for it.")
    return person


def _require_text(values: Iterable[object]) -> None:
    """Raise CommandError unless all the text in these values, and in lists of them, can be kept."""
    for value in values:
        if isinstance(value, list):
            _require_text(value)
        elif isinstance(value, str) and any("\ud800" <= letter <= "\udfff" for letter in value):
            raise wrong_usage("That is no text in UTF-8; set the terminal to that.")
