"""Over which channels a person is told of an event: as she chose, or else as is usual."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from django.conf import settings

from accounts.models import User
from meetings.events import Message
from meetings.models import Change
from meetings.wallclock import instant
from notifications.models import Channel, Contact, Event, Preference, Wishes

USUAL: dict[str, frozenset[str]] = {
    Channel.EMAIL: frozenset(Event.values),
    Channel.SMS: frozenset({Event.CANCELLATION, Event.REMINDER}),
    Channel.PUSH: frozenset(
        {Event.INVITATION, Event.UPDATE, Event.CANCELLATION, Event.REMINDER, Event.ROOM}
    ),
    Channel.CHAT: frozenset(
        {Event.INVITATION, Event.UPDATE, Event.CANCELLATION, Event.REMINDER, Event.ROOM}
    ),
}
"""What is told over each channel to who has an address there and chose nothing."""


@dataclass(frozen=True, slots=True)
class Way:
    """A channel and the address there."""

    channel: str
    address: str


def offered() -> list[Channel]:
    """The channels that the administrator has set up, e-mail first."""
    return [c for c in Channel if c == Channel.EMAIL or settings.CHANNEL_URLS.get(c.value)]


def is_usual(event: str, channel: str) -> bool:
    """Whether somebody who chose nothing is told of the event over the channel."""
    return event in USUAL[channel]


def event_of(change: Change, message: Message) -> Event:
    """What a change is for those who are told of it by such a message."""
    if change.kind in (Change.Kind.ROOMS, Change.Kind.DISPLACED):
        return Event.ROOM
    return Event(message.value)


class Routing:
    """What some people chose, loaded at once: three queries at most, none if there is nobody."""

    def __init__(
        self,
        contacts: Mapping[int, list[Contact]],
        chosen: Mapping[tuple[int, str, str], bool],
        wishes: Mapping[int, Wishes],
    ) -> None:
        self._contacts, self._chosen, self._wishes = contacts, chosen, wishes

    @classmethod
    def of(cls, users: Iterable[User | None]) -> Self:
        """What these people chose; None is somebody without an account."""
        ids = {user.pk for user in users if user is not None}
        contacts: dict[int, list[Contact]] = defaultdict(list)
        if not ids:
            return cls(contacts, {}, {})
        channels = [channel.value for channel in offered() if channel != Channel.EMAIL]
        reached = Contact.objects.confirmed().filter(user__in=ids, channel__in=channels)
        for contact in reached if channels else ():
            contacts[contact.user_id].append(contact)
        chosen = {
            (row.user_id, row.event, row.channel): row.wanted
            for row in Preference.objects.filter(user__in=ids)
        }
        wishes = {row.user_id: row for row in Wishes.objects.filter(user__in=ids)}
        return cls(contacts, chosen, wishes)

    def wants(self, user: int, event: str, channel: str) -> bool:
        """Whether this person is told of it over the channel, if she is reached there."""
        return self._chosen.get((user, event, channel), is_usual(event, channel))

    def ways(self, user: User | None, address: str, event: str) -> list[Way]:
        """How the person is told, perhaps not at all; by mail at `address` without an account."""
        mail = Way(Channel.EMAIL, address)
        if user is None:
            return [mail]
        reached = [mail] + [Way(c.channel, c.address) for c in self._contacts.get(user.pk, ())]
        return [way for way in reached if self.wants(user.pk, event, way.channel)]

    def ways_before(
        self, user: User | None, address: str, start: datetime, now: datetime
    ) -> list[Way]:
        """How the person is reminded of what begins at `start`.

        What would come out of her quiet hours too late goes by mail.
        """
        ways = self.ways(user, address, Event.REMINDER)
        quiet = user and self.quiet_until(user, now)
        if not quiet or quiet < start:
            return ways
        mail = Way(Channel.EMAIL, address)
        return [mail] if ways else []

    def leads(self, user: User | None, usual: list[int]) -> list[int]:
        """How long before a start, in minutes, the person is reminded; `usual` without a wish."""
        return leads(self._wishes.get(user.pk) if user is not None else None, usual)

    def quiet_until(self, user: User, now: datetime) -> datetime | None:
        """The end of the quiet hours that `now` lies in; None outside of them."""
        wishes = self._wishes.get(user.pk)
        return None if wishes is None else quiet_until(wishes, user.zone, now)


def wishes_of(user: User | None) -> Wishes | None:
    """The person's wishes; no query if they were selected with her."""
    return getattr(user, "wishes", None)


def leads(wishes: Wishes | None, usual: list[int]) -> list[int]:
    """How long before a start, in minutes, somebody with these wishes is reminded."""
    return usual if wishes is None or wishes.reminders is None else wishes.reminders


def quiet_until(wishes: Wishes, zone: ZoneInfo, now: datetime) -> datetime | None:
    """The end of the quiet hours that `now` lies in, for somebody in `zone`; None outside.

    They are as long as the wall clock says, also over a clock change.
    """
    begin, end = wishes.quiet_from, wishes.quiet_until
    if begin is None or end is None or begin == end:
        return None
    here = now.astimezone(zone)
    for day in (here.date() - timedelta(days=1), here.date()):
        first = datetime.combine(day, begin)
        last = datetime.combine(day + timedelta(days=1) if end < begin else day, end)
        since, until = (instant(at, zone) for at in (first, last))
        if since <= now < until:
            return until
    return None
