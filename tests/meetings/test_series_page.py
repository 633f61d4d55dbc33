"""The page of a series: its dates, what becomes of them, and one save for all of it."""

from collections.abc import Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.core.management import call_command
from django.http import HttpResponse
from django.test import Client

from accounts.models import User
from meetings import scheduler
from meetings.models import Booking, Change, Meeting, Occurrence
from rooms.models import Room
from tests.factories import (
    NOW,
    RoomFactory,
    SiteFactory,
    UserFactory,
    ana,
    at,
    ben,
    book,
    cy,
    days,
    draft,
    invitation_of,
    stretch,
    timed,
    works,
)
from tests.meetings.test_override import allowed, take

pytestmark = pytest.mark.django_db

DATES = ["2027-03-10T10:00:00", "2027-03-17T10:00:00", "2027-03-24T10:00:00", "2027-03-31T10:00:00"]


@pytest.fixture(autouse=True)
def _at_now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def organizer(client: Client) -> User:
    organizer = works(ana())
    client.force_login(organizer)
    return organizer


@pytest.fixture
def invited() -> User:
    return works(ben())


@pytest.fixture
def blue() -> Room:
    return RoomFactory.create(name="Blue Room", code="blue-room", site__name="Berlin")


def series(organizer: User, *people: User, **fields: object) -> Meeting:
    """On four Wednesdays."""
    values = {"rrule": "FREQ=WEEKLY;COUNT=4", **fields}
    return book(organizer, "2027-03-10 10:00", 60, *people, **values)


def address(meeting: Meeting, query: str = "") -> str:
    return f"/meetings/{meeting.uid}/series/{query}"


def text(response: HttpResponse) -> str:
    return response.content.decode()


def row(response: HttpResponse, n: int) -> str:
    """What the page says in the row of the nth of DATES."""
    name = "".join(filter(str.isalnum, DATES[n]))
    return text(response).partition(f'<tr id="date-{name}"')[2].partition("</tr>")[0]


def options(response: HttpResponse, n: int) -> list[str]:
    """The values to choose from for the nth of DATES."""
    return [piece.partition('"')[0] for piece in row(response, n).split('<option value="')[1:]]


def said(response: HttpResponse) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]  # type: ignore[attr-defined]


def mend(
    client: Client, meeting: Meeting, chosen: dict[int, str], **fields: object
) -> HttpResponse:
    """Save what was chosen for some of DATES."""
    meeting.refresh_from_db()
    data = {f"decide-{DATES[n]}": choice for n, choice in chosen.items()}
    return client.post(address(meeting), {"version": meeting.version, **data, **fields})


def status(meeting: Meeting, n: int) -> str:
    return meeting.occurrences.get(recurrence_id=DATES[n]).status


def test_a_series_in_order(client: Client, organizer: User, invited: User) -> None:
    page = client.get(address(series(organizer, invited)))
    assert "Every Wednesday at 10:00, 4 times, Europe/Berlin" in text(page)
    assert "4 dates to Wed 31 March checked; none collides" in text(page)
    assert "Needs attention" not in text(page)
    assert [("In order" in row(page, n)) for n in range(4)] == [True] * 4
    assert options(page, 0) == ["", "skip"]
    assert f'href="/meetings/{Meeting.objects.get().uid}/?date={DATES[1]}"' in row(page, 1)


def test_for_the_organizers_side_only(client: Client, organizer: User, invited: User) -> None:
    meeting = series(organizer, invited)
    for person in (invited, cy()):
        client.force_login(person)
        assert client.get(address(meeting)).status_code == 404
        assert mend(client, meeting, {0: "skip"}).status_code == 404
    client.logout()
    assert client.get(address(meeting)).status_code == 302
    assert status(meeting, 0) == "scheduled"


def test_a_single_meeting_has_its_own_page(client: Client, organizer: User) -> None:
    meeting = book(organizer)
    assert client.get(address(meeting))["Location"] == meeting.get_absolute_url()


