"""Make a meeting."""

from datetime import datetime, timedelta

from accounts.models import User
from meetings.drafts import PLAIN_FIELDS, Draft
from meetings.models import Change, Invitation, Meeting, Occurrence
from meetings.models.ranges import as_range
from meetings.scheduler.committing import (
    AlreadyAnswered,
    committed,
    lock_rooms,
    once,
    record,
    require_seen,
    take_rooms,
)
from meetings.scheduler.plans import Done, Place, Plan, plan_schedule


def schedule(
    draft: Draft,
    *,
    by: User,
    now: datetime,
    policy: str = "reject",
    seen: str | None = None,
    key: str | None = None,
    undo: timedelta = timedelta(0),
    announce: bool = True,
) -> Done:
    """Book a meeting for `by`, with its rooms and invitations, or raise and do nothing.

    `policy` is `reject`, `propose` or `allow` (see `require_seen`); `seen` the fingerprint of
    the plan that the person was shown; `key` makes a repeated try answer with the first one's
    meeting; `undo` is how long invitations wait. Without `announce` nobody is ever told.
    Raises InvalidDraft, Conflicted or WrongState.
    """
    draft = draft.checked()

    def work() -> Done:
        with once(key, draft, by=by, now=now) as answered:
            lock_rooms(draft.room_ids)
            plan = plan_schedule(draft, by=by, now=now)
            require_seen(plan, policy=policy, seen=seen)
            meeting, change = _write(plan, by=by, now=now)
            change.not_before = now + undo
            change.announced_at = None if announce else now
            answered(meeting)
            return Done(meeting, record(change), plan)

    try:
        return committed(work, plan=lambda: plan_schedule(draft, by=by, now=now))
    except AlreadyAnswered as first:
        return Done(Meeting.objects.get(uid=first.answer["meeting"]), None)


def _write(plan: Plan, *, by: User, now: datetime) -> tuple[Meeting, Change]:
    draft = plan.draft
    meeting = Meeting(organizer=by, created_by=by, created_at=now, updated_at=now)
    meeting.ical_uid = f"{meeting.uid}@scheduler"
    fill(meeting, draft)
    meeting.save(force_insert=True)
    meeting.rooms.add(*plan.rooms)
    during = as_range(draft.when.during())
    occurrence = Occurrence.objects.create(
        meeting=meeting,
        recurrence_id=draft.when.recurrence_id(),
        during=during,
        all_day=meeting.all_day,
    )
    invitations = Invitation.objects.bulk_create(
        new_invitation(meeting, place, now=now) for place in plan.places
    )
    take_rooms(occurrence, draft.when, plan.rooms, by=by, now=now)
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


def fill(meeting: Meeting, draft: Draft) -> None:
    """Take a draft's values over into a meeting; rooms and people are rows of their own."""
    meeting.timezone = draft.zone
    meeting.when = draft.when
    for name in PLAIN_FIELDS:
        setattr(meeting, name, getattr(draft, name))
    meeting.reminders = list(draft.reminders)


def new_invitation(meeting: Meeting, place: Place, *, now: datetime) -> Invitation:
    """An unsaved invitation; the organizer has accepted her own."""
    accepted = place.is_organizers
    return Invitation(
        meeting=meeting,
        user=place.user,
        email=place.email,
        name=place.name,
        role=place.role,
        status=Invitation.Status.ACCEPTED if accepted else Invitation.Status.NEEDS_ACTION,
        responded_at=now if accepted else None,
        span=as_range(meeting.when.during()),
    )
