"""Call a meeting off, or some of its dates."""

from typing import Any
from uuid import UUID

from django.core.management.base import CommandParser

from meetings.api.plan_out import plan_out
from meetings.commandline.acting import PersonCommand
from meetings.commandline.naming import meeting_named, reach_asked
from meetings.commandline.words import cancelling_lines
from meetings.described.meeting_out import meeting_out
from meetings.management.commands.reschedule import add_reach
from meetings.models import Meeting
from meetings.scheduler import cancel, plan_cancel


class Command(PersonCommand):
    """`manage.py cancel UID --as EMAIL`."""

    help = (
        "Calls a meeting off, gives its rooms back and tells who is invited; of a series the date "
        "named by --date, with --scope also those that follow it. What has begun stays."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("uid", type=UUID, help="the meeting's UID, as book prints it")
        add_reach(parser)
        parser.add_argument("--reason", default="", help="for those who are invited")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done")

    def act(
        self,
        *,
        uid: UUID,
        date: str | None,
        scope: str | None,
        reason: str,
        dry_run: bool,
        **options: Any,
    ) -> None:
        """Call it off, or say what would be."""
        meeting = meeting_named(uid, self.by)
        reach = reach_asked(meeting, date, scope, self.at)
        if dry_run:
            plan = plan_cancel(meeting, by=self.by, now=self.at, **reach.arguments)
            told = plan_out(plan, self.by, None, possible=True).model_dump()
            self.report(told, cancelling_lines(plan, "Would be called off", self.by, reach.single))
            return
        done = cancel(meeting, by=self.by, now=self.at, reason=reason, **reach.arguments)
        fresh = Meeting.objects.with_people().get(pk=done.meeting.pk)
        out = meeting_out(
            fresh, self.by, now=self.at, zone=None, recurrence_id=reach.single
        ).model_dump()
        assert done.plan is not None
        self.report(out, cancelling_lines(done.plan, "Called off", self.by, reach.single))
