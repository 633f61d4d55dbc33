"""The calendar's pages: what is on them, for whom, and what they cost."""

import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from psycopg.types.range import TimestamptzRange

from accounts.models import TimeOff, User
from meetings import scheduler
from meetings.models import Invitation, Meeting, Occurrence
from meetings.occurrences import calendar_of
from tests import factories
from tests.factories import NOW, answer, book, invitation_of

LONG_AGO = datetime(2010, 1, 1, tzinfo=UTC)
HALF_DAY = timedelta(hours=12)
WEEK = "/calendar/week/2027-03-10/"
DAY = "/calendar/day/2027-03-10/"
BLOCK = re.compile(r'<a class="block ([^"]*)"[^>]*data-meeting="([^"]*)">(.*?)</a>', re.DOTALL)
TAG = re.compile(r"<[^>]*>")

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Shown:
    """A block as the page has it: its look, and what it says."""

    look: str
    words: str


class Page:
    """What came back for one address."""

    def __init__(self, client: Client, path: str) -> None:
        self.response = client.get(path)
        self.status = self.response.status_code
        self.html = self.response.content.decode()

    def blocks(self, meeting: Meeting) -> list[Shown]:
        """The meeting's blocks, in the order of the page."""
        found = BLOCK.findall(self.html)
        return [
            Shown(look.strip(), words_of(inner))
            for look, uid, inner in found
            if uid == str(meeting.uid)
        ]

    @property
    def heading(self) -> str:
        return words_of(self.part("h1"))

    @property
    def panel(self) -> str:
        return words_of(self.part("aside"))

    def part(self, tag: str) -> str:
        found = re.search(rf"<{tag}\b.*?</{tag}>", self.html, re.DOTALL)
        assert found is not None
        return found[0]


def words_of(html: str) -> str:
    return " ".join(unescape(TAG.sub(" ", html)).split())


Look = Callable[..., Page]


@pytest.fixture
def ana() -> User:
    return factories.works(factories.ana())


@pytest.fixture
def ben() -> User:
    return factories.works(factories.ben())


@pytest.fixture
def look() -> Iterator[Look]:
    """`look(ana, WEEK)`: the page as Ana gets it, on the first of March 2027."""

    def look(person: User, path: str) -> Page:
        client = Client()
        client.force_login(person)
        return Page(client, path)

    with time_machine.travel(NOW, tick=False):
        yield look


def test_strangers_sign_in_first(client: Client) -> None:
    response = client.get(WEEK)
    assert response.status_code == 302
    assert response["Location"] == f"/accounts/login/?next={WEEK}"


def test_the_calendar_is_only_read(client: Client, ana: User) -> None:
    client.force_login(ana)
    assert client.post("/").status_code == 405


def test_is_kept_by_no_cache(look: Look, ana: User) -> None:
    assert "no-store" in look(ana, "/").response["Cache-Control"]


def test_begins_with_this_week(look: Look, ana: User) -> None:
    page = look(ana, "/")
    assert page.heading == "1 – 7 March 2027 Week 9"
    assert 'id="day-2027-03-01" class="today' in page.html
    assert 'class="now" data-from="09:00"' in page.html
    assert page.html.count('class="now"') == 1


def test_leads_to_the_weeks_around(look: Look, ana: User) -> None:
    page = look(ana, WEEK)
    assert page.heading == "8 – 14 March 2027 Week 10"
    for path in ("/calendar/week/2027-03-03/", "/calendar/week/2027-03-17/", DAY):
        assert f'href="{path}"' in page.html
    assert 'class="now"' not in page.html


def test_a_day_leads_to_the_days_around(look: Look, ana: User) -> None:
    page = look(ana, DAY)
    assert page.heading == "Wed 10 March 2027 Week 10"
    for path in ("/calendar/day/2027-03-09/", "/calendar/day/2027-03-11/", WEEK):
        assert f'href="{path}"' in page.html
    assert page.html.count('class="cal-day') == 1


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/calendar/week/2027-02-30/", id="no such date"),
        pytest.param("/calendar/week/2027-3-1/", id="not a date"),
        pytest.param("/calendar/week/1899-12-31/", id="before the calendar"),
        pytest.param("/calendar/day/2200-01-01/", id="after the calendar"),
        pytest.param("/calendar/month/2027-03-10/", id="another view"),
        pytest.param("/?meeting=nonsense", id="no uid"),
        pytest.param(f"/?meeting={uuid.uuid4()}", id="an unknown uid"),
    ],
)
def test_not_found(look: Look, ana: User, path: str) -> None:
    assert look(ana, path).status == 404


