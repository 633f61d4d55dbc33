"""List the people who have an account."""

from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandParser

from accounts.commandline import ReportingCommand
from accounts.models import User


class Command(ReportingCommand):
    """`manage.py users [TEXT] [--active | --closed]`."""

    help = "Lists people by name, all of them or those whose name or address has each word."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("text", nargs="*", help="words of the name, or how the address begins")
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--active", action="store_true", help="only those with open accounts")
        which.add_argument("--closed", action="store_true", help="only those with closed accounts")

    def handle(self, *, text: list[str], active: bool, closed: bool, **options: Any) -> None:
        people = User.objects.get_queryset().named_like(" ".join(text)).order_by("name", "pk")
        if active or closed:
            people = people.filter(is_active=active)
        found = list(people)
        self.report([told(person) for person in found], _lines(found))


def told(person: User) -> dict[str, object]:
    """A person for programs."""
    return {
        "user_id": person.uid,
        "email": person.email,
        "name": person.name,
        "timezone": person.zone.key,
        "active": person.is_active,
        "administrator": person.is_superuser,
        "joined": person.date_joined,
        "last_sign_in": person.last_login,
    }


def _lines(people: list[User]) -> Iterator[str]:
    for person in people:
        said = [person.zone.key]
        if person.is_superuser:
            said.append("administrator")
        elif person.is_staff:
            said.append("may enter the administration")
        if not person.is_active:
            said.append("account closed")
        signed_in = person.last_login
        said.append(f"last signed in {signed_in:%Y-%m-%d}" if signed_in else "never signed in")
        yield f"{person.name} <{person.email}>: {', '.join(said)}"
    yield "1 person." if len(people) == 1 else f"{len(people)} people."
