"""Answer an invitation, and send one again."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from accounts.models import User
from meetings import lifecycle
from meetings.dates import date_asked, date_of
from meetings.lifecycle import Act
from meetings.models import Change, Invitation, Meeting, Occurrence
from meetings.models.ranges import as_range
from meetings.permissions import require_edit
from meetings.problems import InvalidDraft, NotAllowed, WrongState
from meetings.scheduler.committing import AlreadyAnswered, committed, once, record
from meetings.scheduler.plans import Done
from meetings.scheduler.seats import all_invitations, copy_for

ANSWERS = (
    Invitation.Status.ACCEPTED,
    Invitation.Status.TENTATIVE,
    Invitation.Status.DECLINED,
)
LONGEST_NOTE = 1000
AGAIN_AFTER = timedelta(minutes=1)


def respond(
    invitation: Invitation,
    status: str,
    *,
    by: User | None,
    now: datetime,
    note: str = "",
    announce: bool = True,
    recurrence_id: str = "",
) -> Done:
    """Answer for the invited person, who is `by`, or came with the token (`by` is None).

    With `recurrence_id`, for that date of a series alone. An answer for all of a series is one
    for its dates that wait for an answer of their own as well, not for those that have one.

    The same answer again changes nothing. Without `announce` the organizer is never told.
    Raises InvalidDraft, NotAllowed or WrongState.
    """
    note = note.strip().replace("\x00", "")
    if status not in ANSWERS:
        raise InvalidDraft({"status": _("Answer with accept, maybe or decline.")})
    if len(note) > LONGEST_NOTE:
        raise InvalidDraft(
            {"note": _("That is too long: at most %(most)d characters.") % {"most": LONGEST_NOTE}}
        )
    if by is not None and invitation.user_id != by.pk:
        raise NotAllowed(_("Only the invited person can answer."))
    meeting_pk, pk = invitation.meeting_id, invitation.pk

    def work() -> Done:
        (meeting,) = Meeting.objects.locked([meeting_pk])
        row = Invitation.objects.select_related("user").get(pk=pk)
        row.meeting = meeting
        return write_answer(
            row_for(row, recurrence_id), status, by=by, now=now, note=note, announce=announce
        )

    return committed(work)


def write_answer(
    row: Invitation,
    status: str,
    *,
    by: User | None,
    now: datetime,
    note: str,
    announce: bool = True,
) -> Done:
    """What `respond` does to a row of a locked meeting, inside a command. Raises WrongState."""
    meeting = row.meeting
    _require_answerable(row, now)
    if (row.status, row.note) == (status, note):
        if not row.pk:  # the same as for the series, but meant for this date: it stays
            row.save()
        return Done(meeting, None)
    change = Change(
        meeting=meeting,
        dates=[row.recurrence_id] if row.recurrence_id else [],
        kind=Change.Kind.ANSWERED,
        by=row.user if by is None else by,
        version=meeting.version,
        fields={"status": [row.status, status], "note": [row.note, note]},
        created_at=now,
        not_before=now,
        announced_at=None if announce else now,
    )
    row.status, row.note, row.responded_at = status, note, now
    row.save()
    if not row.recurrence_id:
        _answer_waiting(row)
    change.invitation = row
    return Done(meeting, record(change))


def resend(invitation: Invitation, *, by: User, now: datetime, key: str | None = None) -> Done:
    """Send the invitation once more; a try repeated with the same `key` sends nothing again.

    Raises NotAllowed or WrongState.
    """
    meeting_pk, pk = invitation.meeting_id, invitation.pk

    def work() -> Done:
        with once(key, ("resend", pk), by=by, now=now) as answered:
            done = sent_again()
            answered(done.meeting)
            return done

    def sent_again() -> Done:
        (meeting,) = Meeting.objects.locked([meeting_pk])
        require_edit(by, meeting)
        row = Invitation.objects.get(pk=pk)
        lifecycle.require(Act.INVITE, _date_asked(meeting, row.recurrence_id, now), now)
        if row.is_organizers:
            raise WrongState(_("The organizer gets no invitation."))
        if row.removed_at is not None:
            raise WrongState(_("That person is not invited any more."))
        if row.changes.filter(kind=Change.Kind.RESENT, created_at__gt=now - AGAIN_AFTER).exists():
            raise WrongState(_("It was sent again just now. Wait a minute."))
        change = Change(
            meeting=meeting,
            kind=Change.Kind.RESENT,
            by=by,
            invitation=row,
            version=meeting.version,
            created_at=now,
            not_before=now,
        )
        return Done(meeting, record(change))

    try:
        return committed(work)
    except AlreadyAnswered:
        return Done(Meeting.objects.get(pk=meeting_pk), None)


def _require_answerable(invitation: Invitation, now: datetime) -> None:
    if invitation.removed_at is not None:
        raise WrongState(_("This invitation was taken back."))
    row = _date_asked(invitation.meeting, invitation.recurrence_id, now)
    lifecycle.require(Act.ANSWER, row, now)


def _date_asked(meeting: Meeting, recurrence_id: str, now: datetime) -> Occurrence:
    """The date that an answer is for: of a whole series, the next one, or the last if it is over.

    Raises WrongState if there is none of that name.
    """
    if meeting.is_series and recurrence_id:
        return _date_named(meeting, recurrence_id)
    return date_asked(meeting, "", now)


def _date_named(meeting: Meeting, recurrence_id: str) -> Occurrence:
    try:
        return date_of(meeting, recurrence_id)
    except Occurrence.DoesNotExist:
        raise WrongState(_("The meeting has no such date any more.")) from None


def row_for(invitation: Invitation, recurrence_id: str) -> Invitation:
    """The person's row for that date, an unsaved one if there is none yet."""
    meeting = invitation.meeting
    if not meeting.is_series or recurrence_id == invitation.recurrence_id:
        return invitation
    if invitation.recurrence_id:  # asked to a single date, and answers for that
        raise WrongState(_("You are asked to one date of this series only."))
    rows = [row for row in all_invitations(meeting) if row.person == invitation.person]
    for row in rows:
        if row.recurrence_id == recurrence_id:
            return row
    date = _date_named(meeting, recurrence_id)
    return copy_for(invitation, meeting, recurrence_id, as_range(date.stretch))


def _answer_waiting(invitation: Invitation) -> None:
    """Take an answer over for the single dates that wait for one of that person."""
    waiting = Invitation.objects.current().awaiting_answer()
    waiting.filter(
        meeting=invitation.meeting_id, user=invitation.user_id, email__iexact=invitation.email
    ).exclude(recurrence_id="").update(
        status=invitation.status, responded_at=invitation.responded_at
    )
