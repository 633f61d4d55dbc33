"""Make a meeting."""

from datetime import datetime, timedelta

from accounts.models import User
from meetings.drafts import Draft
from meetings.models import Change, Invitation, Meeting
from meetings.scheduler.committing import AlreadyAnswered, committed, once, record
from meetings.scheduler.decisions import Decisions, rooms_in
from meetings.scheduler.displace import displace, locks_for
from meetings.scheduler.holding import lock_rooms
from meetings.scheduler.plans import NOTHING_DECIDED, Done, Plan, plan_schedule
from meetings.scheduler.policies import Policy
from meetings.scheduler.resolving import resolved
from meetings.scheduler.seats import new_invitation
from meetings.scheduler.sheets import write
from meetings.scheduler.spans import span_of


def schedule(
    draft: Draft,
    *,
    by: User,
    now: datetime,
    policy: str | Policy = "reject",
    seen: str | None = None,
    key: str | None = None,
    undo: timedelta = timedelta(0),
    announce: bool = True,
    decisions: Decisions = NOTHING_DECIDED,
) -> Done:
    """Book a meeting for `by`, single or a series, with rooms and invitations, or do nothing.

    `policy` is a conflict policy (see `policies`) or the name of one; `seen` the fingerprint of
    the plan that the person was shown; `key` makes a repeated try answer with the first one's
    meeting; `undo` is how long invitations wait; `decisions` say what becomes of dates of a
    series that collide. Without `announce` nobody is ever told.
    Raises InvalidDraft, Conflicted or WrongState.
    """
    draft = draft.checked()

    def planned() -> Plan:
        return plan_schedule(draft, by=by, now=now, decisions=decisions)

    locks = locks_for(policy, planned, now=now)

    def work() -> Done:
        with once(key, (draft, policy, dict(decisions)), by=by, now=now) as answered:
            Meeting.objects.locked(locks.meetings)
            lock_rooms({*draft.room_ids, *rooms_in(decisions), *locks.rooms})
            plan = planned()
            plan = resolved(policy, plan, by=by, now=now, seen=seen, decisions=decisions)
            locks.require(plan)
            displace(plan, policy, by=by, now=now)
            meeting, change = _write(plan, by=by, now=now)
            change.not_before = now if plan.displaced else now + undo
            change.announced_at = None if announce else now
            answered(meeting)
            return Done(meeting, record(change), plan)

    try:
        return committed(work, plan=planned)
    except AlreadyAnswered as first:
        return Done(Meeting.objects.get(uid=first.answer["meeting"]), None)


def _write(plan: Plan, *, by: User, now: datetime) -> tuple[Meeting, Change]:
    (sheet,) = plan.sheets
    meeting = sheet.meeting
    meeting.save(force_insert=True)
    meeting.rooms.add(*plan.rooms)
    write(sheet, by=by, now=now, undo=timedelta(0))
    span = span_of(sheet)
    invitations = Invitation.objects.bulk_create(
        new_invitation(meeting, place, now=now, span=span) for place in plan.places
    )
    change = Change(
        meeting=meeting,
        kind=Change.Kind.CREATED,
        by=by,
        version=meeting.version,
        added=[i.pk for i in invitations if not i.is_organizers],
        created_at=now,
        not_before=now,
    )
    return meeting, change
