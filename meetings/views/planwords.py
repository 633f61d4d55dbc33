"""A plan in a line beside the button, and the button's own words."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from meetings.events import Message
from meetings.models import Occurrence
from meetings.problems import NotYetBookable, Severity
from meetings.scheduler import Place, Plan, PlannedDate, Scope
from meetings.views.policy import says_anyway
from rooms.models import Room

MOST_NAMES = 3


def listed(names: Sequence[str]) -> str:
    """`Ana`, `Ana and Ben`, `Ana, Ben and Cy`."""
    if len(names) < 2:
        return "".join(names)
    return _("%(first)s and %(last)s") % {"first": ", ".join(names[:-1]), "last": names[-1]}


def people_words(places: Sequence[Place]) -> str:
    """Names if they are few, else how many: `Ben and Lena`, `7 people`."""
    if len(places) <= MOST_NAMES:
        return listed([place.shown_name for place in places])
    return ngettext("%d person", "%d people", len(places)) % len(places)


def plan_words(plan: Plan, *, editing: bool) -> str:
    """What saving would do: `Mails 4 people, holds Blue Room`."""
    dates = date_parts(plan, editing=editing)
    if editing and not plan.fields and not dates:
        return _("Nothing is changed yet")
    parts = dates + (_edit_parts(plan) if editing else _new_parts(plan))
    sentence = ", ".join([*parts, *_room_parts(plan)])
    return sentence[:1].upper() + sentence[1:]


def button_words(plan: Plan | None, *, editing: bool, policy: str) -> str:
    """What the button says will happen: `Create and invite 4`."""
    warned = plan is not None and plan.warned and not plan.refused
    anyway = warned and says_anyway(policy)
    told = len(plan.told) if plan else 0
    if editing:
        words = ngettext("%(save)s and tell %(told)d", "%(save)s and tell %(told)d", told)
        save = _("Save anyway") if anyway else _("Save")
    else:
        words = ngettext("%(save)s and invite %(told)d", "%(save)s and invite %(told)d", told)
        save = _("Save anyway") if anyway else _("Create")
    return words % {"save": save, "told": told} if told else save


def live_dates(plan: Plan) -> list[PlannedDate]:
    """The dates to come that take place."""
    return [one for one in plan.dates if one.after is not None]


def date_parts(plan: Plan, *, editing: bool) -> list[str]:
    """What becomes of the dates of a series: `moves 12 dates`, `2 past dates stay`."""
    if plan.scope is Scope.THIS or not plan.dates:
        return []
    dates = plan.dates
    skipped = sum(date.status == Occurrence.Status.SKIPPED for date in dates)
    moved = sum(date.moves for date in dates)
    added = sum(date.before is None and date.after is not None for date in dates)
    dropped = sum(date.before is not None and date.after is None for date in dates)
    kept = _kept(plan) if moved or added or dropped else 0
    past = plan.kept_past if moved or added or dropped else 0
    more = plan.checked_until is not None
    parts = [
        ngettext("moves %d date", "moves %d dates", moved) % moved if moved else "",
        _added(added, editing=editing),
        ngettext("drops %d date", "drops %d dates", dropped) % dropped if dropped else "",
        ngettext("skips %d date", "skips %d dates", skipped) % skipped if skipped else "",
        _kept_apart(plan),
        _("later ones likewise") if more and (moved or added or dropped) else "",
        ngettext("keeps %d changed date", "keeps %d changed dates", kept) % kept if kept else "",
        ngettext("%d past date stays", "%d past dates stay", past) % past if past else "",
    ]
    return [part for part in parts if part]


def _added(count: int, *, editing: bool) -> str:
    if not count:
        return ""
    if editing:
        return ngettext("adds %d date", "adds %d dates", count) % count
    return ngettext("books %d date", "books %d dates", count) % count


def _kept_apart(plan: Plan) -> str:
    """How many dates that a new rule does not give go on by themselves."""
    ours = {id(sheet.meeting) for sheet in plan.sheets}
    n = sum(id(row.meeting) not in ours for row in plan.orphans)
    kept = ngettext("keeps %d date as a single meeting", "keeps %d dates as single meetings", n) % n
    return kept if n else ""


def _kept(plan: Plan) -> int:
    """How many dates keep what was changed on them alone."""
    touched = {row.recurrence_id for sheet in plan.sheets for row in sheet.rows if row.is_touched}
    touched -= {row.recurrence_id for row in plan.orphans}
    return sum(
        date.name in touched and None not in (date.before, date.after) for date in plan.dates
    )


def _new_parts(plan: Plan) -> list[str]:
    mailed = plan.told_of(Message.INVITATION)
    if not mailed:
        return [_("mails nobody")]
    return [ngettext("mails %d person", "mails %d people", len(mailed)) % len(mailed)]


def _edit_parts(plan: Plan) -> list[str]:
    sentences = {
        Message.INVITATION: _("invites %(people)s"),
        Message.UPDATE: _("tells %(people)s what changed"),
        Message.CANCELLATION: _("takes back the invitation of %(people)s"),
    }
    parts = [
        sentence % {"people": people_words(people)}
        for message, sentence in sentences.items()
        if (people := plan.told_of(message))
    ]
    return parts or [_("mails nobody")]


def _room_parts(plan: Plan) -> Iterator[str]:
    """`holds Blue Room on 49 of 52 dates`, `keeps Atlas`, `frees Nook`."""
    moves = "when" in plan.fields or any(date.before != date.after for date in plan.dates)
    kept = [room for room in plan.rooms if room not in plan.rooms_taken] if moves else []
    for said, rooms in ((_("holds %(rooms)s"), plan.rooms_taken), (_("keeps %(rooms)s"), kept)):
        had = [words for room in rooms if (words := _on_dates(plan, room))]
        if had:
            yield said % {"rooms": listed(had)}
    if plan.rooms_released:
        yield _("frees %(rooms)s") % {"rooms": listed([room.name for room in plan.rooms_released])}


def _on_dates(plan: Plan, room: Room) -> str:
    """A room, and on how many of the dates it is had if that is not on all; empty if on none."""
    if plan.scope is Scope.THIS:
        return room.name
    live = live_dates(plan)
    had = sum(room in date.rooms and not _lacks(date, room) for date in live)
    if had == len(live):
        return room.name
    if not had:
        return ""
    return ngettext(
        "%(room)s on %(had)d of %(total)d dates", "%(room)s on %(had)d of %(total)d dates", had
    ) % {"room": room.name, "had": had, "total": len(live)}


def _lacks(date: PlannedDate, room: Room) -> bool:
    wrong = [problem for problem in date.problems if getattr(problem, "room_id", None) == room.pk]
    return any(p.severity >= Severity.REFUSES or isinstance(p, NotYetBookable) for p in wrong)