@pytest.mark.parametrize(
    ("path", "missing"),
    [
        ("/calendar/week/1900-01-01/", "go-earlier"),
        ("/calendar/day/1900-01-01/", "go-earlier"),
        ("/calendar/week/2199-12-31/", "go-later"),
        ("/calendar/day/2199-12-31/", "go-later"),
    ],
)
def test_the_calendar_ends_somewhere(look: Look, ana: User, path: str, missing: str) -> None:
    page = look(ana, path)
    assert page.status == 200
    assert f'id="{missing}"' not in page.html
    assert page.html.count('id="go-') == 2


@pytest.mark.parametrize(
    ("status", "classes", "said"),
    [
        ("needs-action", "block-ask", "not answered"),
        ("accepted", "", "accepted"),
        ("tentative", "block-maybe", "maybe"),
        ("declined", "block-no", "declined"),
    ],
)
def test_the_look_is_my_answer(
    look: Look, ana: User, ben: User, status: str, classes: str, said: str
) -> None:
    meeting = book(ana, "2027-03-10 10:00", 60, ben)
    if status != "needs-action":
        answer(meeting, ben, status)
    assert look(ben, WEEK).blocks(meeting) == [
        Shown(classes, f"Design review 10:00 –11:00 2 people {said}")
    ]
    assert look(ana, WEEK).blocks(meeting)[0].look == ""


def test_cancelled_is_gone(look: Look, ana: User, ben: User) -> None:
    meeting = book(ana, "2027-03-10 10:00", 60, ben)
    assert look(ben, WEEK).blocks(meeting)
    scheduler.cancel(meeting, by=ana, now=NOW)
    assert not look(ben, WEEK).blocks(meeting)
    assert "Nothing this week." in look(ana, WEEK).html


def test_somebody_removed_sees_it_no_more(look: Look, ana: User, ben: User) -> None:
    meeting = book(ana, "2027-03-10 10:00", 60, ben)
    without = factories.draft("2027-03-10 10:00", 60)
    scheduler.edit(meeting, without, by=ana, now=NOW, version=1)
    assert not look(ben, WEEK).blocks(meeting)


def test_what_others_do_is_not_on_it(look: Look, ana: User, ben: User) -> None:
    meeting = book(ana, "2027-03-10 10:00", 60)
    assert not look(ben, WEEK).blocks(meeting)


def test_in_the_readers_zone(look: Look, ana: User) -> None:
    yuki = factories.UserFactory.create(timezone=ZoneInfo("Asia/Tokyo"))
    meeting = book(ana, "2027-03-10 10:00", 60, yuki)
    page = look(yuki, WEEK)
    assert "18:00 –19:00" in page.blocks(meeting)[0].words
    assert 'data-from="18:00" data-to="19:00"' in page.html
    assert words_of(
        re.search(r'<span class="cal-zone.*?</div>', page.html, re.DOTALL)[0]
    ).startswith(  # type: ignore[index]
        "JST Mon 8"
    )


def test_the_week_clocks_change_names_both(look: Look, ana: User) -> None:
    page = look(ana, "/calendar/week/2027-03-28/")
    assert "<span>CET</span> <span>CEST</span>" in page.html


def test_over_midnight_is_on_both_days(look: Look, ana: User) -> None:
    meeting = book(ana, "2027-03-10 23:00", 120)
    first, second = look(ana, WEEK).blocks(meeting)
    assert first.words == second.words
    assert first.words.startswith("Design review 23:00 – Thu 11 March, 1:00")
    assert look(ana, DAY).html.count(f'data-meeting="{meeting.uid}"') == 1


def test_all_day_stands_above(look: Look, ana: User) -> None:
    meeting = book(ana, when=factories.days("2027-03-12", 5))
    (block,) = look(ana, WEEK).blocks(meeting)
    assert block.words == "Design review Fri 12 – Tue 16 March accepted"
    assert 'data-column="5" data-span="3"' in look(ana, WEEK).html
    assert 'data-column="1" data-span="2"' in look(ana, "/calendar/week/2027-03-15/").html


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_all_day_keeps_its_dates_in_every_zone(look: Look, ana: User, zone: str) -> None:
    reader = factories.UserFactory.create(timezone=ZoneInfo(zone))
    meeting = book(ana, "", 0, reader, when=factories.days("2027-03-08"))
    assert 'data-column="1" data-span="1"' in look(reader, WEEK).html
    assert not look(reader, "/calendar/week/2027-03-07/").blocks(meeting)
    assert not look(reader, "/calendar/day/2027-03-09/").blocks(meeting)


def test_working_hours_are_lit(look: Look, ana: User) -> None:
    page = look(ana, WEEK)
    assert page.html.count('class="lit" data-from="09:00" data-to="17:00"') == 5
    assert 'class="cal off-6 off-7"' in page.html