def test_only_what_needs_attention_is_shown_at_first(
    client: Client, organizer: User, invited: User
) -> None:
    meeting = series(organizer, invited)
    book(invited, "2027-03-17 10:30", 60, title="Dentist", visibility="private")
    page = client.get(address(meeting))
    assert "4 dates to Wed 31 March checked; 1 collides" in text(page)
    assert [bool(row(page, n)) for n in range(4)] == [False, True, False, False]
    assert "Ben Okafor is busy Wed 17 March, 10:30–11:30." in row(page, 1)
    assert "Dentist" not in text(page)
    everything = client.get(address(meeting, "?which=all"))
    assert [bool(row(everything, n)) for n in range(4)] == [True] * 4


def test_other_times_are_offered_and_taken(client: Client, organizer: User, invited: User) -> None:
    meeting = series(organizer, invited)
    book(invited, "2027-03-17 10:00", 60)
    page = client.get(address(meeting))
    assert options(page, 1) == [
        "",
        "skip",
        "time:2027-03-17T09:00:00",
        "time:2027-03-17T11:00:00",
        "time:2027-03-17T12:00:00",
    ]
    assert "Wed 17 March, 9:00–10:00" in row(page, 1)
    done = mend(client, meeting, {1: "time:2027-03-17T11:00:00"})
    assert done["Location"] == address(meeting)
    (sentence,) = said(done)
    assert sentence.startswith("1 date of Design review is changed.")
    assert meeting.occurrences.get(recurrence_id=DATES[1]).when == timed("2027-03-17 11:00")
    assert "none collides" in text(client.get(address(meeting)))


def test_other_times_are_looked_for_where_they_are_asked_for(
    client: Client, organizer: User, invited: User
) -> None:
    meeting = series(organizer, invited)
    page = client.post(
        address(meeting), {"times": DATES[2], f"decide-{DATES[0]}": "skip", "version": "1"}
    )
    assert "time:2027-03-24T10:45:00" in options(page, 2)
    assert "autofocus" in row(page, 2)
    assert '<option value="skip" selected>' in row(page, 0)
    assert status(meeting, 0) == "scheduled"


def test_another_room_for_one_date(
    client: Client, organizer: User, invited: User, blue: Room
) -> None:
    green = RoomFactory.create(name="Green Room", code="green-room", site=blue.site, capacity=9)
    RoomFactory.create(name="Nook", code="nook", site=blue.site, capacity=1)
    RoomFactory.create(code="elsewhere", site=SiteFactory.create())
    taken = RoomFactory.create(code="taken", site=blue.site)
    book(cy(), "2027-03-17 09:00", 240, rooms=(taken,))
    meeting = series(organizer, invited, rooms=(blue,))
    missed(meeting, blue, 1)

    page = client.get(address(meeting))

    assert "Blue Room is taken Wed 17 March, 10:00–11:00." in row(page, 1)
    assert options(page, 1)[:5] == ["", "room:green-room", "again", "room:", "skip"]
    assert "Keep it without Blue Room" in row(page, 1)
    mend(client, meeting, {1: "room:green-room"})
    held = Booking.objects.unreleased().get(occurrence__recurrence_id=DATES[1], room=green)
    assert held.stretch == stretch("2027-03-17 10:00", "2027-03-17 11:00")
    assert "none collides" in text(client.get(address(meeting)))


def missed(meeting: Meeting, room: Room, n: int) -> Meeting:
    """Somebody else has the room on the nth of DATES, as if it had become bookable too late."""
    occurrence = meeting.occurrences.get(recurrence_id=DATES[n])
    Booking.objects.filter(occurrence=occurrence).update(released_at=NOW)
    meeting.occurrences.filter(pk=occurrence.pk).update(missed_rooms=[room.pk])
    return book(UserFactory.create(), DATES[n], 60, title="Jury", rooms=(room,))


