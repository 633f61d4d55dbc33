"""Meetings in the administration: to be looked at, and nothing private in it."""

import re
from html import unescape
from urllib.parse import quote

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from meetings import scheduler
from meetings.models import Booking, Change, Invitation, Meeting, Occurrence
from tests.factories import NOW, RoomFactory, ana, at, ben, book, cy, invitation_of, rae

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


def words(response: HttpResponse) -> str:
    """What the page says, without its markup."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", response.content.decode())).split())


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


@pytest.mark.parametrize("count", [1, 5])
@time_machine.travel(at("2027-03-12 09:00"), tick=False)
def test_a_list_costs_the_same_however_many_dates_its_series_have(
    client: Client, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    organizer = ana()
    for n in range(count):
        book(organizer, f"2027-03-1{n} 10:00", 15, title=f"Daily {n}", rrule="FREQ=DAILY")
    rule = "FREQ=WEEKLY;COUNT=2"
    over = book(organizer, "2027-03-02 12:00", 15, title="Weekly", rrule=rule)
    client.force_login(rae())
    with django_assert_num_queries(8):
        rows = words(client.get(page(Meeting, "changelist")))

    assert "Daily 0 Fri 12 March, 10:00–10:15 CET Every day at 10:00" in rows
    assert "Weekly Tue 9 March, 12:00–12:15 CET Every Tuesday at 12:00, 2 times" in rows
    assert "Tue 9 March, 12:00–12:15" in words(client.get(page(Meeting, "change", over.pk)))


def test_rows_of_single_dates_say_which(admin: Client) -> None:
    organizer, invited = ana(), ben()
    meeting = book(organizer, "2027-03-10 10:00", 60, invited, rrule="FREQ=WEEKLY")
    named = "2027-03-17T10:00:00"
    invitation = invitation_of(meeting, invited)
    scheduler.respond(invitation, "declined", by=invited, now=NOW, recurrence_id=named)
    for model in (Invitation, Change):
        assert "Wed 17 March 2027, 10:00" in words(admin.get(page(model, "changelist")))


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
