"""What people are owed: worked out by plain loops over what was done and what people chose.

It knows nothing of the outbox. It walks through the instants at which a worker came to rest and
asks for each person, meeting and channel what is new since she was last told something there.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from accounts.models import User
from meetings.models import Change, Invitation, Meeting, Occurrence
from notifications.models import Contact, Preference, Wishes

Owed = tuple[str, str, str, str]
"""Channel, address there, kind of message, title of the meeting."""

SHOWN = {"title", "when", "rrule", "location", "join_link", "description", "rooms", "status"}
LOUD = ("sms", "push", "chat")
MINUTE = timedelta(minutes=1)


def owed(rounds: Sequence[datetime]) -> Counter[Owed]:
    """All that should have left by the last of `rounds`, at which a worker did what was due."""
    wishes_of.cache_clear()
    found: Counter[Owed] = Counter()
    for meeting in Meeting.objects.order_by("pk"):
        for row in Invitation.objects.filter(meeting=meeting, recurrence_id="").order_by("pk"):
            for channel, address in ways_to(row):
                reminders = reminders_for(meeting, row, channel, rounds)
                kinds = reminders + rejections_for(meeting, row, channel, rounds)
                if row.user != meeting.organizer:
                    kinds += news_for(meeting, row, channel, rounds)
                found.update((channel, address, kind, meeting.title) for kind in kinds)
        organizer = meeting.organizer
        assert organizer is not None
        for channel, address in ways_to(Invitation(user=organizer)):
            kinds = heard_by_organizer(meeting, organizer, channel, rounds)
            found.update((channel, address, kind, meeting.title) for kind in kinds)
    return found


# What people chose --------------------------------------------------------------


def ways_to(row: Invitation) -> list[tuple[str, str]]:
    """Channels and addresses at which somebody is reached."""
    if row.user is None:
        return [("email", row.email)]
    contacts = Contact.objects.filter(user=row.user).exclude(confirmed_at=None)
    return [("email", row.user.email)] + [(c.channel, c.address) for c in contacts]


def wants(user: User | None, event: str, channel: str) -> bool:
    """Whether this event is told to this person over this channel."""
    for chosen in Preference.objects.filter(user=user, event=event, channel=channel):
        return chosen.wanted
    if channel == "email":
        return True
    if channel == "sms":
        return event in ("cancellation", "reminder")
    return event in ("invitation", "update", "cancellation", "reminder", "room")


def wants_nowhere(row: Invitation, event: str) -> bool:
    """Whether the person wants to hear of it over no channel at all."""
    return not any(wants(row.user, event, channel) for channel, _address in ways_to(row))


@cache
def wishes_of(user: User | None) -> Wishes | None:
    """The person's wishes, if she has any."""
    return Wishes.objects.filter(user=user).first() if user else None


def is_quiet(user: User | None, channel: str, at: datetime) -> bool:
    """Whether the channel would make a noise in the person's quiet hours."""
    wishes = wishes_of(user) if channel in LOUD else None
    if wishes is None or wishes.quiet_from is None or wishes.quiet_until is None:
        return False
    assert user is not None
    here = at.astimezone(user.zone).time()
    if wishes.quiet_from <= wishes.quiet_until:
        return wishes.quiet_from <= here < wishes.quiet_until
    return here >= wishes.quiet_from or here < wishes.quiet_until


# Invitations, changes and cancellations -----------------------------------------


def done_to(meeting: Meeting, *kinds: str) -> list[Change]:
    """What was done and not taken back."""
    return list(Change.objects.filter(meeting=meeting, undone_at=None, kind__in=kinds))


def event_in(change: Change, row: Invitation, *, on: bool) -> str:
    """What a change is for somebody who was on the meeting, or was not; empty if nothing."""
    if row.pk in change.added:
        return "invitation"
    if row.pk in change.removed:
        return "cancellation"
    if change.kind == "resent":
        return "invitation" if change.invitation_id == row.pk else ""
    if not on:
        return ""
    if change.kind == "cancelled":
        return "cancellation"
    return "update" if SHOWN & set(change.fields) else ""


def is_on(row: Invitation, changes: Sequence[Change], *, on: bool) -> bool:
    """Whether somebody who was on the meeting, or was not, is on it after these changes."""
    for change in changes:
        on = (on or row.pk in change.added) and row.pk not in change.removed
    return on


def is_off(meeting: Meeting, change: Change) -> bool:
    """Whether it called off the whole meeting."""
    return change.kind == "cancelled" and not (meeting.rrule and change.dates)


def news_for(
    meeting: Meeting, row: Invitation, channel: str, rounds: Sequence[datetime]
) -> list[str]:
    """The kinds of the messages about what became of the meeting, in order."""
    changes = done_to(meeting, "created", "updated", "cancelled", "resent")
    kinds: list[str] = []
    on = takes_place = knows = waits = False
    new: list[Change] = []
    for at in rounds:
        ready = [change for change in changes if change.not_before <= at]
        changes = [change for change in changes if change.not_before > at]
        stays = is_on(row, ready, on=on)
        for change in ready:
            event = event_in(change, row, on=on)
            takes_place = takes_place or change.kind == "created"
            takes_place = takes_place and not is_off(meeting, change)
            on = is_on(row, [change], on=on)
            new.append(change)
            if stays != on or not event:
                continue  # taken back before anybody heard of it
            waits = waits or wants(row.user, event, channel)
            if not waits and wants_nowhere(row, event):
                knows, new = on and takes_place, []  # as good as told
        if is_quiet(row.user, channel, at):
            continue
        if waits:
            kinds += message(row, new, knew=knows, is_on=on and takes_place, meeting=meeting)
        knows, waits, new = on and takes_place, False, []
    return kinds


