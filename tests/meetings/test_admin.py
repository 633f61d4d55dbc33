"""Meetings in the administration: to be looked at, and nothing private in it."""

from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse

from meetings.models import Booking, Change, Invitation, Meeting, Occurrence
from tests.factories import RoomFactory, ana, ben, book, cy, invitation_of, rae

pytestmark = pytest.mark.django_db

MODELS = [Meeting, Occurrence, Invitation, Change, Booking]
SECRETS = ("Merger", "Behind closed doors", "meet.example.com/secret", "Not a word")


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(rae())
    return client


@pytest.fixture
def secret() -> Meeting:
    """Private, with something to leak in each place."""
    meeting = book(
        ana(),
        "2027-03-10 14:00",
        60,
        ben(),
        title="Merger",
        description="Behind closed doors",
        join_link="https://meet.example.com/secret",
        visibility="private",
        rooms=(RoomFactory.create(name="Blue Room"),),
    )
    Invitation.objects.update(note="Not a word")
    return meeting


def page(model: type, name: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=args)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_private_meeting_reads_busy_everywhere(
    admin: Client, secret: Meeting, model: type
) -> None:
    pages = [admin.get(page(model, "changelist"))]
    pages += [admin.get(page(model, "change", row.pk)) for row in model.objects.all()]

    assert model.objects.exists()
    for response in pages:
        assert [part for part in SECRETS if part in response.content.decode()] == []


@pytest.mark.parametrize("word", ["Merger", "merg", "closed doors"])
def test_the_title_of_a_private_meeting_cannot_be_guessed(
    admin: Client, secret: Meeting, word: str
) -> None:
    for model in MODELS:
        response = admin.get(f"{page(model, 'changelist')}?q={quote(word)}")
        assert response.context["cl"].result_count == 0


def test_a_public_meeting_is_found_by_title_organizer_and_uid(admin: Client) -> None:
    meeting = book(ana(), "2027-03-10 14:00", 60, ben(), title="Design review")
    book(cy(), "2027-03-11 14:00", 60, title="Lunch")

    for words in ("review design", "ana@example.com", str(meeting.uid)):
        response = admin.get(f"{page(Meeting, 'changelist')}?q={quote(words)}")
        assert [found.pk for found in response.context["cl"].result_list] == [meeting.pk]


def test_a_public_meeting_shows_time_and_organizer_but_not_what_participants_read(
    admin: Client,
) -> None:
    meeting = book(ana(), "2027-03-10 14:00", 60, ben(), description="Bring one thing")

    shown = admin.get(page(Meeting, "change", meeting.pk)).content.decode()

    assert "Design review" in shown
    assert "Wed 10 March 2027, 14:00–15:00 CET" in shown
    assert "Ana Berger" in shown
    assert "Bring one thing" not in shown


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_nothing_is_added_changed_or_deleted_here(admin: Client, model: type) -> None:
    meeting = book(ana(), "2027-03-10 14:00", 60, ben(), rooms=(RoomFactory.create(),))
    row = model.objects.first()

    assert admin.get(page(model, "add")).status_code == 403
    assert admin.post(page(model, "change", row.pk), {"title": "Mine"}).status_code == 403
    assert admin.post(page(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert model.objects.filter(pk=row.pk).exists()
    assert Meeting.objects.get(pk=meeting.pk).title == "Design review"


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_only_staff_gets_in(secret: Meeting, model: type) -> None:
    browser = Client()
    browser.force_login(cy())

    assert browser.get(page(model, "changelist")).status_code in (302, 403)


def test_tokens_are_nowhere(admin: Client) -> None:
    meeting = book(ana(), "2027-03-10 14:00", 60, ben())
    invitation = invitation_of(meeting, meeting.organizer)

    shown = admin.get(page(Invitation, "change", invitation.pk)).content.decode()

    assert str(invitation.uid) in shown
    assert invitation.token not in shown