def test_time_off_is_shaded_and_says_so_to_its_owner(look: Look, ana: User, ben: User) -> None:
    days = {"first": date(2027, 3, 10), "last": date(2027, 3, 11)}
    off = TimeOff.objects.create(user=ana, **days, start=time(12), note="Sailing <fast>")
    page = look(ana, WEEK)
    assert page.html.count('class="lit" data-from="09:00" data-to="17:00"') == 3
    assert 'class="lit" data-from="09:00" data-to="12:00"' in page.html
    assert 'class="cal off-4 off-6 off-7"' in page.html
    said = "<span>Out of office: Sailing &lt;fast&gt;</span>"
    assert f'<li class="away" data-from="12:00" data-to="21:00">{said}' in page.html
    assert f'<li class="away" data-from="07:00" data-to="21:00">{said}' in page.html
    assert "Out of office" not in look(ben, WEEK).html
    ana.working_hours.all().delete()
    assert 'class="lit" data-from="07:00" data-to="12:00"' in look(ana, WEEK).html
    off.delete()
    assert "Out of office" not in look(ana, WEEK).html


def test_titles_are_text(look: Look, ana: User) -> None:
    meeting = book(ana, title="<script>alert(1)</script> & co")
    page = look(ana, f"{WEEK}?meeting={meeting.uid}")
    assert "<script>alert" not in page.html
    assert page.blocks(meeting)[0].words.startswith("<script>alert(1)</script> & co")


def test_without_a_title(look: Look, ana: User) -> None:
    meeting = book(ana)
    Meeting.objects.update(title="")
    assert look(ana, WEEK).blocks(meeting)[0].words.startswith("(no title) 10:00")


def test_twelve_at_once_are_counted_in_the_week_and_shown_in_the_day(look: Look, ana: User) -> None:
    for n in range(12):
        book(ana, title=f"Meeting {n}")
    week, day = look(ana, WEEK), look(ana, DAY)
    assert week.html.count("data-meeting=") == 3
    assert "9 more" in week.html
    assert day.html.count("data-meeting=") == 12
    assert 'data-lane="11/12"' in day.html


