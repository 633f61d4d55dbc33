"""Answer an invitation."""

from typing import Any
from uuid import UUID

from django.core.management.base import CommandParser

from accounts.commandline import wrong_usage
from meetings.api.invitation_out import mine_out
from meetings.commandline.acting import PersonCommand, Refused
from meetings.commandline.naming import date_named, meeting_named
from meetings.commandline.words import answer_lines
from meetings.models import Invitation, Meeting
from meetings.scheduler import respond
from meetings.scheduler.respond import ANSWERS
from meetings.waiting import invited_to


class Command(PersonCommand):
    """`manage.py respond UID --as EMAIL accepted|tentative|declined`."""

    help = "Answers for the person: for the meeting, or with --date for that date of a series."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("uid", type=UUID, help="the meeting's UID")
        parser.add_argument("answer", choices=[answer.value for answer in ANSWERS])
        parser.add_argument("--note", help="for the organizer; without, the one given before stays")
        parser.add_argument("--date", help="of a series only that date: its day or recurrence-id")

    def act(
        self, *, uid: UUID, answer: str, note: str | None, date: str | None, **options: Any
    ) -> None:
        """Answer."""
        meeting = meeting_named(uid, self.by)
        name = date_named(meeting, date, self.at)
        row = self._row(meeting, name)
        name = name or row.recurrence_id
        said = row.note if note is None else note
        done = respond(row, answer, by=self.by, now=self.at, note=said, recurrence_id=name)
        mine = invited_to(self.by, self.at).filter(meeting=meeting)
        answered = [one for one in mine if one.recurrence_id == name] or [row]
        told = mine_out(answered, self.reader) if self.as_json else []
        self.report(
            told[0].model_dump() if told else {},
            answer_lines(done, answer, self.by, date=name, now=self.at),
        )

    def _row(self, meeting: Meeting, name: str) -> Invitation:
        """The person's invitation that is answered. Raises CommandError."""
        rows = list(meeting.invitations.current().of(self.by).order_by("recurrence_id"))
        for row in rows:
            if row.recurrence_id in ("", name):
                return row
        if not rows:
            raise Refused(f"{self.by} is not invited to this meeting.")
        if name or len(rows) > 1:
            names = ", ".join(row.recurrence_id for row in rows)
            raise wrong_usage(f"{self.by} is invited to single dates; choose --date of {names}.")
        return rows[0]