def test_keeping_a_date_without_its_room(client: Client, organizer: User, blue: Room) -> None:
    meeting = series(organizer, rooms=(blue,))
    missed(meeting, blue, 1)
    mend(client, meeting, {1: "room:"})
    kept = meeting.occurrences.get(recurrence_id=DATES[1])
    assert (kept.status, kept.room_ids, kept.missed_rooms) == ("scheduled", [], [])
    assert "none collides" in text(client.get(address(meeting)))


def test_trying_again_what_was_missed(client: Client, organizer: User, blue: Room) -> None:
    meeting = series(organizer, rooms=(blue,))
    other = missed(meeting, blue, 1)
    refused = mend(client, meeting, {1: "again"})
    assert refused.status_code == 409
    assert "a room is not to be had" in text(refused)
    assert "As chosen:" in row(refused, 1)
    assert '<option value="again" selected>' in row(refused, 1)
    assert "Save anyway" not in text(refused)

    scheduler.cancel(other, by=other.organizer, now=NOW)
    assert "Somebody else had it; it is free now." in text(client.get(address(meeting)))
    mend(client, meeting, {1: "again"})
    assert Booking.objects.unreleased().filter(
        occurrence__recurrence_id=DATES[1], occurrence__meeting=meeting, room=blue
    )


def test_a_date_that_gave_way_is_mended_here(client: Client, organizer: User, blue: Room) -> None:
    meeting = series(organizer, rooms=(blue,))
    other = take(allowed(cy()), blue).meeting
    call_command("rebuild_occurrences", "--check")
    page = client.get(address(meeting))
    assert "checked; 1 collides" in text(page)
    assert "Blue Room is taken" in row(page, 0)
    assert options(page, 0)[:4] == ["", "again", "room:", "skip"]
    scheduler.cancel(other, by=other.organizer, now=NOW)
    mend(client, meeting, {0: "again"})
    assert Booking.objects.unreleased().filter(occurrence__meeting=meeting).count() == 4
    assert "none collides" in text(client.get(address(meeting)))


def test_who_may_takes_the_room_for_a_date(client: Client, organizer: User, blue: Room) -> None:
    meeting = series(organizer, rooms=(blue,), priority=Meeting.Priority.HIGH)
    other = missed(meeting, blue, 1)
    assert "Take the room" not in text(mend(client, meeting, {1: "again"}))
    allowed(organizer)
    refused = mend(client, meeting, {1: "again"})
    assert "Take the room and save" in text(refused)
    assert "Jury" in text(refused)
    seen = refused.context["taking"].fingerprint
    deed = {"policy": "override", "seen_taking": seen}
    without = mend(client, meeting, {1: "again"}, **deed)
    assert without.status_code == 422
    assert "Say why: those who lose the room read it." in text(without)
    assert '<option value="again" selected>' in row(without, 1)
    unseen = mend(client, meeting, {1: "again"}, policy="override", reason="Exam")
    assert unseen.status_code == 409
    assert ">\nExam</textarea>" in text(unseen)
    (sentence,) = said(mend(client, meeting, {1: "again"}, reason="Exam", **deed))
    assert sentence.startswith("1 date of Design review is changed.")
    assert sentence.endswith("1 meeting gave way; those on it are told.")
    assert Change.objects.get(meeting=other, kind=Change.Kind.DISPLACED).reason == "Exam"
    assert not other.rooms.exists()
    assert Booking.objects.unreleased().filter(
        occurrence__recurrence_id=DATES[1], occurrence__meeting=meeting, room=blue
    )