@pytest.mark.parametrize("count", [1, 3, 30])
@pytest.mark.parametrize(("path", "queries"), [(WEEK, 13), (DAY, 13)], ids=["week", "day"])
def test_costs_the_same_whatever_is_on_it(
    look: Look,
    ana: User,
    ben: User,
    count: int,
    path: str,
    queries: int,
    django_assert_num_queries: Callable[[int], AbstractContextManager[object]],
) -> None:
    room = factories.RoomFactory.create()
    for n in range(count):
        start = f"2027-03-{10 - n % 3:02} {8 + n // 3:02}:00"
        meeting = book(ana, start, 45, ben, "guest@example.com", rooms=(room,))
        if n % 2:
            answer(meeting, ben, "accepted")
    client = Client()
    client.force_login(ben)
    with django_assert_num_queries(queries):
        html = client.get(path).content.decode()
    assert html.count("data-meeting=") == (count if path == WEEK else (count + 2) // 3)


def with_history(person: User, count: int) -> None:
    """So many meetings of the years before, an hour each."""
    meetings = Meeting.objects.bulk_create(
        Meeting(
            ical_uid=f"{n}@history",
            organizer=person,
            title=f"Long ago {n}",
            local_date=(LONG_AGO + n * HALF_DAY).date(),
            local_time=(LONG_AGO + n * HALF_DAY).time(),
            timezone="UTC",
            length=timedelta(hours=1),
            created_at=LONG_AGO,
            updated_at=LONG_AGO,
        )
        for n in range(count)
    )
    hours = {meeting.pk: LONG_AGO + n * HALF_DAY for n, meeting in enumerate(meetings)}
    during = {pk: TimestamptzRange(at, at + timedelta(hours=1)) for pk, at in hours.items()}
    Occurrence.objects.bulk_create(
        Occurrence(meeting=m, recurrence_id=m.when.recurrence_id(), during=during[m.pk])
        for m in meetings
    )
    Invitation.objects.bulk_create(
        Invitation(meeting=m, user=person, status="accepted", span=during[m.pk]) for m in meetings
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def test_is_found_by_the_index_on_person_and_span(ana: User) -> None:
    with_history(ana, 3000)
    book(ana)
    with CaptureQueriesContext(connection) as asked:
        found = calendar_of(ana, factories.stretch("2027-03-08 00:00", "2027-03-15 00:00"))
    assert [entry.meeting.title for entry in found] == ["Design review"]
    assert len(asked) == 2
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {asked[0]['sql']}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "invitation_user_span" in plan
    assert "Seq Scan on meetings" not in plan


def test_the_rail_says_what_waits_and_what_it_collides_with(
    look: Look, ana: User, ben: User
) -> None:
    own = book(ben, "2027-03-10 10:30", 60, title="Own work")
    book(ana, "2027-03-10 10:00", 60, ben)
    rail = words_of(look(ben, "/").html.split('id="rail"')[1].split("<main")[0])
    assert "Invitations 1 waiting" in rail
    assert "Waiting for you All Design review Wed 10 March" in rail
    assert f"overlaps {own.title} 10:30–11:30" in rail
    assert "Waiting for you" not in look(ana, "/").html


def test_the_rail_counts_what_it_does_not_show(look: Look, ana: User, ben: User) -> None:
    for hour in range(8, 15):
        book(ana, f"2027-03-10 {hour:02}:00", 60, ben)
    page = look(ben, "/")
    assert "7 waiting" in words_of(page.html)
    assert page.html.count('class="mark mark-hue"') == 5


def test_the_panel_of_the_organizer(look: Look, ana: User, ben: User) -> None:
    meeting = book(ana, "2027-03-10 10:00", 60, ben, description="What it is about")
    page = look(ana, f"{WEEK}?meeting={meeting.uid}")
    assert page.panel.startswith(
        "Organized by you Close Design review Wed 10 March, 10:00–11:00 CET"
    )
    assert "Ben Okafor" in page.panel
    assert "What it is about" in page.panel
    assert f'href="/meetings/{meeting.uid}/edit/"' in page.html
    assert f'href="/meetings/{meeting.uid}/cancel/"' in page.html
    assert page.html.count('aria-current="true"') == 1


def test_the_panel_of_somebody_invited(look: Look, ana: User, ben: User) -> None:
    meeting = book(ana, "2027-03-10 10:00", 60, ben, join_link="https://meet.example.com/x")
    page = look(ben, f"{WEEK}?meeting={meeting.uid}")
    assert "Organized by Ana Berger" in page.panel
    assert f'action="/invitations/{invitation_of(meeting, ben).uid}/answer/"' in page.html
    assert 'href="https://meet.example.com/x"' in page.html
    assert "/edit/" not in page.html
    assert "/cancel/" not in page.html


def test_the_panel_of_a_colleague(look: Look, ana: User, ben: User) -> None:
    room = factories.RoomFactory.create(name="Blue Room")
    meeting = book(
        ana,
        "2027-03-10 10:00",
        60,
        ben,
        rooms=(room,),
        description="Secret plans",
        location="My desk",
        join_link="https://meet.example.com/x",
    )
    page = look(factories.cy(), f"{WEEK}?meeting={meeting.uid}")
    assert page.panel.startswith(
        "Organized by Ana Berger Close Design review Wed 10 March, 10:00–11:00 CET Room Blue Room"
    )
    for hidden in ("Secret plans", "My desk", "meet.example.com", "Ben", "/answer/", "/edit/"):
        assert hidden not in page.html


def test_a_private_meeting_does_not_exist_for_colleagues(look: Look, ana: User, ben: User) -> None:
    meeting = book(ana, "2027-03-10 10:00", 60, ben, visibility="private")
    assert look(factories.cy(), f"{WEEK}?meeting={meeting.uid}").status == 404
    assert look(factories.rae(), f"{WEEK}?meeting={meeting.uid}").status == 404
    assert "Private" in look(ben, f"{WEEK}?meeting={meeting.uid}").panel


def test_the_panel_of_a_cancelled_meeting(look: Look, ana: User, ben: User) -> None:
    meeting = book(ana, "2027-03-10 10:00", 60, ben)
    scheduler.cancel(meeting, by=ana, now=NOW)
    page = look(ana, f"{WEEK}?meeting={meeting.uid}")
    assert "This meeting was cancelled." in page.panel
    assert "/edit/" not in page.html
    assert "/cancel/" not in page.html


def test_what_is_over_is_not_edited(ana: User, look: Look) -> None:
    meeting = book(ana, "2027-03-10 10:00", 60)
    with time_machine.travel(datetime(2027, 3, 11, tzinfo=UTC), tick=False):
        page = look(ana, f"{WEEK}?meeting={meeting.uid}")
    assert "/edit/" not in page.html


def test_only_web_links_are_links(look: Look, ana: User) -> None:
    meeting = book(ana)
    Meeting.objects.update(join_link="javascript:alert(1)", description="javascript:alert(1)")
    page = look(ana, f"{WEEK}?meeting={meeting.uid}")
    assert 'href="javascript' not in page.html
