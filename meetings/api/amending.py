"""Changes of a meeting as they come in, and the drafts that they ask for."""

from dataclasses import replace
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Field

from accounts.rest import Number, Text, Zone
from meetings.api.coming_in import PRIORITIES, MeetingIn
from meetings.api.placing import attendees_from, room_pks
from meetings.api.reaching import ReachingIn
from meetings.api.repeating import Repeating, repeating_from
from meetings.api.resolving import Resolving
from meetings.api.timing import Timing, when_from
from meetings.drafts import Attendee, Draft
from meetings.recurrence import moved
from meetings.wallclock import Timed, When

LONGEST_UNDO = 600

PLAIN = ("title", "description", "location", "join_link", "tentative", "visibility")
KEPT = {"timezone", "visibility", *Repeating.model_fields}
"""What stays as it is unless something is said of it."""


class MeetingPut(MeetingIn, Repeating, ReachingIn):
    """All that a meeting, or some of its dates, is to be.

    What is left out becomes empty, except for these, which stay: the rule (`"rrule": ""` ends
    the repeating), `timezone` and `visibility`. Of a series, times are those of its first date,
    or of the first of those that are changed.
    """

    timezone: Zone | None = Field(None, description="The one it has, if there is none.")
    orphans: Literal["keep", "drop"] | None = Field(
        None, description="What becomes of changed dates that a new rule does not give."
    )
    undo_seconds: Annotated[Number, Field(ge=0, le=LONGEST_UNDO)] = Field(
        0, description="How long it can be undone; nobody is told before."
    )

    def said(self) -> set[str]:
        """The fields of the meeting that are to be as the body has them."""
        return self.model_fields_set | set(MeetingIn.model_fields) - KEPT


def _without_defaults(schema: dict[str, Any]) -> None:
    for name, field in schema["properties"].items():
        if name not in Resolving.model_fields:
            field.pop("default", None)


class MeetingPatch(MeetingPut):
    """What is to change; all else stays as it is.

    An end stays where it is if only the start is sent. A new `timezone` alone moves nothing: it
    is the one whose clocks a series follows. A rule that is not sent moves along with the first
    date; `interval`, `count` and `until` alone change the rule there is.
    """

    model_config = ConfigDict(json_schema_extra=_without_defaults)

    title: Text = ""

    def said(self) -> set[str]:
        """The fields that were sent."""
        return self.model_fields_set


def amended(body: MeetingPut, before: Draft) -> Draft:
    """What `before` is to become. Raises Refused naming the field that is wrong."""
    said = body.said()
    zone = body.timezone or before.zone
    when = _when(body, before, zone)
    values: dict[str, Any] = {name: getattr(body, name) for name in PLAIN if name in said}
    if "priority" in said:
        values["priority"] = PRIORITIES[body.priority]
    if "transparency" in said:
        values["transparency"] = body.transparency or ""
    if "reminders" in said:
        values["reminders"] = tuple(body.reminders)
    if said & {"room_id", "room_ids"}:
        values["room_ids"] = room_pks([*([body.room_id] if body.room_id else []), *body.room_ids])
    if "attendees" in said:
        values["attendees"] = _attendees(body, before)
    by_days = (when.day - before.when.day).days
    asked = repeating_from(body, when, had=moved(before.rrule, by_days, before.when))
    return replace(
        before,
        when=when,
        zone=zone,
        rrule=asked.rule,
        exdates=asked.exdates,
        rdates=asked.rdates,
        **values,
    )


def _when(body: MeetingPut, before: Draft, zone: ZoneInfo) -> When:
    """The time asked for; where only a part of it is said, with the rest of what it was."""
    said = body.said() & set(Timing.model_fields)
    if not said and zone.key == before.zone.key:
        return before.when
    there = _timing(before.when)
    if "all_day" in said and body.all_day != there["all_day"]:
        there = {}
    asked = Timing.model_construct(**there | {name: getattr(body, name) for name in said})
    when = when_from(asked, zone)
    was = before.when
    if not (isinstance(when, Timed) and isinstance(was, Timed)) or was.zone.key != zone.key:
        return when
    # Clocks may have skipped the time that it is known by.
    same = when.during().start == was.during().start
    return replace(was, length=when.length) if same else when


def _timing(when: When) -> dict[str, Any]:
    during = when.during()
    if isinstance(when, Timed):
        return {"all_day": False, "start_time": during.start, "end_time": during.end}
    first, end = during.start.date(), during.end.date()
    return {"all_day": True, "start_date": first, "end_date": end}


def _attendees(body: MeetingPut, before: Draft) -> tuple[Attendee, ...]:
    """Those asked for; who is there already and is not named anew keeps the name."""
    names = {attendee.email.lower(): attendee.name for attendee in before.attendees}
    return tuple(
        replace(asked, name=asked.name or names.get(asked.email.strip().lower(), ""))
        for asked in attendees_from(body.attendees)
    )
