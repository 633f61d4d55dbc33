"""Move a meeting, or some of its dates."""

from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.management.base import CommandParser

from meetings.commandline import resolving
from meetings.commandline.acting import PersonCommand
from meetings.commandline.naming import (
    Reach,
    add_rooms,
    meeting_named,
    reach_asked,
    rooms_asked,
)
from meetings.commandline.times import DAY, when_asked, zone_asked
from meetings.drafts import Draft
from meetings.models import Meeting
from meetings.models.occurrence import when_named
from meetings.permissions import require_edit
from meetings.recurrence import moved
from meetings.scheduler import Decisions, Plan, Scope, draft_of, edit, plan_edit
from meetings.wallclock import AllDay, Timed, When


class Command(PersonCommand):
    """`manage.py reschedule UID --as EMAIL --start …`."""

    help = (
        "Moves a meeting; of a series the date named by --date, with --scope also those that "
        "follow it or all, each by as much. Those concerned are told and asked anew."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("uid", type=UUID, help="the meeting's UID, as book prints it")
        parser.add_argument(
            "--start",
            required=True,
            metavar="TIME",
            help="the new start, of --date if that is given: 2027-03-10T14:00, or just another day",
        )
        parser.add_argument("--end", metavar="TIME", help="without, it takes as long as before")
        parser.add_argument("--minutes", type=int, help="how long it takes, instead of --end")
        parser.add_argument("--zone", help="of the times given; without, the person's")
        add_rooms(parser, "the rooms to hold; without, those it had")
        parser.add_argument("--rrule", help="another rule for the series, or “” to end it")
        add_reach(parser)
        parser.add_argument(
            "--orphans",
            choices=("keep", "drop"),
            help="what becomes of changed dates that a new rule does not give",
        )
        resolving.add_arguments(parser)

    def act(self, *, uid: UUID, date: str | None, scope: str | None, **options: Any) -> None:
        """Move it, or say what would be done."""
        meeting = meeting_named(uid, self.by)
        require_edit(self.by, meeting)
        reach = reach_asked(meeting, date, scope, self.at)
        draft = self._draft(meeting, reach, **options)
        asked = {**reach.arguments, "orphans": options["orphans"], "by": self.by, "now": self.at}

        def planned(decisions: Decisions) -> Plan:
            return plan_edit(meeting, draft, **asked, decisions=decisions)

        how = resolving.resolution(planned, options)
        if options["dry_run"]:
            self.report_plan(partial(planned, how.decisions), how, editing=True)
            return
        done = edit(
            meeting,
            draft,
            **asked,
            version=meeting.version,
            policy=how.policy,
            seen=how.seen,
            decisions=how.decisions,
        )
        self.report_done(done, "Moved", cancel=how.cancel, date=reach.single)

    def _draft(
        self,
        meeting: Meeting,
        reach: Reach,
        *,
        start: str,
        end: str | None,
        minutes: int | None,
        zone: str | None,
        rooms: list[str] | None,
        rrule: str | None,
        **options: Any,
    ) -> Draft:
        before = draft_of(meeting, **reach.arguments)
        all_of_them = reach.scope is Scope.ALL and reach.date
        named = when_named(meeting, reach.date) if all_of_them else before.when
        clocks = zone_asked(zone, self.by)
        if DAY.fullmatch(start) and isinstance(named, Timed):
            start, clocks = f"{start}T{named.start.time()}", named.zone
        asked = when_asked(start, end, minutes, clocks, usual=before.when)
        if zone is None:
            asked = _in_zone(asked, before.zone)
        if all_of_them:
            asked = _as_much(before.when, named, asked)
        by_days = (asked.day - before.when.day).days
        return replace(
            before,
            when=asked,
            zone=asked.zone if isinstance(asked, Timed) else before.zone,
            rrule=moved(before.rrule, by_days, before.when) if rrule is None else rrule,
            room_ids=before.room_ids if rooms is None else rooms_asked(rooms),
        )


def add_reach(parser: CommandParser) -> None:
    """The options that say which dates of a series are meant."""
    parser.add_argument(
        "--date", metavar="DATE", help="which date of a series: its day, or its recurrence-id"
    )
    parser.add_argument(
        "--scope",
        choices=[scope.value for scope in Scope],
        help="this date, this and the following, or all; without --date, all",
    )


def _in_zone(when: When, zone: ZoneInfo) -> When:
    """The same instants on the clocks that the meeting follows."""
    if isinstance(when, AllDay) or when.zone.key == zone.key:
        return when
    during = when.during()
    return Timed(during.start.astimezone(zone).replace(tzinfo=None), zone, when.length)


def _as_much(first: When, named: When, asked: When) -> When:
    """Where the first date comes to be if the named one moves to the time asked for."""
    if isinstance(asked, AllDay) or not (isinstance(first, Timed) and isinstance(named, Timed)):
        return asked.on(first.day + (asked.day - named.day))
    return replace(asked, start=first.start + (asked.start - named.start))
