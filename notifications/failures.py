"""What follows from a message that is not tried again: it goes another way, or somebody hears."""

from datetime import datetime, timedelta

from meetings.events import TO_ORGANIZER
from notifications.models import Channel, Delivery, Event
from notifications.routing import Routing

Kind = Delivery.Kind
GATHER = timedelta(minutes=1)
"""How long the notice waits, so that messages which fail one after the other are one notice."""

SAME = (
    *("change_id", "about_id", "meeting_id", "invitation_id", "recipient_id"),
    *("kind", "lane", "recurrence_id", "start", "lead", "not_before"),
)
"""What a message that goes another way has in common with the one that failed."""


def follow_up(row: Delivery, now: datetime) -> None:
    """After `row` (with its meeting and invitations) failed: nothing is lost without a word.

    What did not leave over another channel goes by mail, unless it did so anyway. Of a mail that
    reached no invitee the organizer is told.
    """
    if row.webhook_id is not None:
        return
    if row.channel != Channel.EMAIL:
        _send_by_mail(row, now)
    elif row.kind not in (*TO_ORGANIZER, Kind.FAILURE) and not row.invitation.is_organizers:
        _tell_organizer(row, now)


def _send_by_mail(row: Delivery, now: datetime) -> None:
    if row.recipient is None:
        return
    mails = Delivery.objects.filter(
        invitation=row.invitation, channel=Channel.EMAIL, change=row.change_id, about=row.about_id
    )
    if mails.filter(recurrence_id=row.recurrence_id, start=row.start, lead=row.lead).exists():
        return
    Delivery.objects.bulk_create([_copy(row, row.recipient.email, now)], ignore_conflicts=True)


def _copy(row: Delivery, address: str, now: datetime) -> Delivery:
    return Delivery(
        address=address,
        channel=Channel.EMAIL,
        next_attempt_at=now,
        created_at=now,
        **{name: getattr(row, name) for name in SAME},
    )


def _tell_organizer(row: Delivery, now: datetime) -> None:
    meeting = row.meeting
    own = next((i for i in meeting.invitations.all() if i.is_organizers), None)
    if meeting.organizer is None or own is None:
        return
    routing = Routing.of([meeting.organizer])
    ways = routing.ways(meeting.organizer, meeting.organizer_address, Event.FAILURE)
    older = Delivery.objects.unclaimed().about([Kind.FAILURE]).filter(meeting=meeting)
    older.filter(channel__in=[way.channel for way in ways]).update(status=Delivery.Status.DROPPED)
    Delivery.objects.bulk_create(
        [
            Delivery(
                about=row,
                meeting=meeting,
                invitation=own,
                recipient=meeting.organizer,
                address=way.address,
                channel=way.channel,
                kind=Kind.FAILURE,
                lane=Delivery.Lane.CHANGES,
                not_before=now + GATHER,
                next_attempt_at=now + GATHER,
                created_at=now,
            )
            for way in ways
        ],
        ignore_conflicts=True,
    )
