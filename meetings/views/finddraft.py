"""A meeting form that waits, as it was typed, while a time for it is looked for."""

import uuid
from datetime import datetime
from typing import Any, NamedTuple

from django.http import QueryDict
from django.urls import reverse

from accounts.http import SignedInRequest
from accounts.models import User
from meetings.formvalues import Values, fresh_values
from meetings.views.errand import Errand
from meetings.views.offers import weekday_along

SESSION_KEY = "waiting_forms"
MOST_WAITING = 5
FOUND = ("date", "start", "end", "until", "all_day", "zone", "required", "optional")
"""The fields that a found time fills in."""


class Waiting(NamedTuple):
    """A form that waits: its values, where it lives, and the meeting it edits, if it does."""

    key: str
    values: Values
    address: str
    meeting: str


def let_wait(request: SignedInRequest, errand: Errand, values: Values) -> Waiting:
    """Keep a form in the person's session; of many the latest few."""
    uid = str(errand.meeting.uid) if errand.meeting else ""
    waiting = Waiting(str(uuid.uuid4()), values, errand.address, uid)
    others = list(_all(request).items())[1 - MOST_WAITING :]
    request.session[SESSION_KEY] = dict(others) | {waiting.key: list(waiting[1:])}
    return waiting


def waiting_form(request: SignedInRequest) -> Waiting | None:
    """The form that the address names; None if it names none, or one that waits no more."""
    key = request.GET.get("draft", "")
    kept = _all(request).get(key)
    return Waiting(key, *kept) if kept else None


def with_found(waiting: Waiting, reader: User, query: QueryDict, *, now: datetime) -> Values:
    """What was typed, with the time, people and room that were found laid over it."""
    if "day" not in query:
        return waiting.values
    # A series' form has a date in its address already: that which is edited.
    asked = {name: query.get(name, "") for name in query} | {"date": query.get("day", "")}
    fresh = fresh_values(reader, asked, now=now)
    rooms = {"rooms": fresh["rooms"]} if "room" in query else {}
    found = {name: fresh[name] for name in FOUND} | rooms
    return waiting.values | found | weekday_along(waiting.values, fresh["date"])


def wants_room(values: Values) -> bool:
    """Whether a form is in need of a room: not if it says without one where to meet."""
    return bool(values["rooms"]) or not (values["location"].strip() or values["join_link"].strip())


def form_address(waiting: Waiting | None, found: dict[str, Any]) -> str:
    """Where the form is, with what was found filled in."""
    address = waiting.address if waiting else reverse("meetings:new")
    query = QueryDict(mutable=True)
    query.update({name: value for name, value in found.items() if value or name == "room"})
    if waiting:
        query["draft"] = waiting.key
        query.setlist("day", query.pop("date", []))
    joined = "&" if "?" in address else "?"
    return f"{address}{joined}{query.urlencode(safe='@:')}" if query else address


def _all(request: SignedInRequest) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = request.session.get(SESSION_KEY, {})
    return found
