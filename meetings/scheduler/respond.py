"""Answer an invitation, and send one again."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from accounts.models import User
from meetings import lifecycle
from meetings.lifecycle import Act
from meetings.models import Change, Invitation, Meeting
from meetings.permissions import require_edit
from meetings.problems import InvalidDraft, NotAllowed, WrongState
from meetings.scheduler.committing import committed, record
from meetings.scheduler.plans import Done

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
) -> Done:
    """Answer for the invited person, who is `by`, or came with the token (`by` is None).

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
        _require_answerable(row, now)
        if (row.status, row.note) == (status, note):
            return Done(meeting, None)
        change = Change(
            meeting=meeting,
            kind=Change.Kind.ANSWERED,
            by=row.user if by is None else by,
            invitation=row,
            version=meeting.version,
            fields={"status": [row.status, status], "note": [row.note, note]},
            created_at=now,
            not_before=now,
            announced_at=None if announce else now,
        )
        row.status, row.note, row.responded_at = status, note, now
        row.save(update_fields=["status", "note", "responded_at"])
        return Done(meeting, record(change))

    return committed(work)


def resend(invitation: Invitation, *, by: User, now: datetime) -> Done:
    """Send the invitation once more. Raises NotAllowed or WrongState."""
    meeting_pk, pk = invitation.meeting_id, invitation.pk

    def work() -> Done:
        (meeting,) = Meeting.objects.locked([meeting_pk])
        require_edit(by, meeting)
        lifecycle.require(Act.INVITE, meeting.occurrence, now)
        row = Invitation.objects.get(pk=pk)
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

    return committed(work)


def _require_answerable(invitation: Invitation, now: datetime) -> None:
    if invitation.removed_at is not None:
        raise WrongState(_("This invitation was taken back."))
    lifecycle.require(Act.ANSWER, invitation.meeting.occurrence, now)
