"""Which dates of a series a page is about: one, that one and those after it, or all of them.

A page's address says it, as `?date=<recurrence-id>&scope=this|following|all`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import Http404
from django.utils.translation import gettext as _

from meetings.dates import coming, date_of
from meetings.models import Meeting, Occurrence
from meetings.scheduler import Scope
from meetings.timewords import day_words
from meetings.wallclock import AllDay


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the scopes to choose from, as a link."""

    label: str
    query: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Reach:
    """Some dates of a meeting. `occurrence` is the date that was asked for, if one was."""

    scope: Scope = Scope.ALL
    occurrence: Occurrence | None = None

    @property
    def recurrence_id(self) -> str:
        """The date that a command is about; empty if it is about all."""
        return self.occurrence.recurrence_id if self.occurrence and not self.whole else ""

    @property
    def arguments(self) -> dict[str, Any]:
        """What a command is told of it; nothing if it is about all."""
        if self.whole:
            return {}
        return {"scope": self.scope, "recurrence_id": self.recurrence_id}

    @property
    def whole(self) -> bool:
        """Whether it is the whole meeting."""
        return self.scope is Scope.ALL

    @property
    def single(self) -> bool:
        """Whether it is one date of a series."""
        return self.scope is Scope.THIS

    @property
    def query(self) -> str:
        """What an address needs to say it; empty for the whole of a meeting."""
        return _query(self.scope, self.occurrence) if self.occurrence else ""


def reach_of(meeting: Meeting, query: Mapping[str, str]) -> Reach:
    """What a page's address asks for: `this` if it names a date, else `all`.

    Raises Http404 for a date that the series does not have. A single meeting has one reach.
    """
    if not meeting.is_series or not query.get("date"):
        return Reach()
    try:
        occurrence = date_of(meeting, query["date"])
        return Reach(Scope(query.get("scope") or Scope.THIS), occurrence)
    except (Occurrence.DoesNotExist, ValueError):
        raise Http404 from None


def choices(meeting: Meeting, reach: Reach, now: datetime) -> list[Choice]:
    """The scopes of a series to choose from, around its next date if none was asked for."""
    if not meeting.is_series:
        return []
    around = reach.occurrence or next(iter(coming(meeting, now, most=1)), None)
    return list(_choices(reach, around)) if around else []


def _choices(reach: Reach, around: Occurrence) -> Iterator[Choice]:
    when = around.when
    day = day_words(when.first if isinstance(when, AllDay) else when.start.date())
    labels = {
        Scope.THIS: _("Only %(day)s") % {"day": day},
        Scope.FOLLOWING: _("This and following"),
        Scope.ALL: _("All dates"),
    }
    for scope, label in labels.items():
        yield Choice(label, _query(scope, around), chosen=scope is reach.scope)


def _query(scope: Scope, occurrence: Occurrence) -> str:
    return "?" + urlencode({"date": occurrence.recurrence_id, "scope": scope})