def message(
    row: Invitation, new: list[Change], *, knew: bool, is_on: bool, meeting: Meeting
) -> list[str]:
    """The one message that tells what is new, or none if nothing is."""
    if not is_on:
        return ["cancellation"] if knew else []
    again = any(c.invitation_id == row.pk or row.pk in c.added for c in new)
    if not knew or again:
        return ["invitation"]
    was: dict[tuple[str, str], Any] = {}
    now: dict[tuple[str, str], Any] = {}
    for change in new:
        for date in (change.dates if meeting.rrule else []) or [""]:
            for field, (before, after) in change.fields.items():
                was.setdefault((date, field), before)
                now[date, field] = after
    differs = {key for key in was if key[1] in SHOWN and was[key] != now[key]}
    dates = {date for date, _field in differs}
    if dates and all((date, "status") in differs for date in dates):
        return ["cancellation"]
    return ["update"] if differs else []


# What is said beside: answers and proposals --------------------------------------


def heard_by_organizer(
    meeting: Meeting, organizer: User, channel: str, rounds: Sequence[datetime]
) -> list[str]:
    """Answers, the last of each person only, and proposals that are still open."""
    changes = done_to(
        meeting, "answered", "proposed", "withdrawn", "rejected", "updated", "cancelled"
    )
    kinds: list[str] = []
    for at in rounds:
        heard: dict[tuple[str, int | None], str] = {}
        while changes and changes[0].not_before <= at:
            change = changes.pop(0)
            if is_off(meeting, change):
                return kinds
            if change.kind == "answered":
                heard["answer", change.invitation_id] = "answer"
            elif change.kind == "proposed":
                heard["proposal", change.invitation_id] = "proposal"
            elif change.proposal is not None:
                heard.pop(("proposal", change.proposal.invitation_id), None)
            if {"when", "rrule"} & set(change.fields) and not change.dates:
                heard = {}  # everybody is asked anew
        if not is_quiet(organizer, channel, at):
            kinds += [kind for kind in heard.values() if wants(organizer, kind, channel)]
    return kinds


def rejections_for(
    meeting: Meeting, row: Invitation, channel: str, rounds: Sequence[datetime]
) -> list[str]:
    """That what the person proposed is declined, unless the meeting was moved meanwhile."""
    kinds: list[str] = []
    changes = done_to(meeting, "rejected", "updated", "cancelled")
    for at in rounds:
        heard: list[str] = []
        while changes and changes[0].not_before <= at:
            change = changes.pop(0)
            if is_off(meeting, change) or {"when", "rrule"} & set(change.fields):
                heard = []
            elif change.kind == "rejected" and change.invitation_id == row.pk:
                heard.append("rejection")
        kinds += [kind for kind in heard if wants(row.user, kind, channel)]
    return kinds


# Reminders ----------------------------------------------------------------------


def reminders_for(
    meeting: Meeting, row: Invitation, channel: str, rounds: Sequence[datetime]
) -> list[str]:
    """One for each date that the person comes to and each lead, unless it came too late."""
    wishes = wishes_of(row.user)
    kinds = []
    for date in Occurrence.objects.filter(meeting=meeting, status="scheduled"):
        leads = meeting.reminders if date.reminders is None else date.reminders
        if wishes is not None and wishes.reminders is not None:
            leads = wishes.reminders
        if not comes(row, date):
            continue
        for lead in leads:
            kinds += reminder(row, date, date.during.lower, lead * MINUTE, channel, rounds)
    return kinds


def comes(row: Invitation, date: Occurrence) -> bool:
    """Whether the person is asked to this date and has not declined it."""
    own = Invitation.objects.filter(
        meeting=row.meeting, user=row.user, email=row.email, recurrence_id=date.recurrence_id
    )
    counts = own.first() or row
    return counts.removed_at is None and counts.status != "declined"


def reminder(
    row: Invitation,
    date: Occurrence,
    start: datetime,
    ahead: timedelta,
    channel: str,
    rounds: Sequence[datetime],
) -> list[str]:
    """The reminder of one date with one lead, if it is owed over this channel."""
    made = next((at for at in rounds if at > start - ahead), None)
    if made is None or made >= start or made == rounds[0]:
        return []
    if heard_lately(row, date, since=start - ahead):
        return []
    at = made
    while is_quiet(row.user, "sms", at):
        at += MINUTE
    too_loud = at >= start
    if too_loud and channel == "email":
        all_ways = [way for way, _address in ways_to(row)]
        return ["reminder"] if any(wants(row.user, "reminder", way) for way in all_ways) else []
    if too_loud or not wants(row.user, "reminder", channel):
        return []
    leaves = next((at for at in rounds if at >= made and not is_quiet(row.user, channel, at)), None)
    return ["reminder"] if leaves is not None and leaves < start else []


def heard_lately(row: Invitation, date: Occurrence, *, since: datetime) -> bool:
    """Whether the person was told of the date when its reminder was due already."""
    for change in done_to(date.meeting, "created", "updated"):
        if change.created_at <= since:
            continue
        if change.dates and date.recurrence_id not in change.dates:
            continue
        if change.kind == "created" or row.pk in change.added or "when" in change.fields:
            return True
    return False
