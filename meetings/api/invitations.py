"""Invitations: read them, answer them, send them again."""

from datetime import datetime
from typing import Annotated, Literal

from django.db.models import Q, QuerySet
from django.utils import timezone as clock
from django.utils.translation import gettext as _
from ninja import Body, Header, Query, Schema
from pydantic import Field

from accounts.models import User
from accounts.rest import (
    REFUSALS,
    Identifier,
    Keyed,
    Refused,
    RestRequest,
    Shown,
    Strict,
    Text,
    not_found,
)
from meetings.api.cursors import after, cursor_of, pk_named
from meetings.api.invitation_out import InvitationOut, invitation_out, mine_out
from meetings.api.reaching import require_date
from meetings.api.reading import uid_of
from meetings.api.routing import invitations
from meetings.asking import too_often
from meetings.described.reader import Reader
from meetings.models import Change, IdempotencyKey, Invitation
from meetings.permissions import may_edit
from meetings.scheduler import resend, respond
from meetings.waiting import awaiting, invited_to
from notifications.ledger import require_sending_helps

MOST = 100
LATEST, WAITING = "invitations", "waiting"
Status = Invitation.Status


class InvitationFilters(Shown):
    """Which of your invitations."""

    waiting: bool = Field(
        False, description="Only those that wait for your answer, the soonest date first."
    )
    status: Literal["needs-action", "accepted", "tentative", "declined"] | None = None
    cursor: Identifier | None = None
    limit: Annotated[int, Field(ge=1, le=MOST)] = 50


class InvitationPage(Schema):
    """Some invitations, the latest first, or those that wait, the soonest date first."""

    invitations: list[InvitationOut]
    next: str | None = Field(description="The cursor of the next page; null on the last.")


class AnswerIn(Strict):
    """What is said with an answer."""

    note: Text | None = Field(
        None, description="For the organizer. Without it the note that was given stays."
    )
    recurrence_id: Identifier | None = Field(
        None, description="Answer for this date of a series alone."
    )


@invitations.get("/invitations", response={200: InvitationPage, **REFUSALS})
def list_invitations(request: RestRequest, filters: Query[InvitationFilters]) -> InvitationPage:
    """Your invitations, each with what else is in your calendar at the time.

    An answer for a single date of a series is one of its own; it is listed from 18 months before
    that date on.
    """
    reader = Reader(request.user, clock.now(), filters.timezone)
    listed = awaiting if filters.waiting else invited_to
    found = listed(reader.user, reader.now)
    if filters.status:
        found = found.filter(status=filters.status)
    if filters.cursor:
        found = _after(found, filters)
    rows = list(found[: filters.limit + 1])
    page = rows[: filters.limit]
    more = len(rows) > len(page)
    return InvitationPage(
        invitations=mine_out(page, reader), next=_cursor(page[-1], filters) if more else None
    )


def _cursor(row: Invitation, filters: InvitationFilters) -> str:
    if not filters.waiting:
        return cursor_of(str(row.uid), of=LATEST)
    start: datetime = row.next_start  # type: ignore[attr-defined]  # by `awaiting`
    return cursor_of(start.isoformat(), str(row.uid), of=WAITING)


def _after(found: QuerySet[Invitation], filters: InvitationFilters) -> QuerySet[Invitation]:
    """What comes after the cursor. Raises Refused unless it is one of the same list."""
    cursor = filters.cursor or ""
    if not filters.waiting:
        (last,) = after(cursor, of=LATEST)
        return found.filter(pk__lt=pk_named(last, Invitation.objects.all()))
    start, last = after(cursor, of=WAITING)
    pk = pk_named(last, Invitation.objects.all())
    at = datetime.fromisoformat(start)
    return found.filter(Q(next_start__gt=at) | Q(next_start=at, pk__gt=pk))


@invitations.get("/invitations/{invitation_id}", response={200: InvitationOut, **REFUSALS})
def get_invitation(request: RestRequest, invitation_id: str, shown: Query[Shown]) -> InvitationOut:
    """An invitation of yours, or to a meeting that you organize."""
    reader = Reader(request.user, clock.now(), shown.timezone)
    return _shown(invitation_for(reader.user, invitation_id), reader)


