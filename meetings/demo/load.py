"""Books the demo's meetings through the commands, each at the time it would have been made."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from accounts.models import User
from meetings import scheduler
from meetings.demo import company
from meetings.demo.entries import Guest, guests
from meetings.demo.people import BY_KEY, OUTSIDE, PEOPLE
from meetings.demo.planning import Dated, Turn, planned
from meetings.drafts import Attendee, Draft
from meetings.models import Invitation, Meeting
from meetings.scheduler.indexing import extend
from rooms.models import Amenity, Room, Site


def load(now: datetime) -> None:
    """Fills an empty database with the demo as it is at `now`."""
    with transaction.atomic():
        people = company.write_people(now)
        company.take_time_off(people, now)
        rooms = company.write_places()
    company.shut(rooms, by=people[company.ADMINISTRATOR], now=now)
    with _without_waiting_for_the_disk():
        _run(planned(rooms, now), people)
        # As the worker would have done meanwhile.
        extend(now=now - timedelta(minutes=5))
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
    acts: list[tuple[datetime, int, Guest | Turn | None]] = []
    for number, meeting in enumerate(meetings):
        acts.append((meeting.made, number, None))
        acts += [(answer.at, number, answer.guest) for answer in meeting.answers]
        acts += [(turn.at, number, turn) for turn in meeting.turns]
    for at, number, act in sorted(acts, key=lambda act: act[0]):
        meeting = meetings[number]
        if act is None:
            made[number] = _make(meeting, people[meeting.entry.organizer])
        elif isinstance(act, Guest):
            note = meeting.entry.notes.get(act.who, "")
            _answer(made[number][_address(act.who)], act.answer, note, at)
        else:
            _turn(act, made[number], people[meeting.entry.organizer])


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
                _address(guest.who),
                "optional" if guest.optional else "required",
                OUTSIDE.get(guest.who, ""),
            )
            for guest in meeting.asked
        ),
        room_ids=(meeting.room.pk,) if meeting.room else (),
        rrule=meeting.rrule,
        **fields,
    )
    done = scheduler.schedule(
        draft,
        by=organizer,
        now=meeting.made,
        policy="allow",
        announce=entry.announced,
        decisions={name: scheduler.Skip() for name in meeting.skipped},
    )
    invitations = done.meeting.invitations.select_related("user")
    return {invitation.address: invitation for invitation in invitations}


def _answer(
    invitation: Invitation, answer: str, note: str, at: datetime, *, recurrence_id: str = ""
) -> None:
    scheduler.respond(
        invitation,
        answer,
        by=invitation.user,
        now=at,
        note=note,
        announce=False,
        recurrence_id=recurrence_id,
    )


def _turn(turn: Turn, invitations: dict[str, Invitation], organizer: User) -> None:
    """Answers one date of a series, calls it off, or makes it what it is to be."""
    at, name, moment, _when = turn
    for guest in guests(moment.answers):
        _answer(invitations[_address(guest.who)], guest.answer, moment.note, at, recurrence_id=name)
    meeting = Meeting.objects.get(pk=invitations[organizer.email].meeting_id)
    if moment.called_off:
        scheduler.cancel(
            meeting,
            by=organizer,
            now=at,
            reason=moment.called_off,
            scope=scheduler.Scope.THIS,
            recurrence_id=name,
        )
    elif not moment.answers:
        scheduler.edit(
            meeting,
            _as_it_becomes(meeting, turn),
            by=organizer,
            now=at,
            version=meeting.version,
            policy="allow",
            scope=scheduler.Scope.THIS,
            recurrence_id=name,
        )


def _as_it_becomes(meeting: Meeting, turn: Turn) -> Draft:
    moment = turn.moment
    draft = scheduler.draft_of(
        meeting, scope=scheduler.Scope.THIS, recurrence_id=turn.recurrence_id
    )
    also = tuple(Attendee(_address(guest.who)) for guest in guests(moment.also))
    fields: dict[str, Any] = dict(moment.fields)
    if turn.when:
        fields["when"] = turn.when
    return replace(draft, attendees=(*draft.attendees, *also), **fields)


def _address(who: str) -> str:
    """The e-mail address behind a key of the company, or as it is written."""
    return who if "@" in who else BY_KEY[who].email
