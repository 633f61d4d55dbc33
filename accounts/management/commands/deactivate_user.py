"""Close somebody's account."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.timezone import now

from accounts.closing import close_accounts
from accounts.commandline import ReportingCommand, person_named
from accounts.management.commands.users import told
from accounts.models import User


class Command(ReportingCommand):
    """`manage.py deactivate_user EMAIL`."""

    help = (
        "Closes an account: nobody can sign in as that person or find them, their sessions and API "
        "tokens end. Their meetings stay."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the address of the account")

    def handle(self, *, email: str, **options: Any) -> None:
        person = person_named(email)
        people = User.objects.get_queryset().filter(pk=person.pk)
        closed = close_accounts(people, now=now())
        person.refresh_from_db()
        self.report(
            told(person),
            [
                f"The account of {person.email} is closed; sessions and API tokens have ended."
                if closed
                else f"The account of {person.email} was closed already."
            ],
        )
        if not User.objects.active().filter(is_superuser=True).exists():
            self.stderr.write(
                "No administrator has an open account any more: open one with activate_user,"
                " or make one with create_user EMAIL --admin."
            )
