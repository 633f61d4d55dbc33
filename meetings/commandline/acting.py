"""The commands by which somebody does in a shell what the pages do for her."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from pydantic import ValidationError

from accounts import rest
from accounts.commandline import (
    WRONG_USAGE,
    ReportingCommand,
    acting_person,
    wrong_usage,
)
from accounts.models import User
from accounts.rest import RestRequest
from meetings.api.booking import booked_out, tried
from meetings.api.refusing import status_and_more
from meetings.commandline.resolving import Resolution
from meetings.commandline.words import done_lines, plan_lines, refusal_lines
from meetings.described.meeting_out import BookedOut
from meetings.described.reader import Reader
from meetings.problems import Refusal
from meetings.scheduler import Done, Plan
from meetings.scheduler.policies import policy_of


class Refused(CommandError):
    """A command did nothing; says why, and what can be done."""


class PersonCommand(ReportingCommand):
    """A command by somebody: `by`, at the time `at`. Subclasses `act`.

    What is refused exits with 1 and its reasons; with --json they are those of the REST API.
    """

    by: User
    at: datetime

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """The subclass's parser, with --as."""
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.add_argument(
            "--as", dest="acting", metavar="EMAIL", required=True, help="who does it"
        )
        return parser

    def handle(self, *, acting: str, **options: Any) -> None:
        self.by, self.at = acting_person(acting), timezone.now()
        try:
            self.act(**options)
        except Refusal as refusal:
            status, more = status_and_more(self.request, refusal)
            words = "\n".join(refusal_lines(refusal, self.by))
            raise self._refused(status, {"detail": str(refusal)} | more, words) from None
        except rest.Refused as refused:
            errors = [{"field": name, "detail": why} for name, why in refused.fields.items()]
            problem = {"detail": refused.detail, "errors": errors}
            raise self._refused(refused.status, problem, refused.detail) from None
        except ValidationError as error:
            wrong = [f"{one['loc'][-1]}: {one['msg']}." for one in error.errors()]
            raise wrong_usage(" ".join(wrong)) from None

    def _refused(self, status: int, problem: dict[str, Any], words: str) -> Refused:
        """The error to exit with; for programs the REST API's answer (RFC 9457) is printed."""
        if self.as_json:
            title = HTTPStatus(status).phrase
            self.report({"type": "about:blank", "title": title, "status": status} | problem, [])
        usage = status in (HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.NOT_FOUND)
        return Refused(words, returncode=WRONG_USAGE if usage else 1)

    def act(self, *args: Any, **options: Any) -> None:
        """Do it. Raises Refusal or CommandError."""
        raise NotImplementedError

    @property
    def request(self) -> RestRequest:
        """For what the REST API asks of a request: who it is."""
        request = RestRequest()
        request.user = self.by
        return request

    @property
    def reader(self) -> Reader:
        """For what the REST API tells."""
        return Reader(self.by, self.at, None)

    def report_plan(self, planned: Callable[[], Plan], how: Resolution, *, editing: bool) -> None:
        """Say what would be done; raises Refusal if it would be refused."""
        if not self.as_json:
            policy = policy_of(how.policy)
            plan = policy.resolve(planned(), by=self.by, now=self.at, seen=how.seen)
            self.report(None, plan_lines(plan, self.by, editing=editing, cancel=how.cancel))
            return
        told = tried(planned, how.policy, self.reader, seen=how.seen)
        self.report(told.model_dump(), [])
        if not told.possible:
            raise Refused("It would be refused: see conflicts.")

    def report_done(self, done: Done, said: str, *, cancel: bool = False, date: str = "") -> None:
        """Say what was done: `said`, and to what."""
        if self.as_json:
            booked: BookedOut = booked_out(done, self.reader, recurrence_id=date, cancel=cancel)
            self.report(booked.model_dump(), [])
            return
        self.report(None, done_lines(done, said, self.by, date=date, cancel=cancel, now=self.at))
