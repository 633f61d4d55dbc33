"""What the refusals of commands are for programs: a status, and what more there is to say."""

from dataclasses import asdict
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.zones import is_zone
from meetings.api.alternatives_out import alternatives_out
from meetings.described.conflicts_out import conflicts_out
from meetings.fieldwords import difference_words
from meetings.problems import (
    InvalidDraft,
    NotAllowed,
    Refusal,
    Stale,
    Undecided,
)
from meetings.scheduler import Conflicted

# What a field of a draft is called outside.
NAMES = {"when": "start_time", "rooms": "room_ids", "zone": "timezone"}
# What to send for dates that a new rule does not give.
ORPHANS = {"orphans": ["keep", "drop"]}


def status_and_more(request: HttpRequest, refusal: Refusal) -> tuple[int, dict[str, Any]]:
    """The HTTP status of a refusal, and the members that its problem has beside the sentence."""
    if isinstance(refusal, Conflicted):
        return 409, _conflicted(request, refusal)
    if isinstance(refusal, InvalidDraft):
        errors = [
            {"field": NAMES.get(field, field), "detail": detail}
            for field, detail in refusal.errors.items()
        ]
        return 422, {"errors": errors}
    if isinstance(refusal, NotAllowed):
        return 403, {}
    if isinstance(refusal, Stale):
        return 412, _stale(request, refusal)
    if isinstance(refusal, Undecided):
        return 409, {"dates": list(refusal.dates), "choices": ORPHANS}
    return 409, {}  # nobody can do it any more


def _stale(request: HttpRequest, refusal: Stale) -> dict[str, Any]:
    """At which version it is by now, and what was changed, in words as on the page."""
    zone = zone_asked(request) or ZoneInfo("UTC")
    words = [difference_words(difference, zone) for difference in refusal.differences]
    return {
        "detail": _("It was changed meanwhile. Read it again, then send this with its ETag."),
        "version": refusal.version,
        "differences": [asdict(w) | {"field": NAMES.get(w.field, w.field)} for w in words],
    }


def _conflicted(request: HttpRequest, refusal: Conflicted) -> dict[str, Any]:
    viewer = request.user
    assert isinstance(viewer, User)  # else there is no command
    zone = zone_asked(request)
    plan = refusal.plan
    return {
        "conflicts": [c.model_dump() for c in conflicts_out(plan.problems, viewer, zone)],
        "alternatives": [a.model_dump() for a in alternatives_out(refusal.alternatives, zone)],
        "fingerprint": plan.fingerprint,
    }


def zone_asked(request: HttpRequest) -> ZoneInfo | None:
    """The zone in which times are to come back; None for UTC."""
    name = request.GET.get("timezone", "")
    return ZoneInfo(name) if is_zone(name) else None