def test_skipping_and_holding_after_all(
    client: Client, organizer: User, invited: User, blue: Room
) -> None:
    meeting = series(organizer, invited, rooms=(blue,))
    (sentence,) = said(mend(client, meeting, {0: "skip", 2: "skip"}))
    assert sentence.startswith("2 dates of Design review are changed.")
    assert [status(meeting, n) for n in range(4)] == ["skipped", "scheduled"] * 2
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        page = client.get(address(meeting))
        assert "2 dates to Wed 31 March checked; 2 skipped" in text(page)
        assert "Nothing stands against it now." in row(page, 0)
        assert options(page, 0) == ["", "again"]
        book(invited, "2027-03-24 10:00", now=NOW + timedelta(minutes=1))
        anyway = mend(client, meeting, {0: "again", 2: "again"})
        assert anyway.status_code == 409
        assert "Ben Okafor is busy" in row(anyway, 2)
        assert [status(meeting, n) for n in (0, 2)] == ["skipped", "skipped"]
        seen = text(anyway).partition('name="seen" value="')[2].partition('"')[0]
        assert "Save anyway" in text(anyway)
        mend(client, meeting, {0: "again", 2: "again"}, policy="allow", seen=seen)
    assert [status(meeting, n) for n in (0, 2)] == ["scheduled", "scheduled"]


def test_holding_a_skipped_date_in_another_room(
    client: Client, organizer: User, blue: Room
) -> None:
    green = RoomFactory.create(code="green-room", site=blue.site)
    book(cy(), "2027-03-17 10:00", rooms=(blue,))
    wanted = draft("2027-03-10 10:00", rooms=(blue,), rrule="FREQ=WEEKLY;COUNT=4")
    decided = {DATES[1]: scheduler.Skip()}
    meeting = scheduler.schedule(wanted, by=organizer, now=NOW, decisions=decided).meeting
    page = client.get(address(meeting))
    choice = f"time:{DATES[1]},green-room"
    assert options(page, 1) == ["", "again", choice]
    mend(client, meeting, {1: choice})
    assert status(meeting, 1) == "scheduled"
    assert Booking.objects.unreleased().get(occurrence__recurrence_id=DATES[1], room=green)


def test_a_stale_page_says_what_changed_and_keeps_what_was_chosen(
    client: Client, organizer: User
) -> None:
    meeting = series(organizer)
    version = meeting.version
    edited = draft("2027-03-10 10:00", title="Retro", rrule=meeting.rrule)
    scheduler.edit(meeting, edited, by=organizer, now=NOW, version=version, policy="allow")
    stale = mend(client, meeting, {1: "skip"}, version=version)
    assert stale.status_code == 409
    assert "<td>Design review</td><td>Retro</td>" in text(stale)
    assert '<option value="skip" selected>' in row(stale, 1)
    assert f'name="version" value="{version + 1}"' in text(stale)
    assert status(meeting, 1) == "scheduled"


@pytest.mark.parametrize(
    "choice",
    ["room:nowhere", "time:soon", "time:2027-02-17T10:00:00", "nonsense", "room:a\x00b", "time:"],
)
def test_what_cannot_be_is_refused_whole(client: Client, organizer: User, choice: str) -> None:
    meeting = series(organizer)
    refused = mend(client, meeting, {0: "skip", 1: choice})
    assert refused.status_code == 422
    assert "is not to be had any more" in text(refused)
    assert [status(meeting, n) for n in range(2)] == ["scheduled", "scheduled"]


def test_a_date_that_is_gone_and_nothing_chosen(client: Client, organizer: User) -> None:
    meeting = series(organizer)
    gone = client.post(address(meeting), {"decide-2027-03-11T10:00:00": "skip", "version": "1"})
    assert gone.status_code == 422
    assert said(mend(client, meeting, {})) == ["Nothing was chosen, so everything stays as it is."]
    assert not Change.objects.filter(kind=Change.Kind.UPDATED).exists()


