"""The guest's page: an invitation answered by its link, without signing in."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from meetings import scheduler
from meetings.drafts import Attendee
from meetings.models import Change, Invitation, Meeting
from tests.factories import NOW, RoomFactory, ana, ben, book, cy, days, draft, invitation_of

pytestmark = pytest.mark.django_db

MARTA = "marta@silva.example"
SECRETS = ("Partner call", "Ana Berger", "Blue Room", "meet.example.com", "Bring one thing", MARTA)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """It is Monday, 1 March 2027, 9:00 in Berlin."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def organizer() -> User:
    return ana()


@pytest.fixture
def meeting(organizer: User) -> Meeting:
    """With something to leak."""
    return book(
        organizer,
        "2027-03-10 14:00",
        60,
        ben(),
        MARTA,
        title="Partner call",
        join_link="https://meet.example.com/lisbon",
        description="Bring one thing.",
        rooms=(RoomFactory.create(name="Blue Room"),),
    )


@pytest.fixture
def marta(meeting: Meeting) -> Invitation:
    return invitation_of(meeting, MARTA)


def page_of(invitation: Invitation, query: str = "") -> str:
    return reverse("meetings:rsvp", args=[invitation.token]) + query


def words(response: HttpResponse) -> str:
    """The page without tags, in one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def pressed(response: HttpResponse) -> list[str]:
    return re.findall(r'value="([\w-]+)" aria-pressed="true"', response.content.decode())


def test_it_says_what_when_who_where_and_for_whom(client: Client, marta: Invitation) -> None:
    shown = words(client.get(page_of(marta)))

    for part in ("Partner call", "Wed 10 March", "14:00–15:00", "CET", "Berlin time"):
        assert part in shown
    for part in ("Asked by Ana Berger", "Blue Room", "meet.example.com/lisbon", "Ben Okafor"):
        assert part in shown
    assert f"You answer as {MARTA} ." in shown


def test_the_answer_is_given_and_the_organizer_will_be_told(
    client: Client, marta: Invitation
) -> None:
    response = client.post(page_of(marta), {"status": "accepted", "note": "Ten minutes\r\nlate."})

    assert response.headers["Location"] == page_of(marta)
    marta.refresh_from_db()
    assert (marta.status, marta.note, marta.responded_at) == (
        "accepted",
        "Ten minutes\nlate.",
        NOW,
    )
    change = Change.objects.get(kind=Change.Kind.ANSWERED)
    assert (change.invitation, change.by, change.not_before) == (marta, None, NOW)


def test_the_given_answer_is_shown_and_can_be_changed(client: Client, marta: Invitation) -> None:
    client.post(page_of(marta), {"status": "accepted", "note": "Late."})
    shown = client.get(page_of(marta))
    client.post(page_of(marta), {"status": "declined"})
    marta.refresh_from_db()

    assert pressed(shown) == ["accepted"]
    assert "You accepted." in words(shown)
    assert "Late." in words(shown)
    assert (marta.status, marta.note) == ("declined", "Late.")


@pytest.mark.parametrize("method", ["get", "head"])
def test_following_the_link_changes_nothing(client: Client, marta: Invitation, method: str) -> None:
    response = getattr(client, method)(page_of(marta, "?answer=accepted"))

    assert response.status_code == 200
    marta.refresh_from_db()
    assert marta.status == Invitation.Status.NEEDS_ACTION
    assert not Change.objects.filter(kind=Change.Kind.ANSWERED).exists()


def test_the_link_in_the_mail_only_proposes_an_answer(client: Client, marta: Invitation) -> None:
    response = client.get(page_of(marta, "?answer=declined"))

    assert pressed(response) == []
    (button,) = re.findall(r'<button [^>]*class="main-answer"[^>]*>', response.content.decode())
    assert 'value="declined"' in button
    assert "nothing is answered until you use the button" in words(response)


def test_the_buttons_work_where_no_cookie_and_no_referrer_is_sent(marta: Invitation) -> None:
    browser = Client(enforce_csrf_checks=True)

    response = browser.post(page_of(marta), {"status": "tentative"}, HTTP_ORIGIN="null")

    assert response.status_code == 302
    marta.refresh_from_db()
    assert marta.status == "tentative"


def test_signed_in_as_somebody_else_it_answers_for_the_invited(
    client: Client, marta: Invitation
) -> None:
    client.force_login(cy())

    shown = words(client.get(page_of(marta)))
    client.post(page_of(marta), {"status": "accepted"})

    assert f"You answer as {MARTA} , though you are signed in as cy@example.com." in shown
    marta.refresh_from_db()
    assert marta.status == "accepted"
    assert Change.objects.get(kind=Change.Kind.ANSWERED).by is None


def test_an_account_answers_for_itself_by_its_link(client: Client, meeting: Meeting) -> None:
    person = User.objects.get(email="ben@example.com")
    client.force_login(person)
    invitation = invitation_of(meeting, person)

    shown = words(client.get(page_of(invitation)))
    client.post(page_of(invitation), {"status": "accepted"})

    assert "You answer as ben@example.com ." in shown
    assert Change.objects.get(kind=Change.Kind.ANSWERED).by == person


@pytest.mark.parametrize(
    ("posted", "sentence"),
    [
        pytest.param({}, "Answer with accept, maybe or decline.", id="nothing"),
        pytest.param(
            {"status": "perhaps"}, "Answer with accept, maybe or decline.", id="no answer"
        ),
        pytest.param({"status": "needs-action"}, "Answer with accept, maybe", id="taken back"),
        pytest.param(
            {"status": "accepted", "note": "x" * 1001}, "at most 1000 characters", id="long note"
        ),
    ],
)
def test_what_is_no_answer_is_refused_in_words(
    client: Client, marta: Invitation, posted: dict[str, str], sentence: str
) -> None:
    response = client.post(page_of(marta), posted)

    assert response.status_code == 422
    assert sentence in words(response)
    assert posted.get("note", "") in response.content.decode()
    marta.refresh_from_db()
    assert marta.status == Invitation.Status.NEEDS_ACTION


def test_a_thousand_characters_fit_however_the_browser_ends_its_lines(
    client: Client, marta: Invitation
) -> None:
    note = ("x" * 99 + "\n") * 9 + "x" * 100

    client.post(page_of(marta), {"status": "accepted", "note": note.replace("\n", "\r\n")})

    marta.refresh_from_db()
    assert marta.note == note


def test_whoever_changes_the_answer_all_the_time_is_asked_to_wait(
    client: Client, marta: Invitation, clock: time_machine.Traveller
) -> None:
    for turn in range(30):
        client.post(page_of(marta), {"status": ["accepted", "declined"][turn % 2]})
    refused = client.post(page_of(marta), {"status": "tentative"})
    clock.shift(timedelta(hours=1))
    accepted = client.post(page_of(marta), {"status": "tentative"})

    assert "Try again in an hour." in words(refused)
    assert accepted.status_code == 302


# Links that do not open ----------------------------------------------------------------------


def removed(meeting: Meeting, marta: Invitation) -> str:
    without = draft("2027-03-10 14:00", 60, "ben@example.com", title=meeting.title)
    scheduler.edit(
        meeting, without, by=meeting.organizer, now=NOW, version=meeting.version, policy="allow"
    )
    return marta.token


def long_over(meeting: Meeting, marta: Invitation) -> str:
    return marta.token


CLOSED = [
    pytest.param(removed, NOW, id="removed"),
    pytest.param(long_over, datetime(2027, 4, 9, 14, 0, tzinfo=UTC), id="30 days after"),
    pytest.param(lambda *_: "A" * 43, NOW, id="made up"),
    pytest.param(lambda *_: "A", NOW, id="too short"),
    pytest.param(lambda *_: "a%00b", NOW, id="with a null"),
    pytest.param(lambda *_: "%F0%9F%98%80", NOW, id="another alphabet"),
]


@pytest.mark.parametrize(("token_of", "at"), CLOSED)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_closed_link_leaks_nothing_and_tells_nobody_why(
    client: Client,
    meeting: Meeting,
    marta: Invitation,
    clock: time_machine.Traveller,
    token_of: object,
    at: datetime,
    method: str,
) -> None:
    token = token_of(meeting, marta)  # type: ignore[operator]
    clock.move_to(at)

    response = getattr(client, method)(f"/rsvp/{token}/", {"status": "accepted"})
    file = client.get(f"/rsvp/{token}/meeting.ics")
    unknown = client.get(f"/rsvp/{'B' * 43}/")

    assert response.status_code == file.status_code == 404
    assert response.content == unknown.content == file.content
    assert [s for s in SECRETS if s in response.content.decode()] == []
    assert "This link does not work" in words(response)
    marta.refresh_from_db()
    assert marta.status == Invitation.Status.NEEDS_ACTION


def test_it_opens_until_thirty_days_after_the_end(
    client: Client, marta: Invitation, clock: time_machine.Traveller
) -> None:
    clock.move_to(datetime(2027, 4, 9, 13, 59, tzinfo=UTC))

    assert "Partner call" in words(client.get(page_of(marta)))


def test_a_cancelled_meeting_says_so_and_asks_nothing(
    client: Client, meeting: Meeting, marta: Invitation
) -> None:
    scheduler.cancel(meeting, by=meeting.organizer, now=NOW)

    shown = client.get(page_of(marta))
    refused = client.post(page_of(marta), {"status": "accepted"})

    assert "This meeting was cancelled." in words(shown)
    assert "<button name" not in shown.content.decode()
    assert "meeting.ics" not in shown.content.decode()
    assert refused.status_code == 422
    assert "The meeting was cancelled." in words(refused)
    marta.refresh_from_db()
    assert marta.status == Invitation.Status.NEEDS_ACTION


def test_a_meeting_that_is_over_is_not_answered_any_more(
    client: Client, marta: Invitation, clock: time_machine.Traveller
) -> None:
    clock.move_to(datetime(2027, 3, 10, 14, 0, tzinfo=UTC))

    shown = client.get(page_of(marta))
    refused = client.post(page_of(marta), {"status": "accepted"})

    assert "This meeting is over." in words(shown)
    assert "<button name" not in shown.content.decode()
    assert "The meeting is over" in words(refused)
    marta.refresh_from_db()
    assert marta.status == Invitation.Status.NEEDS_ACTION


def test_a_moved_meeting_shows_its_new_time(
    client: Client, meeting: Meeting, marta: Invitation
) -> None:
    moved = draft("2027-03-11 16:00", 30, MARTA, title="Partner call")
    scheduler.edit(
        meeting, moved, by=meeting.organizer, now=NOW, version=meeting.version, policy="allow"
    )

    shown = words(client.get(page_of(marta)))

    assert "Thu 11 March" in shown
    assert "16:00–16:30" in shown


# In whose time -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "times"),
    [
        pytest.param("", ("14:00–15:00", "CET", "Berlin time"), id="the meeting's"),
        pytest.param(
            "?zone=Europe/Lisbon",
            ("13:00–14:00", "WET", "Lisbon time", "14:00–15:00 in Berlin"),
            id="chosen",
        ),
        pytest.param("?zone=Asia/Calcutta", ("18:30–19:30", "Kolkata time"), id="by an older name"),
        pytest.param(
            "?zone=Pacific/Auckland",
            ("Thu 11 March", "2:00–3:00", "NZDT; Wed 10 March, 14:00–15:00 in Berlin"),
            id="on another day",
        ),
        pytest.param("?zone=Mars/Base", ("14:00–15:00", "Berlin time"), id="unknown"),
        pytest.param("?zone=../../etc/passwd", ("14:00–15:00", "Berlin time"), id="no zone"),
    ],
)
def test_a_guest_reads_it_in_the_zone_that_was_chosen(
    client: Client, marta: Invitation, query: str, times: tuple[str, ...]
) -> None:
    shown = words(client.get(page_of(marta, query)))

    assert [part for part in times if part not in shown] == []


def test_a_zone_with_the_same_clock_is_not_said_twice(client: Client, marta: Invitation) -> None:
    shown = words(client.get(page_of(marta, "?zone=Europe/Paris")))

    assert "Paris time" in shown
    assert "in Berlin" not in shown


def test_the_chosen_zone_stays_after_the_answer(client: Client, marta: Invitation) -> None:
    response = client.post(page_of(marta), {"status": "accepted", "zone": "Europe/Lisbon"})

    assert response.headers["Location"] == page_of(marta, "?zone=Europe%2FLisbon")


def test_an_account_reads_it_in_its_own_zone_and_nothing_is_guessed(
    client: Client, organizer: User, meeting: Meeting, marta: Invitation
) -> None:
    yuki = cy(timezone=ZoneInfo("Asia/Tokyo"))
    other = book(organizer, "2027-03-12 09:00", 60, yuki)

    shown = client.get(page_of(invitation_of(other, yuki)))

    assert "17:00–18:00" in words(shown)
    assert "data-guess" not in shown.content.decode()
    assert "data-guess" in client.get(page_of(marta)).content.decode()


def test_all_day_is_dates_in_every_zone(client: Client, organizer: User) -> None:
    trip = book(organizer, "2027-03-10 10:00", 60, MARTA, when=days("2027-03-10", 2))

    shown = words(client.get(page_of(invitation_of(trip, MARTA), "?zone=Pacific/Auckland")))

    assert "Wed 10 – Thu 11 March all day" in shown


# What goes along -----------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["", "meeting.ics"])
def test_nothing_of_the_page_is_kept_or_passed_on(
    client: Client, marta: Invitation, path: str
) -> None:
    for address in (page_of(marta), f"/rsvp/{'A' * 43}/"):
        response = client.get(address + path)

        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["X-Robots-Tag"] == "noindex, nofollow"


def test_the_file_for_the_guests_calendar_names_nobody_else(
    client: Client, meeting: Meeting, marta: Invitation
) -> None:
    response = client.get(reverse("meetings:rsvp_calendar", args=[marta.token]))

    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    (event,) = icalendar.Calendar.from_ical(response.content).walk("VEVENT")
    assert event["UID"] == meeting.ical_uid
    assert event["SUMMARY"] == "Partner call"
    assert event.decoded("DTSTART") == datetime(2027, 3, 10, 13, 0, tzinfo=UTC)
    assert "Blue Room" in event["LOCATION"]
    assert "ATTENDEE" not in event
    assert "ben@example.com" not in response.content.decode()


def test_a_wrong_method_is_refused(client: Client, marta: Invitation) -> None:
    assert client.delete(page_of(marta)).status_code == 405
    assert client.put(page_of(marta)).status_code == 405


def test_the_organizer_may_decline_and_still_organizes(client: Client, meeting: Meeting) -> None:
    own = invitation_of(meeting, meeting.organizer)

    client.post(page_of(own), {"status": "declined"})

    own.refresh_from_db()
    assert own.status == "declined"


def test_many_guests_are_counted_and_a_page_costs_the_same(
    client: Client, organizer: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for count in (2, 40):
        people = tuple(f"guest{n}@example.net" for n in range(count))
        meeting = book(
            organizer,
            "2027-03-10 14:00",
            60,
            attendees=tuple(Attendee(address) for address in people),
        )
        page = page_of(invitation_of(meeting, people[0]))
        with django_assert_num_queries(6):
            shown = words(client.get(page))

    assert "guest8@example.net and 31 more" in shown
