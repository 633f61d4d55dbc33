"""Rooms for the dates of a series that did not get theirs: what its organizer can take instead."""

from meetings.conflicts import Proposal
from meetings.models.invitation import on_date
from meetings.slots import free_by_date
from notifications.told import Telling
from rooms.models import Room

MOST_ROOMS = 3


def free_instead(telling: Telling) -> dict[str, list[str]]:
    """By recurrence-id, the names of rooms that fit, are free then, and stand at the same site.

    The nearest in size first, three at most. No query unless a date lacks a room, else three.
    """
    missed = [date for date in telling.dates if date.missed]
    if not missed:
        return {}
    names = {date.recurrence_id for date in missed}
    lost = {
        pk
        for row in telling.meeting.occurrences.all()
        if row.recurrence_id in names
        for pk in row.missed_rooms
    }
    invitations = telling.meeting.invitations.all()
    seats = max(len(on_date(invitations, name)) for name in names)
    rooms = Room.objects.at_sites_of(lost).seating(seats).with_details()
    free = free_by_date(
        Proposal(
            dates=tuple(date.facts.when for date in missed),
            people=(),
            rooms=(),
            seats=seats,
            names=tuple(date.recurrence_id for date in missed),
        ),
        list(rooms),
        now=telling.now,
    )
    return {name: [room.name for room in found[:MOST_ROOMS]] for name, found in free.items()}
