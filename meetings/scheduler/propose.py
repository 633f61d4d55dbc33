"""Propose another time for a meeting; accept or decline such a proposal, or take it back."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from accounts.models import User
from meetings.drafts import Draft
from meetings.intervals import Stretch
from meetings.models import Change, CounterProposal, Invitation, Meeting, Occurrence
from meetings.models.proposed import when_of
from meetings.models.ranges import as_range
from meetings.permissions import require_edit
from meetings.problems import InvalidDraft, NotAllowed, WrongState
from meetings.scheduler.committing import committed, record
from meetings.scheduler.decisions import Decisions
from meetings.scheduler.differences import draft_of
from meetings.scheduler.edit import edit, plan_edit
from meetings.scheduler.plans import NOTHING_DECIDED, Done, Plan, Scope
from meetings.scheduler.policies import Policy
from meetings.scheduler.proposing import date_proposed_for, require_open
from meetings.scheduler.respond import LONGEST_NOTE, row_for
from meetings.wallclock import AllDay, When

MOST_TIMES = 5
Status = CounterProposal.Status


def propose(
    invitation: Invitation,
    times: Sequence[When],
    *,
    by: User | None,
    now: datetime,
    note: str = "",
    recurrence_id: str = "",
) -> Done:
    """Propose other times (RFC 5546's COUNTER) for the invited person, who is `by`.

    `by` is None for somebody who came with the token. `times` are in any zone; dates for an
    all-day meeting. Of a series, `recurrence_id` names the date. What the person proposed for it
    before is replaced; the same again changes nothing. Her answer stays what it is. Raises
    InvalidDraft (with `time_0`, `time_1`, … for the times), NotAllowed or WrongState.
    """
    note = _checked(note, "note")
    if by is not None and invitation.user_id != by.pk:
        raise NotAllowed(_("Only the invited person can propose another time."))
    meeting_pk, pk = invitation.meeting_id, invitation.pk

    def work() -> Done:
        (meeting,) = Meeting.objects.locked([meeting_pk])
        row = Invitation.objects.select_related("user").get(pk=pk)
        row.meeting = meeting
        name = (recurrence_id or row.recurrence_id) if meeting.is_series else ""
        _require_invited(row, row_for(row, name))
        date = date_proposed_for(meeting, name, now)
        asked = [as_range(stretch) for stretch in _times(times, date, now)]
        mine = _open_of(row, name)
        if any((p.times, p.note, p.is_for(date)) == (asked, note, True) for p in mine):
            return Done(meeting, None)
        CounterProposal.objects.filter(pk__in=[p.pk for p in mine]).update(
            status=Status.REPLACED, answered_at=now
        )
        proposal = CounterProposal.objects.create(
            meeting=meeting,
            invitation=row,
            recurrence_id=name,
            was=as_range(date.stretch),
            times=asked,
            note=note,
            created_at=now,
        )
        by_whom = row.user if by is None else by
        return Done(meeting, _record(proposal, Change.Kind.PROPOSED, by=by_whom, now=now))

    return committed(work)


def withdraw(proposal: CounterProposal, *, by: User | None, now: datetime) -> Done:
    """Take a proposal back; `by` None is who came with the token of its invitation.

    The organizer is not told, unless the proposal has left, of which she then finds nothing.
    Raises NotAllowed or WrongState.
    """
    if by is not None and proposal.invitation.user_id != by.pk:
        raise NotAllowed(_("Only who proposed a time can take it back."))

    def work() -> Done:
        (meeting,) = Meeting.objects.locked([proposal.meeting_id])
        row = require_open(proposal, meeting, now)
        _close(row, Status.WITHDRAWN, now)
        by_whom = row.invitation.user if by is None else by
        return Done(meeting, _record(row, Change.Kind.WITHDRAWN, by=by_whom, now=now))

    return committed(work)


def decline_proposal(
    proposal: CounterProposal, *, by: User, now: datetime, reason: str = ""
) -> Done:
    """Leave the meeting where it is; only who made the proposal is told, with the reason.

    Raises InvalidDraft, NotAllowed or WrongState.
    """
    reason = _checked(reason, "reason")

    def work() -> Done:
        (meeting,) = Meeting.objects.locked([proposal.meeting_id])
        require_edit(by, meeting)
        row = require_open(proposal, meeting, now)
        row.reason = reason
        _close(row, Status.DECLINED, now)
        return Done(meeting, _record(row, Change.Kind.REJECTED, by=by, now=now))

    return committed(work)


def accept_proposal(
    proposal: CounterProposal,
    number: int,
    *,
    by: User,
    now: datetime,
    policy: str | Policy = "reject",
    seen: str | None = None,
    undo: timedelta = timedelta(0),
    room_ids: Sequence[int] | None = None,
    decisions: Decisions = NOTHING_DECIDED,
) -> Done:
    """Move the meeting, or that date of it, to the proposed time of that number (from 0).

    It is an edit like any other, into other rooms if `room_ids` says so; everybody is told of
    that. Who proposed the time has accepted it, the others are asked anew, and all other
    proposals are void. Undoing the edit opens them again. Raises what `edit` raises.
    """
    meeting, draft, scope = _accepted(proposal, number, room_ids, by=by, now=now)
    return edit(
        meeting,
        draft,
        by=by,
        now=now,
        version=meeting.version,
        policy=policy,
        seen=seen,
        undo=undo,
        scope=scope,
        recurrence_id=proposal.recurrence_id,
        decisions=decisions,
        accepting=proposal,
    )


def plan_accept_proposal(
    proposal: CounterProposal,
    number: int,
    *,
    by: User,
    now: datetime,
    room_ids: Sequence[int] | None = None,
    decisions: Decisions = NOTHING_DECIDED,
) -> Plan:
    """What `accept_proposal` would do. Raises what `plan_edit` raises."""
    meeting, draft, scope = _accepted(proposal, number, room_ids, by=by, now=now)
    return plan_edit(
        meeting,
        draft,
        by=by,
        now=now,
        scope=scope,
        recurrence_id=proposal.recurrence_id,
        decisions=decisions,
    )


def _accepted(
    proposal: CounterProposal,
    number: int,
    room_ids: Sequence[int] | None,
    *,
    by: User,
    now: datetime,
) -> tuple[Meeting, Draft, Scope]:
    """The meeting, and how it, or the one date, would be then."""
    meeting = Meeting.objects.with_people().get(pk=proposal.meeting_id)
    require_edit(by, meeting)
    row = require_open(proposal, meeting, now)
    date = date_proposed_for(meeting, row.recurrence_id, now)
    if not 0 <= number < len(row.times):
        raise WrongState(_("That time was not proposed."))
    when = row.whens(date)[number]
    if _start(when, date) <= now:
        raise WrongState(_("That time has passed meanwhile."))
    scope = Scope.THIS if row.recurrence_id else Scope.ALL
    draft = draft_of(meeting, scope=scope, recurrence_id=row.recurrence_id)
    rooms = draft.room_ids if room_ids is None else tuple(room_ids)
    return meeting, replace(draft, when=when, room_ids=rooms), scope


def _times(times: Sequence[When], date: Occurrence, now: datetime) -> list[Stretch]:
    """The stretches asked for, each once. Raises InvalidDraft for those that cannot be."""
    if not times:
        raise InvalidDraft({"time_0": _("Give at least one time.")})
    if len(times) > MOST_TIMES:
        sentence = _("At most %(most)d times can be proposed at once.") % {"most": MOST_TIMES}
        raise InvalidDraft({"times": sentence})
    errors = {f"time_{n}": _wrong(when, date, now) for n, when in enumerate(times)}
    if errors := {name: sentence for name, sentence in errors.items() if sentence}:
        raise InvalidDraft(errors)
    return list(dict.fromkeys(when.during() for when in times))


def _wrong(when: When, date: Occurrence, now: datetime) -> str:
    """Why a time cannot be proposed for that date; empty if it can."""
    if isinstance(when, AllDay) and not date.all_day:
        return _("The meeting has a time of day: say when it is to begin and end.")
    if date.all_day and not isinstance(when, AllDay):
        return _("The meeting takes whole days: propose days.")
    if _start(when, date) <= now:
        return _("That time has passed. Choose one to come.")
    if when.during() == date.stretch:
        return _("That is when the meeting takes place already.")
    if when_of(when.during(), date).during() != when.during():
        return _("Clocks where the meeting is show that hour twice then. Choose another.")
    return ""


def _start(when: When, date: Occurrence) -> datetime:
    """When it begins; an all-day one where the meeting is."""
    zone = date.meeting.zone
    return (when.stretch_in(zone) if isinstance(when, AllDay) else when.during()).start


def _checked(text: str, field: str) -> str:
    text = text.strip().replace("\x00", "")
    if len(text) > LONGEST_NOTE:
        sentence = _("That is too long: at most %(most)d characters.") % {"most": LONGEST_NOTE}
        raise InvalidDraft({field: sentence})
    return text


def _require_invited(row: Invitation, counts: Invitation) -> None:
    if row.removed_at is not None or counts.removed_at is not None:
        raise WrongState(_("This invitation was taken back."))
    if row.is_organizers:
        raise NotAllowed(_("You organize this meeting: move it instead."))
    if row.meeting.organizer is None:
        raise WrongState(
            _("The organizer has no account here. Write to %(address)s instead.")
            % {"address": row.meeting.organizer_address}
        )


def _open_of(invitation: Invitation, recurrence_id: str) -> list[CounterProposal]:
    """What the person has proposed for that date and nobody has answered."""
    rows = CounterProposal.objects.open().select_related("invitation")
    rows = rows.filter(meeting=invitation.meeting_id, recurrence_id=recurrence_id)
    return [row for row in rows if row.invitation.person == invitation.person]


def _close(proposal: CounterProposal, status: str, now: datetime) -> None:
    proposal.status, proposal.answered_at = status, now
    proposal.save(update_fields=["status", "reason", "answered_at"])


def _record(proposal: CounterProposal, kind: str, *, by: User | None, now: datetime) -> Change:
    meeting = proposal.meeting
    silent = kind == Change.Kind.WITHDRAWN
    return record(
        Change(
            meeting=meeting,
            dates=[proposal.recurrence_id] if proposal.recurrence_id else [],
            kind=kind,
            by=by,
            invitation=proposal.invitation,
            proposal=proposal,
            version=meeting.version,
            created_at=now,
            not_before=now,
            announced_at=now if silent else None,
        )
    )