@invitations.post("/invitations/{invitation_id}/accept", response={200: InvitationOut, **REFUSALS})
def accept_invitation(
    request: RestRequest,
    invitation_id: str,
    shown: Query[Shown],
    body: Annotated[AnswerIn | None, Body()] = None,
) -> InvitationOut:
    """Say that you come. The same answer again changes nothing.

    For all of a series, or with `recurrence_id` for that date alone; the answer is then the
    invitation to that date.
    """
    return _answered(request, invitation_id, Status.ACCEPTED, body, shown)


@invitations.post("/invitations/{invitation_id}/decline", response={200: InvitationOut, **REFUSALS})
def decline_invitation(
    request: RestRequest,
    invitation_id: str,
    shown: Query[Shown],
    body: Annotated[AnswerIn | None, Body()] = None,
) -> InvitationOut:
    """Say that you do not come; as for accepting."""
    return _answered(request, invitation_id, Status.DECLINED, body, shown)


@invitations.post(
    "/invitations/{invitation_id}/tentative", response={200: InvitationOut, **REFUSALS}
)
def answer_tentatively(
    request: RestRequest,
    invitation_id: str,
    shown: Query[Shown],
    body: Annotated[AnswerIn | None, Body()] = None,
) -> InvitationOut:
    """Say that you perhaps come; as for accepting."""
    return _answered(request, invitation_id, Status.TENTATIVE, body, shown)


def _answered(
    request: RestRequest, invitation_id: str, status: str, body: AnswerIn | None, shown: Shown
) -> InvitationOut:
    reader = Reader(request.user, clock.now(), shown.timezone)
    row = invitation_for(reader.user, invitation_id)
    said, asked_for = (body.note, body.recurrence_id) if body else (None, None)
    if asked_for:
        require_date(row.meeting, asked_for)
    if row.user_id == reader.user.pk and too_often(row, [Change.Kind.ANSWERED], reader.now):
        raise Refused(429, _("You changed this answer very often just now. Try again in an hour."))
    note = row.note if said is None else said.replace("\r\n", "\n")
    name = asked_for or row.recurrence_id
    respond(row, status, by=reader.user, now=reader.now, note=note, recurrence_id=name)
    mine = Invitation.objects.of(reader.user).filter(meeting=row.meeting)
    named = mine.filter(recurrence_id=name).first() if row.meeting.is_series else None
    return _shown(invitation_for(reader.user, str((named or row).uid)), reader)


@invitations.post("/invitations/{invitation_id}/resend", response={200: InvitationOut, **REFUSALS})
def resend_invitation(
    request: RestRequest, invitation_id: str, shown: Query[Shown], keyed: Header[Keyed]
) -> InvitationOut:
    """Send the invitation of somebody to your meeting once more, at most once a minute."""
    reader = Reader(request.user, clock.now(), shown.timezone)
    row = invitation_for(reader.user, invitation_id)
    again = IdempotencyKey.objects.filter(user=reader.user, key=keyed.key or "").exists()
    if may_edit(reader.user, row.meeting) and not again:
        require_sending_helps(row, reader.now)
    resend(row, by=reader.user, now=reader.now, key=keyed.key)
    return _shown(row, reader)


def invitation_for(viewer: User, invitation_id: str) -> Invitation:
    """The viewer's own, or one to a meeting that the viewer may change. Raises Refused."""
    rows = Invitation.objects.current().select_related("user", "meeting__organizer")
    row = rows.filter(uid=uid_of(invitation_id)).first()
    if row is None or not (row.user_id == viewer.pk or may_edit(viewer, row.meeting)):
        raise not_found()
    return row


def _shown(row: Invitation, reader: Reader) -> InvitationOut:
    """As the reader may see it: with the own calendar beside if it is hers."""
    if row.user_id == reader.user.pk:
        mine = invited_to(reader.user, reader.now).filter(pk=row.pk)
        if found := mine_out(list(mine), reader):
            return found[0]
    return invitation_out(row, reader)
