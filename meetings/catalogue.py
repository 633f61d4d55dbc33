"""Which meetings there are for somebody who looks, by who, where, when and what.

Conditions for a query of meetings; what the viewer may not see is left out by them.
"""

from collections.abc import Sequence
from datetime import datetime

from django.contrib.postgres.search import SearchQuery
from django.db.models import Exists, OuterRef, Q

from accounts.models import User, normal_address
from meetings.availability import WIDEST_OFFSET
from meetings.dates import dates_in
from meetings.intervals import Stretch
from meetings.lifecycle import State
from meetings.models import Booking, Change, Invitation, Meeting, Occurrence
from meetings.models.meeting import TITLE_WORDS
from meetings.models.ranges import as_range
from rooms.models import Room


def near(within: Stretch) -> Q:
    """Those with a date near the stretch, and of long series those that reach there.

    `really_in` says which of them have one in it.
    """
    wide = as_range(_widened(within))
    dates = Occurrence.objects.filter(meeting=OuterRef("pk"), during__overlap=wide)
    spans = Invitation.objects.filter(meeting=OuterRef("pk"), span__overlap=wide)
    # No index serves the spans of all people. They come last, after what is false and never null,
    # so that PostgreSQL looks at them for long series only.
    unindexed = Q(indexed_until__isnull=False) & Q(indexed_until__lt=within.end)
    return Q(Exists(dates)) | unindexed & Q(Exists(spans))


def really_in(meetings: Sequence[Meeting], within: Stretch, viewer: User) -> list[Meeting]:
    """Those with a date that touches the stretch where the viewer is; cancelled ones by theirs.

    Wants `with_people()` rows; a constant number of queries.
    """
    touching = {
        date.meeting_id
        for date in dates_in(meetings, _widened(within))
        if date.occupied_in(viewer.zone).overlaps(within)
    }
    return [
        meeting
        for meeting in meetings
        if meeting.pk in touching
        or (
            meeting.cancelled
            and any(d.occupied_in(viewer.zone).overlaps(within) for d in meeting.occurrences.all())
        )
    ]


def organized_by(who: User | str) -> Q:
    """Those of this person, or of an address that has no account here."""
    if isinstance(who, User):
        return Q(organizer=who)
    return Q(organizer=None, organizer_email__iexact=who.strip())


def attended_by(who: User | str, viewer: User) -> Q:
    """Those that this person, or a guest's address, is invited to.

    Colleagues' calendars are open; where guests go is seen by who is on the meeting, too.
    """
    rows = Invitation.objects.current().filter(meeting=OuterRef("pk"))
    if isinstance(who, User):
        return Q(Exists(rows.filter(user=who)))
    inside = Q(organizer=viewer) | Q(created_by=viewer) | Q(Exists(rows.filter(user=viewer)))
    return inside & Q(Exists(rows.filter(user=None, email__iexact=normal_address(who))))


def in_room(room: Room) -> Q:
    """Those that want this room, or have it on some date."""
    held = Booking.objects.unreleased().filter(
        room=room, kind=Booking.Kind.MEETING, occurrence__meeting=OuterRef("pk")
    )
    wanted = Meeting.rooms.through.objects.filter(room=room, meeting=OuterRef("pk"))
    return Q(Exists(wanted)) | Q(Exists(held))


def perhaps(status: str, now: datetime) -> Q:
    """What leaves out most of those with another status; the rest is judged date by date."""
    if status == State.CANCELLED:
        return Q(cancelled=True)
    dates = Occurrence.objects.live().filter(meeting=OuterRef("pk"))
    if status == State.COMPLETED:
        over = dates.filter(during__endswith__lte=now + WIDEST_OFFSET)
        return Q(Exists(over), cancelled=False)
    to_come = dates.filter(during__endswith__gt=now - WIDEST_OFFSET)
    return Q(cancelled=False) & (Q(Exists(to_come)) | Q(indexed_until__isnull=False))


def titled(text: str) -> Q | None:
    """Those with words in the title that begin so, each of them; None if it holds no word."""
    words = ["".join(c for c in word if c.isalnum()) for word in text.split()]
    query = " & ".join(f"{word}:*" for word in words if word)
    if not query:
        return None
    found = Meeting.objects.annotate(words=TITLE_WORDS).filter(
        words=SearchQuery(query, config="simple", search_type="raw")
    )
    return Q(pk__in=found.values("pk"))


def changed_since(since: datetime) -> Q:
    """Those of which something was changed, or that somebody answered."""
    return Q(pk__in=Change.objects.filter(created_at__gte=since).values("meeting"))


def _widened(within: Stretch) -> Stretch:
    return Stretch(within.start - WIDEST_OFFSET, within.end + WIDEST_OFFSET)
