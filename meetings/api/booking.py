"""How a command that books is carried out for a request: tried, kept, answered."""

from collections.abc import Callable
from typing import Any, TypeVar

from meetings.api.plan_out import PlanOut, plan_out
from meetings.described.conflicts_out import conflicts_out
from meetings.described.meeting_out import BookedOut, meeting_out
from meetings.described.reader import Reader
from meetings.displacedwords import displaced_words
from meetings.events import Message
from meetings.models import Booking, Change, IdempotencyKey, Meeting
from meetings.scheduler import Conflicted, Done, Plan
from meetings.scheduler.policies import Policy, policy_of

Booked = TypeVar("Booked", bound=BookedOut)


def tried(
    planned: Callable[[], Plan], policy: str | Policy, reader: Reader, *, seen: str | None
) -> PlanOut:
    """What the command would do under that policy; nothing is written. Raises Refusal."""
    cancel = getattr(policy, "cancel", False)
    try:
        plan = policy_of(policy).resolve(planned(), by=reader.user, now=reader.now, seen=seen)
    except Conflicted as conflict:
        return plan_out(
            conflict.plan,
            reader.user,
            reader.zone,
            possible=False,
            alternatives=conflict.alternatives,
            cancel=cancel,
        )
    return plan_out(plan, reader.user, reader.zone, possible=True, cancel=cancel)


def answered_once(
    done: Done,
    reader: Reader,
    key: str | None,
    *,
    cancel: bool,
    kind: type[Booked] = BookedOut,  # type: ignore[assignment]  # mypy issue 3737
    more: Callable[[], dict[str, Any]] = dict,
) -> Booked:
    """What was booked; a retry by the same key gets the very answer of the first try.

    Where the first try died before it could answer, what is there now. `kind` may say more of
    it, with `more`.
    """
    rows = IdempotencyKey.objects.filter(user=reader.user, key=key or "")
    if key and done.change is None:
        for row in rows:
            if row.answer and "body" in row.answer:
                return kind(**row.answer["body"])
    found = booked_out(done, reader, cancel=cancel, kind=kind, **more())
    if key and done.change is None:
        return found.model_copy(update={"invitations_sent": _invited(done.meeting)})
    if key:
        answer = {"meeting": str(done.meeting.uid), "body": found.model_dump()}
        rows.update(answer=answer)
    return found


def booked_out(
    done: Done,
    reader: Reader,
    *,
    recurrence_id: str = "",
    cancel: bool = False,
    kind: type[Booked] = BookedOut,  # type: ignore[assignment]  # mypy issue 3737
    **more: Any,
) -> Booked:
    """The meeting, or its date of that name, as the command left it, and what it did."""
    meeting = Meeting.objects.with_people().get(pk=done.meeting.pk)
    plan = done.plan
    zone = reader.zone or reader.user.zone
    held = Booking.objects.unreleased().filter(
        kind=Booking.Kind.MEETING, occurrence__meeting=meeting
    )
    if recurrence_id:
        held = held.filter(occurrence__recurrence_id=recurrence_id)
    found = meeting_out(
        meeting,
        reader.user,
        now=reader.now,
        zone=reader.zone,
        recurrence_id=recurrence_id,
        kind=kind,
        invitations_sent=len(plan.told_of(Message.INVITATION)) if plan else 0,
        conflicts=conflicts_out(plan.problems, reader.user, reader.zone) if plan else [],
        displaced=displaced_words(plan.displaced, reader.user, zone, cancel=cancel) if plan else [],
        room_booked=held.exists(),
        **more,
    )
    assert isinstance(found, kind)
    return found


def _invited(meeting: Meeting) -> int:
    """How many were invited when it was booked, by a try whose answer is lost."""
    first = Change.objects.filter(meeting=meeting, kind=Change.Kind.CREATED).first()
    return len(first.added) if first else 0
