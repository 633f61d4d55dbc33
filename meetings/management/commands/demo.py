"""Fill an empty database with the demo."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.timezone import now

from accounts.demo import DEMO_PASSWORD, SIGN_INS
from accounts.models import User
from meetings.demo import load
from meetings.models import Meeting
from rooms.models import Room


class Command(BaseCommand):
    """`manage.py demo`."""

    help = "Fills an empty database with a believable company and several weeks of meetings."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing where there is data already"
        )

    def handle(self, *, if_empty: bool = False, verbosity: int = 1, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError(
                "In production there is no demo: everybody knows its password."
                " Set SCHEDULER_MODE=demo to try it on this machine."
            )
        if load.is_unfinished():
            load.forget()
        if User.objects.get_queryset().exists() or Room.objects.exists():
            if if_empty:
                return
            raise CommandError("The demo fills only an empty database, and this one holds data.")
        if verbosity:
            self.stdout.write("Loading the demo's people, rooms and meetings …")
            self.stdout.flush()
        load.load(now())
        if verbosity and not if_empty:
            self.stdout.write(
                f"{User.objects.get_queryset().count()} people, {Room.objects.count()} rooms,"
                f" {Meeting.objects.count()} meetings. Sign in as {', '.join(SIGN_INS)},"
                f" with the password {DEMO_PASSWORD}."
            )
