"""Who sees and does what."""

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser

from meetings import scheduler
from meetings.lifecycle import ALLOWED, Act, State, allows, state
from meetings.models import Meeting
from meetings.permissions import (
    TOKEN_LIFE,
    Sight,
    get_meeting_for,
    may_edit,
    seen_title,
    sight,
    token_opens,
)
from tests.factories import NOW, ana, at, ben, book, cy, days, invitation_of, rae

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("who", "visibility", "expected", "title"),
    [
        ("organizer", "public", Sight.ORGANIZER, "Design review"),
        ("invitee", "public", Sight.PARTICIPANT, "Design review"),
        ("stranger", "public", Sight.PUBLIC, "Design review"),
        ("administrator", "public", Sight.PUBLIC, "Design review"),
        ("nobody", "public", Sight.BUSY, "Busy"),
        ("organizer", "private", Sight.ORGANIZER, "Design review"),
        ("invitee", "private", Sight.PARTICIPANT, "Design review"),
        ("removed", "private", Sight.BUSY, "Busy"),
        ("stranger", "private", Sight.BUSY, "Busy"),
        ("administrator", "private", Sight.BUSY, "Busy"),
    ],
)
def test_sight(who, visibility, expected, title):
    organizer, invited = ana(), ben()
    meeting = book(organizer, "2027-03-10 10:00", 60, invited, visibility=visibility)
    if who == "removed":
        wanted = replace(scheduler.draft_of(meeting), attendees=())
        scheduler.edit(meeting, wanted, by=organizer, now=NOW, version=1)
    viewer = {
        "organizer": lambda: organizer,
        "invitee": lambda: invited,
        "removed": lambda: invited,
        "stranger": cy,
        "administrator": rae,
        "nobody": AnonymousUser,
    }[who]()
    meeting = Meeting.objects.get()
    assert sight(viewer, meeting) == expected
    assert seen_title(meeting.occurrence, viewer) == title
    assert may_edit(viewer, meeting) is (who == "organizer")


def test_a_private_meeting_of_others_is_not_found():
    stranger = cy()
    meeting = book(ana(), "2027-03-10 10:00", 60, ben(), visibility="private")
    for uid in (meeting.uid, uuid.uuid4()):
        with pytest.raises(Meeting.DoesNotExist):
            get_meeting_for(stranger, uid)
    assert get_meeting_for(meeting.organizer, meeting.uid) == meeting


def test_a_token_opens_until_thirty_days_after_the_end():
    meeting = book(ana(), "2027-03-10 10:00", 60, "eve@elsewhere.example")
    invitation = invitation_of(meeting, "eve@elsewhere.example")
    end = at("2027-03-10 11:00") + TOKEN_LIFE
    assert token_opens(invitation, end - timedelta(seconds=1))
    assert not token_opens(invitation, end)
    invitation.removed_at = NOW
    assert not token_opens(invitation, NOW)


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("2027-03-10 09:59", State.SCHEDULED),
        ("2027-03-10 10:00", State.ONGOING),
        ("2027-03-10 10:59", State.ONGOING),
        ("2027-03-10 11:00", State.COMPLETED),
    ],
)
def test_the_clock_decides_the_state(when, expected):
    occurrence = book(ana()).occurrence
    assert state(occurrence, at(when)) == expected
    for act in Act:
        assert allows(act, occurrence, at(when)) is (act in ALLOWED[expected])


def test_an_all_day_date_lasts_for_the_days_of_its_zone():
    occurrence = book(ana(), when=days("2027-03-10")).occurrence
    assert state(occurrence, at("2027-03-09 23:59")) == State.SCHEDULED
    assert state(occurrence, at("2027-03-10 00:00")) == State.ONGOING
    assert state(occurrence, at("2027-03-11 00:00")) == State.COMPLETED
