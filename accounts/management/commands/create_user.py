"""Give somebody an account."""

import sys
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import transaction

from accounts.commandline import ReportingCommand, wrong_usage
from accounts.forms import NewPersonForm
from accounts.hours import USUAL_WEEK, set_week
from accounts.management.commands.users import told
from accounts.models import User
from accounts.zones import is_zone, present_name


class Command(ReportingCommand):
    """`manage.py create_user EMAIL [--name …] [--zone …] [--admin] [--password-stdin]`."""

    help = (
        "Opens an account. Without a password its person chooses one by “Forgot the password?” on "
        "the sign-in page; the address is confirmed by a code at the first sign-in."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the address to sign in with")
        parser.add_argument("--name", help="as others read it; without it, the address up to the @")
        parser.add_argument(
            "--zone", help="the time zone, like Europe/Berlin; without it, the browser's is offered"
        )
        parser.add_argument("--admin", action="store_true", help="may administer everything")
        parser.add_argument(
            "--password-stdin", action="store_true", help="read the password from standard input"
        )

    def handle(
        self,
        *,
        email: str,
        name: str | None,
        zone: str | None,
        admin: bool,
        password_stdin: bool,
        **options: Any,
    ) -> None:
        if zone and not is_zone(zone):
            raise wrong_usage(f"“{zone}” is no time zone; write one like Europe/Berlin.")
        password = sys.stdin.readline().rstrip("\r\n") if password_stdin else ""
        if password_stdin and not password:
            raise wrong_usage("Standard input was empty; its first line is to be the password.")
        form = NewPersonForm(
            {
                "email": email,
                "name": name or email.partition("@")[0],
                "timezone": present_name(zone or "UTC"),
                "usable_password": "true" if password else "false",
                "password1": password,
                "password2": password,
            }
        )
        if not form.is_valid():
            raise CommandError(" ".join(str(e) for errors in form.errors.values() for e in errors))
        person = _opened(form, has_zone=zone is not None, admin=admin)
        how = "with that password" if password else "with a password to choose by mail"
        part = " as an administrator" if admin else ""
        self.report(told(person), [f"{person.name} <{person.email}> can sign in{part}, {how}."])


@transaction.atomic
def _opened(form: NewPersonForm, *, has_zone: bool, admin: bool) -> User:
    """The account with the usual working hours."""
    person: User = form.save(commit=False)
    person.timezone_confirmed = has_zone
    person.is_staff = person.is_superuser = admin
    person.save()
    set_week(person, USUAL_WEEK)
    return person
