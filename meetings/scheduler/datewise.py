"""What becomes of single dates of a series, as a Change keeps it."""

from collections.abc import Collection, Mapping
from typing import Any

from meetings.models import Occurrence
from meetings.models.occurrence import when_named
from meetings.scheduler.differences import when_value
from meetings.scheduler.sheets import Before, Sheet

_STATE = [field.attname for field in Occurrence._meta.concrete_fields]


def date_values(sheet: Sheet, names: Collection[str]) -> list[dict[str, dict[str, object]]]:
    """What differs of these dates, before and after: recurrence-id → field → value.

    The fields are `status`, `when` and `rooms` (names), with values as in a Change. A date that
    does not take place afterwards has only its status; one that is new is compared with what
    the rule gives.
    """
    before: dict[str, dict[str, object]] = {}
    after: dict[str, dict[str, object]] = {}
    for row in sheet.rows:
        name = row.recurrence_id
        if name not in names:
            continue
        was, now = _was(sheet, row), _now(sheet, row)
        differing = [field for field in now if was[field] != now[field]]
        if differing:
            before[name] = {field: was[field] for field in differing}
            after[name] = {field: now[field] for field in differing}
    return [before, after]


def _was(sheet: Sheet, row: Occurrence) -> dict[str, object]:
    old = sheet.before.get(row.pk) if row.pk else None
    if old is None:
        return {
            "status": Occurrence.Status.SCHEDULED.value,
            "when": when_value(when_named(sheet.meeting, row.recurrence_id)),
            "rooms": sorted(room.name for room in sheet.rooms),
        }
    state = _state_of(old)
    rooms = {room.pk: room.name for room in sheet.rooms} | {
        pk: room.name for pk, room in sheet.others.items()
    }
    had = old.room_ids - set(state["missed_rooms"])
    return {
        "status": str(state["status"]),
        "when": when_value(old.when),
        "rooms": sorted(rooms[pk] for pk in had if pk in rooms),
    }


def _now(sheet: Sheet, row: Occurrence) -> dict[str, object]:
    status = Occurrence.Status(row.status).value
    if status != Occurrence.Status.SCHEDULED:
        return {"status": status}
    had = (room for room in sheet.wanted(row) if room.pk not in row.missed_rooms)
    return {
        "status": status,
        "when": when_value(row.when),
        "rooms": sorted(room.name for room in had),
    }


def _state_of(old: Before) -> Mapping[str, Any]:
    return dict(zip(_STATE, old.state, strict=True))
