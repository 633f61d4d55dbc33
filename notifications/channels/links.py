"""The addresses that a mail leads to. None of them changes anything when it is opened."""

from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse

from meetings.models import Invitation
from meetings.models.invitation import on_date
from notifications.models import Delivery
from notifications.told import Telling

ANSWERS = (
    Invitation.Status.ACCEPTED,
    Invitation.Status.TENTATIVE,
    Invitation.Status.DECLINED,
)


def page_of(telling: Telling) -> str:
    """Where the recipient sees the meeting: colleagues in the calendar, guests by their token.

    Where dates lack a room, its organizer chooses others.
    """
    if any(date.missed for date in telling.dates):
        return absolute(reverse("meetings:series", args=[telling.meeting.uid]))
    if telling.kind == Delivery.Kind.PROPOSAL:
        return absolute(telling.meeting.get_absolute_url() + _query(telling) + "#proposals")
    if telling.delivery.recipient is not None:
        return absolute(telling.meeting.get_absolute_url() + _query(telling))
    if telling.kind == Delivery.Kind.ANSWER:  # an organizer elsewhere has no page here
        return ""
    return rsvp(telling.invitation) + _query(telling)


def change_page(telling: Telling) -> str:
    """Where the organizer changes the meeting, all of it."""
    return absolute(reverse("meetings:edit", args=[telling.meeting.uid]))


def mend_page(telling: Telling) -> str:
    """Where the organizer of a meeting whose room was taken finds another room or time."""
    meeting = telling.meeting
    if not telling.invitation.is_organizers or telling.delivery.recipient is None:
        return ""
    if telling.kind == Delivery.Kind.CANCELLATION:
        people = on_date(meeting.invitations.all(), telling.recurrence_id)
        asked = [i.address for i in people if not i.is_organizers]
        query = urlencode({"with": asked}, doseq=True, safe="@")
        return absolute(reverse("meetings:find") + (f"?{query}" if query else ""))
    if telling.recurrence_id:
        return absolute(reverse("meetings:edit", args=[meeting.uid]) + _query(telling))
    page = "meetings:series" if meeting.is_series else "meetings:edit"
    return absolute(reverse(page, args=[meeting.uid]))


def answer_links(telling: Telling) -> dict[str, str]:
    """The page where an answer is confirmed, by the answer that it proposes."""
    page = rsvp(telling.invitation)
    return {answer: page + _query(telling, answer=answer) for answer in ANSWERS}


def propose_page(telling: Telling) -> str:
    """The page where the recipient proposes another time."""
    page = reverse("meetings:rsvp_propose", args=[telling.invitation.token])
    return absolute(page) + _query(telling)


def _query(telling: Telling, **query: str) -> str:
    """The query of a link, which names the date that the message is about."""
    if telling.recurrence_id:
        query["date"] = telling.recurrence_id
    return f"?{urlencode(query, safe=':')}" if query else ""


def rsvp(invitation: Invitation) -> str:
    """The invited person's own page, which needs no sign-in."""
    return absolute(reverse("meetings:rsvp", args=[invitation.token]))


def absolute(path: str) -> str:
    """A path as an address for people elsewhere."""
    return f"{settings.BASE_URL}{path}"
