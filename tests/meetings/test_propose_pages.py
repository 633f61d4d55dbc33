"""The pages of proposals: of a guest, of a colleague, and of the organizer."""

import re
from collections.abc import Iterator

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from meetings import scheduler
from meetings.models import Change, CounterProposal, Invitation, Meeting
from meetings.views.canvas import Span
from tests.factories import NOW, RoomFactory, ana, away, ben, book, cy, invitation_of, timed
from tests.meetings.repeating import series

pytestmark = pytest.mark.django_db

MARTA = "marta@silva.example"
FIRST, SECOND = "2027-03-10T10:00:00", "2027-03-17T10:00:00"


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """It is Monday, 1 March 2027, 9:00 in Berlin."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def organizer() -> User:
    return ana()


@pytest.fixture
def invited() -> User:
    return ben()


@pytest.fixture
def meeting(organizer: User, invited: User) -> Meeting:
    """On Wednesday, 10 March 2027, 10:00–11:00 in Berlin."""
    return book(
        organizer,
        "2027-03-10 10:00",
        60,
        invited,
        MARTA,
        title="Partner call",
        rooms=(RoomFactory.create(name="Blue Room"),),
    )


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def guest_page(meeting: Meeting, name: str = "rsvp_propose") -> str:
    return reverse(f"meetings:{name}", args=[invitation_of(meeting, MARTA).token])


def words(response: HttpResponse) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def times(*rows: tuple[str, str, str], **fields: str) -> dict[str, str]:
    typed = {
        f"t{n}-{name}": value
        for n, row in enumerate(rows)
        for name, value in zip(("date", "start", "end"), row, strict=True)
    }
    return typed | fields


def proposed(meeting: Meeting, who: User | str, *whens: str, **options) -> CounterProposal:
    by = None if isinstance(who, str) else who
    asked = [timed(when) for when in whens]
    done = scheduler.propose(invitation_of(meeting, who), asked, by=by, now=NOW, **options)
    return CounterProposal.objects.get(changes=done.change)


def answer(client: Client, proposal: CounterProposal, **fields: str) -> HttpResponse:
    return client.post(reverse("meetings:answer_proposal", args=[proposal.uid]), fields)


def test_a_guest_proposes_in_her_zone_changes_and_takes_back(meeting):
    guest = Client(enforce_csrf_checks=True)
    page, back = guest_page(meeting), guest_page(meeting, "rsvp")
    typed = times(("2027-03-11", "14:00", "14:30"), ("2027-03-12", "", ""), note="Any?")
    sent = guest.post(page, typed | {"zone": "Europe/Lisbon"})
    assert sent.url == f"{back}?zone=Europe%2FLisbon"
    proposal = CounterProposal.objects.get()
    assert [s.start.isoformat() for s in proposal.stretches] == [
        "2027-03-11T14:00:00+00:00",
        "2027-03-12T09:00:00+00:00",
    ]
    shown = words(guest.get(sent.url))
    assert "You proposed: Thu 11 March, 14:00–14:30 Fri 12 March, 9:00–10:00" in shown
    assert 'value="2027-03-12"' in guest.get(page).content.decode()
    guest.post(page, {"withdraw": "1"})
    assert CounterProposal.objects.get().status == "withdrawn"
    assert "You proposed" not in words(guest.get(back))


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (("", "", ""), "Give at least one time."),
        (("", "9", ""), "Say on which day."),
        (("tomorrow", "", ""), "That is not a day."),
        (("2027-03-11", "25:00", ""), "“25:00” is not a time."),
        (("2027-03-11", "10:00", "9:00"), "The end must be after the start."),
        (("2027-02-11", "10:00", ""), "That time has passed."),
        (("2027-03-10", "", ""), "That is when the meeting takes place already."),
        (("9999-12-31", "", ""), "1900"),
    ],
)
def test_what_cannot_be_is_said_and_what_was_typed_stays(meeting, row, says):
    answer = Client().post(guest_page(meeting), times(row, note="<b>Please</b>"))
    assert (answer.status_code, CounterProposal.objects.count()) == (422, 0)
    assert says in words(answer).replace("&quot;", '"')
    assert "&lt;b&gt;Please&lt;/b&gt;" in answer.content.decode()
    assert all(value in answer.content.decode() for value in row)


def test_a_guest_learns_nobodys_time(meeting, invited):
    book(invited, "2027-03-11 10:00", 60, title="Secret")
    proposed(meeting, invited, "2027-03-12 09:00", note="Dentist")
    guest = Client()
    guest.post(guest_page(meeting), times(("2027-03-11", "10:00", "")))
    for page in (guest_page(meeting), guest_page(meeting, "rsvp")):
        shown = words(guest.get(page))
        assert not re.search("Secret|busy|Dentist|can come|12 March", shown)
        assert "11 March" in shown or page == guest_page(meeting)


def test_strangers_find_nothing(meeting, invited, organizer):
    own = reverse("meetings:propose", args=[invitation_of(meeting, invited).uid])
    proposal = proposed(meeting, invited, "2027-03-12 09:00")
    for who in (cy(), organizer):
        assert signed_in(who).get(own).status_code == 404
    for who in (User.objects.get(name__startswith="Cy"), invited):
        assert answer(signed_in(who), proposal, accept="0").status_code == 404
    assert (
        "proposals-title" not in signed_in(invited).get(meeting.get_absolute_url()).content.decode()
    )
    Invitation.objects.filter(email=MARTA).update(removed_at=NOW)
    assert Client().post(guest_page(meeting), times(("2027-03-11", "", ""))).status_code == 404
    assert Client().get(own).status_code == 302
    assert CounterProposal.objects.get().status == "open"


def test_for_what_has_begun_no_other_time_can_be_proposed(meeting, invited, clock):
    clock.move_to(timed("2027-03-10 10:30").during().start)
    page = reverse("meetings:propose", args=[invitation_of(meeting, invited).uid])
    sent = signed_in(invited).post(page, times(("2027-03-11", "", "")), follow=True)
    assert "No other time can be proposed for this date." in words(sent)
    assert guest_page(meeting) not in Client().get(guest_page(meeting, "rsvp")).content.decode()
    assert not CounterProposal.objects.exists()


def test_proposing_too_often_is_refused(meeting):
    guest = Client()
    for n in range(31):
        last = guest.post(guest_page(meeting), times((f"2027-04-{n % 28 + 1:02}", "", "")))
    assert "Try again in an hour." in words(last)
    assert Change.objects.filter(kind="proposed").count() == 30


def test_a_colleague_proposes_for_one_date_of_a_series(organizer, invited):
    meeting = series(organizer, "2027-03-10 10:00", 60, invited)
    client = signed_in(invited)
    page = reverse("meetings:propose", args=[invitation_of(meeting, invited).uid])
    assert (
        f"{page}?date={SECOND.replace(':', '%3A')}"
        in client.get(f"{meeting.get_absolute_url()}?date={SECOND}").content.decode()
    )
    client.post(f"{page}?date={SECOND}", times(("2027-03-18", "", "")))
    assert CounterProposal.objects.get().recurrence_id == SECOND
    of_ana = signed_in(organizer)
    there = words(of_ana.get(f"{meeting.get_absolute_url()}?date={SECOND}"))
    assert "Ben Okafor proposes Thu 18 March, 10:00–11:00" in there
    assert "proposed another time" in there
    elsewhere = words(of_ana.get(meeting.get_absolute_url()))
    assert "Other times are proposed for: Wed 17 March" in elsewhere
    answer(of_ana, CounterProposal.objects.get(), accept="0")
    assert [o.is_moved for o in meeting.occurrences.order_by("recurrence_id")[:3]] == [
        False, True, False]  # fmt: skip


def test_the_organizer_sees_who_can_come_and_which_room(meeting, organizer, invited):
    blue = meeting.rooms.get()
    RoomFactory.create(name="Green Room", site=blue.site, capacity=blue.capacity)
    book(invited, "2027-03-11 15:30", 60, visibility="private", title="Secret")
    book(cy(), "2027-03-12 09:00", 60, rooms=(blue,))
    proposed(meeting, MARTA, "2027-03-11 15:00", "2027-03-12 09:00", note="Either")
    shown = words(signed_in(organizer).get(meeting.get_absolute_url()))
    for part in (
        "marta@silva.example proposes “Either” Thu 11 March, 15:00–16:00",
        "1 of 2 can come: Ana Berger. The calendar of 1 guest is not known here.",
        "Ben Okafor is busy Thu 11 March, 15:30–16:30. Busy",
        "Free then: Blue Room",
        "2 of 2 can come: Ana Berger and Ben Okafor.",
        "Blue Room is taken Fri 12 March, 9:00–10:00.",
        "Accept Fri 12 March, 9:00–10:00 in Green Room",
    ):
        assert part in shown
    assert "Secret" not in shown


def test_everybodys_day_stands_beside_each_time(meeting, organizer, invited):
    blue = meeting.rooms.get()
    book(invited, "2027-03-11 15:30", 60, visibility="private", title="Secret")
    book(cy(), "2027-03-11 09:00", 60, rooms=(blue,))
    away(organizer, "2027-03-12")
    proposed(meeting, MARTA, "2027-03-11 15:00", "2027-03-12 15:00", "2027-03-10 10:30")
    response = signed_in(organizer).get(meeting.get_absolute_url())
    ((_proposal, times),) = response.context["proposals"]
    first, second, third = (
        [(row.name, row.note, row.words) for row in time.strips.rows] for time in times
    )
    assert first == [
        ("Ana Berger", "you", "Ana Berger is free all day"),
        ("Ben Okafor", "", "Ben Okafor is busy 15:30–16:30"),
        ("Blue Room", "8 seats", "Blue Room is taken 9:00–10:00"),
    ]
    assert [words for _name, _note, words in second] == [
        "Ana Berger is out of office 0:00–24:00",
        "Ben Okafor is free all day",
        "Blue Room is free all day",
    ]
    # That day only has the meeting itself, which moves.
    assert {words.partition(" is ")[2] for _name, _note, words in third} == {"free all day"}
    assert [time.strips.asked for time in times] == [
        Span("15:00", "16:00", "asked asked-clash"),
        Span("15:00", "16:00", "asked asked-clash"),
        Span("10:30", "11:30", "asked"),
    ]
    page = response.content.decode()
    assert 'aria-label="Ben Okafor is busy 15:30–16:30"' in page
    assert "Secret" not in page


def test_the_page_costs_the_same_however_many_times(
    meeting, organizer, invited, django_assert_num_queries: DjangoAssertNumQueries
):
    client, page = signed_in(organizer), meeting.get_absolute_url()
    proposed(meeting, MARTA, "2027-03-11 15:00")
    with django_assert_num_queries(31):
        client.get(page)
    proposed(meeting, invited, *(f"2027-03-{n} 15:00" for n in range(12, 17)))
    with django_assert_num_queries(31):
        client.get(page)


def test_accepting_what_collides_takes_a_second_press(meeting, organizer, invited):
    book(invited, "2027-03-11 15:30", 60)
    proposal, client = proposed(meeting, MARTA, "2027-03-11 15:00"), signed_in(organizer)
    refused = answer(client, proposal, accept="0")
    assert refused.status_code == 409
    assert "Ben Okafor is busy Thu 11 March, 15:30–16:30." in words(refused)
    hidden = dict(re.findall(r'name="(policy|seen)" value="(\w+)"', refused.content.decode()))
    done = answer(client, proposal, accept="0", **hidden)
    assert "meeting=" in done.url
    assert Meeting.objects.get(pk=meeting.pk).when == timed("2027-03-11 15:00")


def test_a_room_that_stands_in_is_taken_with_the_time(meeting, organizer):
    blue = meeting.rooms.get()
    green = RoomFactory.create(name="Green Room", site=blue.site)
    book(cy(), "2027-03-12 09:00", 60, rooms=(blue,))
    proposal, client = proposed(meeting, MARTA, "2027-03-12 09:00"), signed_in(organizer)
    page = client.get(meeting.get_absolute_url()).content.decode()
    (there,) = re.findall(r'name="accept" value="(0/[\d,]+)"', page)
    gone = answer(client, proposal, accept="0/999999")
    assert "does not exist any more" in words(client.get(gone.url))
    answer(client, proposal, accept=there)
    assert list(Meeting.objects.get(pk=meeting.pk).rooms.all()) == [green]


@pytest.mark.parametrize("number", ["", "x", "7", "-1", "999999999999"])
def test_a_time_that_was_not_proposed_is_refused(meeting, organizer, number):
    client = signed_in(organizer)
    answer(client, proposed(meeting, MARTA, "2027-03-12 09:00"), accept=number)
    assert "That time was not proposed." in words(client.get(meeting.get_absolute_url()))
    assert CounterProposal.objects.get().status == "open"


def test_declining_keeps_the_meeting(meeting, organizer):
    client, proposal = signed_in(organizer), proposed(meeting, MARTA, "2027-03-12 09:00")
    assert answer(client, proposal, decline="1", reason="No").url.endswith("#proposals")
    proposal.refresh_from_db()
    assert (proposal.status, proposal.reason) == ("declined", "No")
    shown = words(client.get(meeting.get_absolute_url()))
    assert "is told, nobody else" in shown
    assert "Proposed times" not in shown
    assert "declined a proposed time" in shown
