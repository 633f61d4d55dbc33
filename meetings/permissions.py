"""Who may see and do what. Everything private is cut here or in the query, never in a template."""

import uuid
from datetime import datetime, timedelta
from enum import IntEnum
from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from accounts.models import User
from meetings.models import Invitation, Meeting, Occurrence
from meetings.models.invitation import on_date
from meetings.problems import NotAllowed

if TYPE_CHECKING:
    from collections.abc import Collection

TOKEN_LIFE = timedelta(days=30)


class Sight(IntEnum):
    """How much of a meeting somebody sees."""

    BUSY = 1  # that time is taken, no more
    PUBLIC = 2  # title, time, rooms, organizer
    PARTICIPANT = 3  # everything but how messages went
    ORGANIZER = 4  # everything


def sight(user: User | AnonymousUser, meeting: Meeting, recurrence_id: str | None = None) -> Sight:
    """How much `user` sees of `meeting`, or of its date of that name.

    Who is asked to single dates only is a stranger on the others. Uses prefetched invitations,
    else runs a query.
    """
    if not isinstance(user, User):
        return Sight.BUSY
    if meeting.organizer_id == user.pk or meeting.created_by_id == user.pk:
        return Sight.ORGANIZER
    names = {
        i.recurrence_id
        for i in meeting.invitations.all()
        if i.user_id == user.pk and i.removed_at is None
    }
    if names and (recurrence_id is None or names & {"", recurrence_id}):
        return Sight.PARTICIPANT
    return Sight.BUSY if meeting.is_private else Sight.PUBLIC


def get_meeting_for(user: User, uid: uuid.UUID | str) -> Meeting:
    """The meeting with its people and rooms, for somebody who may see at least its title.

    The one way a face fetches a meeting. Raises Meeting.DoesNotExist for an unknown uid and
    for a private meeting of others alike.
    """
    meeting = Meeting.objects.with_people().get(uid=uid)
    if sight(user, meeting) < Sight.PUBLIC:
        raise Meeting.DoesNotExist
    return meeting


def visible_to(user: User) -> Q:
    """The meetings of which `user` may see at least the title, as a condition.

    Who is asked to single dates of a private series only sees those, not the series.
    """
    asked = Invitation.objects.current().of(user).filter(meeting=OuterRef("pk"), recurrence_id="")
    mine = Q(organizer=user) | Q(created_by=user)
    return Q(visibility=Meeting.Visibility.PUBLIC) | mine | Q(Exists(asked))


def titles_hidden_from(user: User | None, dates: "Collection[Occurrence]") -> set[tuple[int, str]]:
    """Which of `dates` read "Busy" for `user`, by meeting (id) and recurrence-id.

    At most one query.
    """
    private = [date for date in dates if date.meeting.is_private]
    if user is None or not private:
        return {date.key for date in private}
    invited = Invitation.objects.current().of(user)
    rows = invited.filter(meeting__in={date.meeting_id for date in private})
    named = set(rows.values_list("meeting_id", "recurrence_id"))
    return {
        date.key
        for date in private
        if user.pk not in (date.meeting.organizer_id, date.meeting.created_by_id)
        and named.isdisjoint({(date.meeting_id, ""), date.key})
    }


def seen_title(occurrence: Occurrence, user: User | AnonymousUser) -> str:
    """The title as `user` may read it: "Busy" for a private meeting of others."""
    if sight(user, occurrence.meeting, occurrence.recurrence_id) < Sight.PUBLIC:
        return _("Busy")
    return occurrence.shown_title


def may_edit(user: User | AnonymousUser, meeting: Meeting) -> bool:
    """Whether `user` may change or cancel the meeting: its organizer, or who made it for her."""
    return isinstance(user, User) and user.pk in (meeting.organizer_id, meeting.created_by_id)


def sees_history(user: User, meeting: Meeting) -> bool:
    """Whether `user` sees what was done: the organizer's side, and who is on the meeting.

    Not who is asked to single dates, who is not told of the others. Uses prefetched invitations.
    """
    rows = [row for row in meeting.invitations.all() if row.user_id == user.pk]
    return may_edit(user, meeting) or bool(on_date(rows, ""))


def may_override(user: User | AnonymousUser) -> bool:
    """Whether `user` was given the permission to take rooms from less important meetings."""
    return isinstance(user, User) and user.has_perm("meetings.override_bookings")


def require_edit(user: User, meeting: Meeting) -> None:
    """Raise NotAllowed unless `user` may change the meeting."""
    if not may_edit(user, meeting):
        raise NotAllowed(
            _("Only %(organizer)s can change this meeting.")
            % {"organizer": meeting.organizer_shown}
        )


def token_opens(invitation: Invitation, now: datetime) -> bool:
    """Whether an invitation's token still opens its page: not removed, and not long over.

    Runs a query for the last date, unless occurrences are prefetched.
    """
    if invitation.removed_at is not None:
        return False
    meeting = invitation.meeting
    if meeting.indexed_until is not None and not meeting.cancelled:
        return True  # it has dates past those there are rows of
    ends = [occurrence.end for occurrence in meeting.occurrences.all()]
    return bool(ends) and now < max(ends) + TOKEN_LIFE
