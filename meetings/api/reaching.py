"""Which dates of a series a request is about, and which version of the meeting it means."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.translation import gettext as _
from ninja import Schema
from pydantic import Field

from accounts.models import User
from accounts.rest import Identifier, Refused, Strict, Text, invalid
from meetings.api.reading import meeting_for
from meetings.dates import date_of
from meetings.models import Meeting, Occurrence
from meetings.permissions import require_edit
from meetings.problems import Stale
from meetings.scheduler import Scope
from meetings.scheduler.differences import require_version

ScopeName = Literal["this", "following", "all"]
TAG = re.compile(r'(?:W/)?"?(\d{1,9})"?')


class Reaching(Schema):
    """Of a series: one date, that and those `following`, or (without a word) all of them."""

    scope: ScopeName | None = None
    recurrence_id: Identifier | None = Field(None, description="Names the date.")


class ReachingIn(Strict):
    """The same in a body, for whoever would rather send it there."""

    scope: ScopeName | None = None
    recurrence_id: Identifier | None = None


class Matching(Schema):
    """The version (`ETag`) that was read; if the meeting is at another by now, nothing is done."""

    if_match: Text | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """Some dates of a meeting, as commands name them."""

    scope: Scope = Scope.ALL
    recurrence_id: str = ""

    @property
    def arguments(self) -> dict[str, Any]:
        """What a command is told of it."""
        return {"scope": self.scope, "recurrence_id": self.recurrence_id}

    @property
    def single(self) -> str:
        """The date's name if it is about one alone."""
        return self.recurrence_id if self.scope is Scope.THIS else ""


def editable(by: User, meeting_id: str) -> Meeting:
    """The meeting, for its organizer's side. Raises Refused or NotAllowed."""
    meeting = meeting_for(by, meeting_id)
    require_edit(by, meeting)
    return meeting


def reach_of(meeting: Meeting, *said: Reaching | ReachingIn) -> Reach:
    """What was said, in the address or the body. A single meeting has one reach.

    Raises Refused for a date that the meeting does not have, and for half an answer.
    """
    scope = _the_one("scope", [one.scope for one in said])
    name = _the_one("recurrence_id", [one.recurrence_id for one in said])
    if name:
        require_date(meeting, name)
    if not meeting.is_series or scope == Scope.ALL:
        return Reach()
    if scope and not name:
        raise invalid("recurrence_id", _("Say which date: its recurrence_id."))
    if name and not scope:
        raise invalid("scope", _("Say what is meant: this date, this and the following, or all."))
    return Reach(Scope(scope), name) if scope else Reach()


def require_date(meeting: Meeting, name: str, *, field: str = "") -> Occurrence:
    """The date of that name. Raises Refused if the meeting has none; about a `field` of a body."""
    try:
        return date_of(meeting, name)
    except Occurrence.DoesNotExist:
        sentence = _("The meeting has no date of that recurrence_id.")
        raise (invalid(field, sentence) if field else Refused(404, sentence)) from None


def _the_one(field: str, values: Sequence[str | None]) -> str:
    said = {value for value in values if value}
    if len(said) > 1:
        raise invalid(field, _("The address says one thing and the body another."))
    return said.pop() if said else ""


def matched(meeting: Meeting, match: Matching, *, exactly: bool = False) -> int:
    """The version that the request is about: that of `If-Match`, else the one there is now.

    Raises Stale with what was changed since (`exactly`: also if that was taken back), or Refused
    for what is no version.
    """
    if match.if_match is None or match.if_match.strip() == "*":
        return meeting.version
    found = [TAG.fullmatch(tag.strip()) for tag in match.if_match.split(",")]
    versions = [int(tag[1]) for tag in found if tag]
    if not versions:
        raise Refused(412, _("If-Match is no version of a meeting: send an ETag you were given."))
    version = meeting.version if meeting.version in versions else max(versions)
    require_version(meeting, version)
    if exactly and version != meeting.version:
        raise Stale(_("That was taken back already."), version=meeting.version, differences=())
    return version
