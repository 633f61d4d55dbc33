"""Open a closed account again."""

from typing import Any

from django.core.management.base import CommandParser

from accounts.closing import open_accounts
from accounts.commandline import ReportingCommand, person_named
from accounts.management.commands.users import told
from accounts.models import User


class Command(ReportingCommand):
    """`manage.py activate_user EMAIL`."""

    help = "Opens a closed account again. API tokens that ended with it have to be made anew."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the address of the account")

    def handle(self, *, email: str, **options: Any) -> None:
        person = person_named(email)
        opened = open_accounts(User.objects.get_queryset().filter(pk=person.pk))
        person.refresh_from_db()
        self.report(
            told(person),
            [
                f"{person.email} can sign in again; API tokens have to be made anew."
                if opened
                else f"The account of {person.email} was open already."
            ],
        )
