"""Books the demo's meetings through the commands, each at the time it would have been made."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from accounts.models import User
from meetings import scheduler
from meetings.demo import company
from meetings.demo.entries import Guest
from meetings.demo.people import BY_KEY, OUTSIDE, PEOPLE
from meetings.demo.planning import Dated, planned
from meetings.drafts import Attendee, Draft
from meetings.models import Invitation, Meeting
from rooms.models import Amenity, Room, Site


def load(now: datetime) -> None:
    """Fills an empty database with the demo as it is at `now`."""
    with transaction.atomic():
        people = company.write_people(now)
        rooms = company.write_places()
    company.shut(rooms, by=people[company.ADMINISTRATOR], now=now)
    with _without_waiting_for_the_disk():
        _run(planned(rooms, now), people)
    company.open_doors()


def is_unfinished() -> bool:
    """Whether all that is there is what an interrupted `load` left: nobody can sign in yet."""
    accounts = list(User.objects.get_queryset())
    return {user.email for user in accounts} == {person.email for person in PEOPLE} and not any(
        user.has_usable_password() for user in accounts
    )


def forget() -> None:
    """Takes back an unfinished load."""
    for model in (Meeting, Room, Site, Amenity, User):
        model._default_manager.all().delete()


@contextmanager
def _without_waiting_for_the_disk() -> Iterator[None]:
    """A thousand small commits; what a crash loses of them is loaded anew anyway."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")
        yield
        cursor.execute("RESET synchronous_commit")


def _run(meetings: list[Dated], people: dict[str, User]) -> None:
    """Makes and answers them in the order of time, so that the ledger reads like a history."""
    made: dict[int, dict[str, Invitation]] = {}
    acts: list[tuple[datetime, int, Guest | None]] = []
    for number, meeting in enumerate(meetings):
        acts.append((meeting.made, number, None))
        acts += [(answer.at, number, answer.guest) for answer in meeting.answers]
    for at, number, guest in sorted(acts, key=lambda act: act[0]):
        meeting = meetings[number]
        if guest is None:
            made[number] = _make(meeting, people[meeting.entry.organizer])
        else:
            _answer(made[number][_address(guest)], guest, meeting, at)


def _make(meeting: Dated, organizer: User) -> dict[str, Invitation]:
    """Books it; returns its invitations by address."""
    entry = meeting.entry
    fields: dict[str, Any] = dict(entry.fields)
    draft = Draft(
        title=entry.title,
        when=meeting.when,
        zone=meeting.zone,
        attendees=tuple(
            Attendee(
                _address(guest),
                "optional" if guest.optional else "required",
                OUTSIDE.get(guest.who, ""),
            )
            for guest in meeting.asked
        ),
        room_ids=(meeting.room.pk,) if meeting.room else (),
        **fields,
    )
    done = scheduler.schedule(
        draft, by=organizer, now=meeting.made, policy="allow", announce=entry.announced
    )
    invitations = done.meeting.invitations.select_related("user")
    return {invitation.address: invitation for invitation in invitations}


def _answer(invitation: Invitation, guest: Guest, meeting: Dated, at: datetime) -> None:
    scheduler.respond(
        invitation,
        guest.answer,
        by=invitation.user,
        now=at,
        note=meeting.entry.notes.get(guest.who, ""),
        announce=False,
    )


def _address(guest: Guest) -> str:
    """The e-mail address behind a key of the company, or as it is written."""
    return guest.who if "@" in guest.who else BY_KEY[guest.who].email
