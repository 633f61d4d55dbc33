"""Taking a room from others, on a form: what it would do, and what was chosen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from meetings.displacedwords import displaced_words
from meetings.formvalues import storable
from meetings.permissions import may_override
from meetings.problems import RoomTaken
from meetings.scheduler import Override, Plan, taking_over

MOST = 10
CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Taking:
    """What becomes of those who have the room, and what has to be said to take it.

    `choice` says whether some fit nowhere, so that it has to be chosen what becomes of them.
    """

    heading: str
    victims: list[str]
    unsaid: int
    choice: bool
    cancel: bool
    reason: str
    fingerprint: str
    button: str


def taking_for(
    plan: Plan, values: Mapping[str, object], *, by: User, now: datetime, editing: bool
) -> Taking | None:
    """What `by` is offered; None unless she may, and all that refuses would give way.

    `values` are what was typed before: the reason, and what becomes of those that fit nowhere.
    """
    taken = any(isinstance(problem, RoomTaken) for problem in plan.problems)
    if not taken or not may_override(by):
        return None
    cancel = values.get("nowhere") == CANCEL
    over = taking_over(plan, now=now, cancel=cancel)
    if over.refused or not over.displaced:
        return None
    said = displaced_words(over.displaced, by, by.zone, cancel=cancel)
    rooms = len({room.pk for one in over.displaced for room in one.lost})
    heading = ngettext("Take the room", "Take the rooms", rooms)
    return Taking(
        heading,
        said[:MOST],
        len(said[MOST:]),
        any(one.nowhere for one in over.displaced),
        cancel,
        str(values.get("reason", "")),
        over.fingerprint,
        _("%(take)s and save") % {"take": heading}
        if editing
        else _("%(take)s and create") % {"take": heading},
    )


def override_of(data: QueryDict) -> Override | None:
    """The policy that the button stands for, if it was that button."""
    if data.get("policy") != Override.name:
        return None
    return Override(storable(data.get("reason", "")), cancel=data.get("nowhere") == CANCEL)