def test_what_is_so_on_all_dates_is_said_once(
    client: Client, organizer: User, invited: User
) -> None:
    room = RoomFactory.create(name="Nook", capacity=1)
    meeting = series(organizer, invited, cy(), rooms=(room,))
    scheduler.respond(invitation_of(meeting, invited), "declined", by=invited, now=NOW)
    page = text(client.get(address(meeting)))
    assert page.count("Nook has 1 seat, you are 2.") == 1
    assert page.count("Ben Okafor declined the series.") == 1
    assert "4 too full" in page


def test_rooms_booked_later_shifts_and_moves_in_words(client: Client, organizer: User) -> None:
    room = RoomFactory.create(name="Blue Room", horizon_days=10)
    yuki = UserFactory.create(name="Yuki Tanaka", timezone=ZoneInfo("Asia/Tokyo"))
    meeting = series(organizer, yuki, rooms=(room,))
    page = client.get(address(meeting, "?which=all"))
    assert "3 not yet bookable, 1 clock change" in text(page)
    assert "Blue Room can be booked from Sun 7 March on." in row(page, 1)
    assert "18:00 → 17:00 for Yuki from this date on." in row(page, 3)
    mend(client, meeting, {1: "time:2027-03-18T10:00:00"})
    moved = client.get(address(meeting, "?which=all"))
    assert "Moved from Wed 17 March, 10:00–11:00." in row(moved, 1)


def test_an_all_day_series(client: Client, organizer: User, invited: User) -> None:
    fields = {"when": days("2027-03-10"), "rrule": "FREQ=WEEKLY;COUNT=2", "transparency": "busy"}
    meeting = book(organizer, "", 0, invited, **fields)
    book(invited, "2027-03-17 10:00")
    page = client.get(address(meeting))
    assert "time:2027-03-18" in text(page)
    chosen = {"decide-2027-03-17": "time:2027-03-18", "version": meeting.version}
    assert client.post(address(meeting), chosen).status_code == 302
    assert Occurrence.objects.get(recurrence_id="2027-03-17").when == days("2027-03-18")


def test_a_long_series_comes_in_pages(client: Client, organizer: User) -> None:
    meeting = series(organizer, rrule="FREQ=DAILY;COUNT=130")
    first = client.get(address(meeting, "?which=all"))
    assert text(first).count("<tr id=") == 60
    assert "Show more of 70" in text(first)
    assert 'href="?which=all&amp;show=120"' in text(first)
    assert text(client.get(address(meeting, "?which=all&show=180"))).count("<tr id=") == 130
    for hostile in ("-3", "x", "9" * 40):
        assert client.get(address(meeting, f"?show={hostile}")).status_code == 200


def test_an_endless_series_says_how_far_it_looked(client: Client, organizer: User) -> None:
    meeting = series(organizer, rrule="FREQ=MONTHLY")
    page = text(client.get(address(meeting)))
    assert "The series goes on. Dates after " in page


def test_when_all_is_over_or_called_off(client: Client, organizer: User) -> None:
    meeting = series(organizer)
    with time_machine.travel(at("2027-05-01 09:00"), tick=False):
        client.force_login(organizer)
        assert "This series has no dates to come." in text(client.get(address(meeting)))
    scheduler.cancel(meeting, by=organizer, now=NOW, undo=timedelta(0))
    client.force_login(organizer)
    page = client.get(address(meeting))
    assert "No date to come takes place" in text(page)
    assert [options(page, n) for n in range(4)] == [[]] * 4


def test_the_number_of_queries_does_not_grow(
    client: Client, organizer: User, django_assert_num_queries: object
) -> None:
    room = RoomFactory.create(horizon_days=30)
    for count in (1, 3):
        people = [works(UserFactory.create()) for _ in range(count)]
        meeting = series(organizer, *people, rooms=(room,), rrule=f"FREQ=WEEKLY;COUNT={count * 3}")
        client.get(address(meeting, "?which=all"))
        with django_assert_num_queries(22):  # type: ignore[operator]
            client.get(address(meeting, "?which=all"))
        scheduler.cancel(meeting, by=organizer, now=NOW, undo=timedelta(0))
