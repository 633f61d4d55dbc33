"""Book a meeting."""

from functools import partial
from typing import Any

from django.core.management.base import CommandParser

from meetings.api.booking import booked_out
from meetings.api.coming_in import PRIORITIES
from meetings.api.recurring import RecurringOut, dates_booked
from meetings.commandline import resolving
from meetings.commandline.acting import PersonCommand
from meetings.commandline.naming import add_people, add_rooms, attendees_asked, rooms_asked
from meetings.commandline.times import when_asked, zone_asked
from meetings.drafts import Draft
from meetings.scheduler import Decisions, Plan, plan_schedule, schedule


class Command(PersonCommand):
    """`manage.py book TITLE --as EMAIL --start … --minutes …`."""

    help = (
        "Books a meeting with its rooms and invites people, or says what collides and which times "
        "are free. Times without an offset are on the wall clock of --zone, or of the person."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("title")
        parser.add_argument(
            "--start", required=True, metavar="TIME", help="2027-03-10T14:00; a day: all day"
        )
        parser.add_argument("--end", metavar="TIME", help="15:00, 2027-03-10T15:00; or a last day")
        parser.add_argument("--minutes", type=int, help="how long it takes, instead of --end")
        parser.add_argument("--zone", help="like Europe/Berlin; the clocks that a series follows")
        add_people(parser)
        add_rooms(parser, "the rooms to hold")
        parser.add_argument("--rrule", default="", help="how it repeats: FREQ=WEEKLY;COUNT=10")
        parser.add_argument("--description", default="")
        parser.add_argument("--location", default="")
        parser.add_argument("--private", action="store_true", help="others read “Busy”")
        parser.add_argument("--priority", choices=list(PRIORITIES), default="normal")
        resolving.add_arguments(parser)

    def act(self, **options: Any) -> None:
        """Book it, or say what would be."""
        draft = self._draft(**options)

        def planned(decisions: Decisions) -> Plan:
            return plan_schedule(draft, by=self.by, now=self.at, decisions=decisions)

        how = resolving.resolution(planned, options)
        if options["dry_run"]:
            self.report_plan(partial(planned, how.decisions), how, editing=False)
            return
        done = schedule(
            draft,
            by=self.by,
            now=self.at,
            policy=how.policy,
            seen=how.seen,
            decisions=how.decisions,
        )
        if self.as_json and done.meeting.is_series:
            dates = dates_booked(done.meeting, self.reader)
            told = booked_out(done, self.reader, cancel=how.cancel, kind=RecurringOut, **dates)
            self.report(told.model_dump(), [])
            return
        self.report_done(done, "Booked", cancel=how.cancel)

    def _draft(
        self,
        *,
        title: str,
        start: str,
        end: str | None,
        minutes: int | None,
        zone: str | None,
        required: list[str] | None,
        optional: list[str] | None,
        rooms: list[str] | None,
        rrule: str,
        description: str,
        location: str,
        private: bool,
        priority: str,
        **options: Any,
    ) -> Draft:
        clocks = zone_asked(zone, self.by)
        return Draft(
            title=title,
            when=when_asked(start, end, minutes, clocks),
            zone=clocks,
            description=description,
            location=location,
            attendees=attendees_asked(required, optional),
            room_ids=rooms_asked(rooms),
            priority=PRIORITIES[priority],
            visibility="private" if private else "public",
            rrule=rrule,
        )
