"""Looking after places in the administration."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from meetings import scheduler
from meetings.models import Booking
from meetings.models.ranges import as_stretch
from meetings.problems import WrongState
from rooms.models import Amenity, Closure, OpeningHours, Room, Site
from tests.factories import (
    AmenityFactory,
    RoomFactory,
    SiteFactory,
    ana,
    at,
    ben,
    book,
    cy,
    rae,
    stretch,
)

# The commands of the administration take the time of day, so these bookings lie far ahead.
AHEAD = "2098-03-12"

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(rae())
    return client


def said(response) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def room_values(room: Room | None = None, **values: object) -> dict[str, object]:
    """What the form of a room posts."""
    site = room.site if room else SiteFactory.create(name="Berlin")
    return {
        "name": "Blue Room",
        "code": "blue-room",
        "site": site.pk,
        "floor": "3rd floor",
        "active": "on",
        "capacity": 8,
        "buffer_before": 0,
        "buffer_after": 15,
        "hours": "site",
        **({"name": room.name, "code": room.code} if room else {}),
        **values,
    }


def closure_values(**values: object) -> dict[str, object]:
    """What the form of a closure posts."""
    return {"reason": "New floor", "first_day": AHEAD, "last_day": AHEAD, **values}


@pytest.mark.parametrize("model", ["site", "room", "amenity", "closure"])
@pytest.mark.parametrize("page", ["changelist", "add"])
class TestWhoMayEnter:
    def test_the_administrator(self, admin: Client, model: str, page: str) -> None:
        assert admin.get(reverse(f"admin:rooms_{model}_{page}")).status_code == 200

    def test_nobody_else(self, client: Client, model: str, page: str) -> None:
        client.force_login(ana())
        response = client.get(reverse(f"admin:rooms_{model}_{page}"))
        assert response.status_code in (302, 403)
        assert b"Berlin" not in response.content


class TestSite:
    def test_is_made_with_its_hours(self, admin: Client) -> None:
        values = {
            "name": "Berlin",
            "timezone": "Europe/Berlin",
            "day0": "9:00-12:00, 13:00-17:30",
            "day4": "9-16",
        }
        admin.post(reverse("admin:rooms_site_add"), values)
        site = Site.objects.get(name="Berlin")
        assert site.zone.key == "Europe/Berlin"
        assert [(h.weekday, h.start, h.end) for h in site.opening_hours.all()] == [
            (0, 540, 720),
            (0, 780, 1050),
            (4, 540, 960),
        ]

    def test_hours_that_overlap_are_refused(self, admin: Client) -> None:
        values = {"name": "Berlin", "timezone": "UTC", "day2": "9:00-12:00, 11:30-17:00"}
        response = admin.post(reverse("admin:rooms_site_add"), values)
        assert "9:00–12:00 and 11:30–17:00 overlap. Write them as one." in response.content.decode()
        assert not Site.objects.exists()

    def test_shows_its_hours_and_keeps_those_untouched(self, admin: Client) -> None:
        site = SiteFactory.create(name="Berlin")
        hours = OpeningHours.objects.create(site=site, weekday=1, start=540, end=1020)
        change = reverse("admin:rooms_site_change", args=[site.pk])
        assert 'value="9:00–17:00"' in admin.get(change).content.decode()
        admin.post(change, {"name": "Berlin East", "timezone": "UTC", "day1": "9:00–17:00"})
        assert Site.objects.get().name == "Berlin East"
        assert OpeningHours.objects.get().pk == hours.pk

    def test_with_rooms_stays(self, admin: Client) -> None:
        site = RoomFactory.create(site__name="Berlin").site
        delete = reverse("admin:rooms_site_delete", args=[site.pk])
        assert "Berlin has 1 room. Delete it or move it" in admin.get(delete).content.decode()
        admin.post(delete, {"post": "yes"})
        assert Site.objects.filter(pk=site.pk).exists()


class TestRoom:
    def test_is_made_with_all_it_offers(self, admin: Client) -> None:
        screen = AmenityFactory.create(name="screen")
        values = room_values(
            amenities=[screen.pk], hours="own", day5="10:00–14:00", horizon_days=90
        )
        admin.post(reverse("admin:rooms_room_add"), values)
        room = Room.objects.get(code="blue-room")
        assert (room.capacity, room.floor, room.buffer_after) == (8, "3rd floor", 15)
        assert room.horizon_days == 90
        assert list(room.amenities.all()) == [screen]
        assert room.open_minutes(5) == [(600, 840)]
        assert room.open_minutes(0) == []

    @pytest.mark.parametrize(
        ("values", "sentence"),
        [
            ({"code": "day"}, "“day” is the page of all rooms; choose another."),
            ({"code": "Day"}, "“day” is the page of all rooms; choose another."),
            ({"capacity": 0}, "greater than or equal to 1"),
            ({"hours": "own"}, "Write the hours of at least one day below"),
            ({"day3": "17:00-9:00"}, "“17:00-9:00” ends before it begins."),
            ({"day3": "late"}, "“late” is not a range of hours."),
            ({"buffer_after": -5}, "greater than or equal to 0"),
            ({"horizon_days": 0}, "greater than or equal to 1"),
        ],
        ids=lambda value: "" if isinstance(value, str) else str(*value.items()),
    )
    def test_what_cannot_be_is_refused(
        self, admin: Client, values: dict[str, object], sentence: str
    ) -> None:
        response = admin.post(reverse("admin:rooms_room_add"), room_values(**values))
        assert response.status_code == 200
        assert sentence in response.content.decode()
        assert not Room.objects.exists()

    def test_that_becomes_inactive_keeps_its_bookings_and_says_how_many(
        self, admin: Client
    ) -> None:
        room = RoomFactory.create()
        book(ana(), f"{AHEAD} 10:00", rooms=(room,))
        values = room_values(room)
        del values["active"]
        response = admin.post(reverse("admin:rooms_room_change", args=[room.pk]), values)
        assert not Room.objects.get().active
        assert Booking.objects.unreleased().count() == 1
        assert "1 booking ahead remains. Ask its organizer to choose another room." in said(
            response
        )

    def test_several_become_inactive_at_once(self, admin: Client) -> None:
        rooms = RoomFactory.create_batch(2)
        book(ana(), f"{AHEAD} 10:00", rooms=tuple(rooms))
        response = admin.post(
            reverse("admin:rooms_room_changelist"),
            {"action": "make_inactive", "_selected_action": [room.pk for room in rooms]},
        )
        assert not Room.objects.bookable().exists()
        assert said(response)[0] == "2 rooms are inactive."
        assert said(response)[1].startswith("2 bookings ahead remain.")

    def test_that_was_booked_stays(self, admin: Client) -> None:
        room = RoomFactory.create(name="Blue Room")
        book(ana(), f"{AHEAD} 10:00", rooms=(room,))
        sentence = "Blue Room has been booked 1 time. Make it inactive instead."
        delete = reverse("admin:rooms_room_delete", args=[room.pk])
        assert sentence in admin.get(delete).content.decode()
        chosen = {"action": "delete_selected", "_selected_action": [room.pk]}
        several = reverse("admin:rooms_room_changelist")
        assert sentence in admin.post(several, chosen).content.decode()
        admin.post(delete, {"post": "yes"})
        admin.post(several, {**chosen, "post": "yes"})
        assert Room.objects.filter(pk=room.pk).exists()

    def test_that_nobody_booked_can_go(self, admin: Client) -> None:
        room = RoomFactory.create()
        admin.post(reverse("admin:rooms_room_delete", args=[room.pk]), {"post": "yes"})
        assert not Room.objects.exists()

    def test_is_found_by_what_it_offers(self, admin: Client) -> None:
        screen = AmenityFactory.create(name="screen")
        large = RoomFactory.create(name="Atlas", capacity=14)
        large.amenities.add(screen)
        RoomFactory.create(name="Nook", capacity=4)
        rooms = reverse("admin:rooms_room_changelist")
        for query in ({"seats": "8"}, {"amenities__id__exact": screen.pk}, {"q": "atl"}):
            page = admin.get(rooms, query).content.decode()
            assert "Atlas" in page
            assert "Nook" not in page


class TestClosure:
    def test_is_by_the_clock_of_the_place(self, admin: Client) -> None:
        room = RoomFactory.create(site__timezone="America/New_York")
        values = closure_values(room=room.pk, first_time="9:00", last_time="17:30")
        admin.post(reverse("admin:rooms_closure_add"), values)
        closure = Closure.objects.get()
        assert as_stretch(closure.during).start == datetime(2098, 3, 12, 13, tzinfo=UTC)
        assert as_stretch(closure.during).length == timedelta(hours=8.5)

    def test_without_times_shuts_whole_days(self, admin: Client) -> None:
        site = SiteFactory.create()
        values = closure_values(site=site.pk, last_day="2098-03-13")
        admin.post(reverse("admin:rooms_closure_add"), values)
        closure = Closure.objects.get()
        assert as_stretch(closure.during) == stretch("2098-03-12 00:00", "2098-03-14 00:00")
        form = admin.get(reverse("admin:rooms_closure_change", args=[closure.pk]))
        shown = form.context["adminform"].form.initial
        assert str(shown["last_day"]) == "2098-03-13"
        assert shown["last_time"] is None

    @pytest.mark.parametrize(
        ("values", "sentence"),
        [
            ({}, "Choose a room or a site, and not both."),
            ({"room": "yes", "site": "yes"}, "Choose a room or a site, and not both."),
            ({"room": "yes", "last_day": "2098-03-11"}, "It ends before it begins."),
            (
                {"room": "yes", "first_time": "10:00", "last_time": "10:00"},
                "It ends before it begins.",
            ),
            ({"room": "yes", "first_day": "tomorrow"}, "Enter a valid date."),
            ({"room": "yes", "last_day": "9999-12-31"}, "between the years 1900 and 2199"),
            ({"room": "yes", "reason": ""}, "This field is required."),
        ],
    )
    def test_what_cannot_be_is_refused_once(
        self, admin: Client, values: dict[str, object], sentence: str
    ) -> None:
        room = RoomFactory.create()
        places = {"room": room.pk, "site": room.site.pk}
        chosen = {name: places[name] if value == "yes" else value for name, value in values.items()}
        response = admin.post(reverse("admin:rooms_closure_add"), closure_values(**chosen))
        assert response.content.decode().count(sentence) == 1
        assert not Closure.objects.exists()

    def test_names_the_meetings_it_meets_and_whom_to_talk_to(self, admin: Client) -> None:
        room = RoomFactory.create()
        organizer = ana()
        book(organizer, f"{AHEAD} 10:00", title="Design review", rooms=(room,))
        book(organizer, f"{AHEAD} 12:00", title="Salaries", visibility="private", rooms=(room,))
        book(organizer, "2098-03-13 00:00", title="The day after", rooms=(room,))
        response = admin.post(
            reverse("admin:rooms_closure_add"), closure_values(room=room.pk), follow=True
        )
        assert "2 meetings booked in this time keep their rooms" in response.content.decode()
        closure = Closure.objects.get()
        page = admin.get(reverse("admin:rooms_closure_change", args=[closure.pk]))
        assert [(b.title, b.address) for b in page.context["inside"]] == [
            ("Design review", "ana@example.com"),
            ("Busy", "ana@example.com"),
        ]
        assert "Salaries" not in page.content.decode()
        assert Booking.objects.unreleased().count() == 3

    def test_of_a_site_meets_the_meetings_of_all_its_rooms(self, admin: Client) -> None:
        room = RoomFactory.create()
        other = RoomFactory.create(site=room.site)
        elsewhere = RoomFactory.create()
        book(ana(), f"{AHEAD} 10:00", rooms=(room, other, elsewhere))
        admin.post(reverse("admin:rooms_closure_add"), closure_values(site=room.site.pk))
        page = admin.get(reverse("admin:rooms_closure_change", args=[Closure.objects.get().pk]))
        assert {b.room for b in page.context["inside"]} == {room.name, other.name}

    def test_is_changed_and_logged(self, admin: Client) -> None:
        room = RoomFactory.create()
        admin.post(reverse("admin:rooms_closure_add"), closure_values(room=room.pk))
        closure = Closure.objects.get()
        change = reverse("admin:rooms_closure_change", args=[closure.pk])
        admin.post(change, closure_values(room=room.pk, reason="Paint", last_time="12:00"))
        closure.refresh_from_db()
        assert closure.reason == "Paint"
        assert as_stretch(closure.during) == stretch("2098-03-12 00:00", "2098-03-12 12:00")
        assert LogEntry.objects.count() == 2

    def test_that_others_stand_in_the_way_of_is_refused_with_a_word(
        self, admin: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def busy(*args: object, **kwargs: object) -> None:
            raise WrongState("Others are booking the same at this moment. Try again.")

        monkeypatch.setattr(scheduler, "close_place", busy)
        response = admin.post(
            reverse("admin:rooms_closure_add"),
            closure_values(room=RoomFactory.create().pk),
            follow=True,
        )
        assert "Others are booking the same at this moment." in response.content.decode()
        assert not LogEntry.objects.exists()

    def test_is_found_by_when_it_is(self, admin: Client) -> None:
        room = RoomFactory.create()
        for reason, start, end in (
            ("Paint", "2020-01-01 08:00", "2020-01-02 08:00"),
            ("Heating", "2020-01-01 08:00", "2098-01-02 08:00"),
            ("Floor", "2098-01-01 08:00", "2098-01-02 08:00"),
        ):
            Closure.objects.create(room=room, reason=reason, during=(at(start), at(end)))
        closures = reverse("admin:rooms_closure_changelist")
        for time, reason in (("over", "Paint"), ("now", "Heating"), ("coming", "Floor")):
            found = admin.get(closures, {"time": time}).context["cl"].queryset
            assert [closure.reason for closure in found] == [reason]


@pytest.mark.parametrize("count", [1, 3])
class TestListsCostTheSameWhateverTheyHold:
    def test_rooms(
        self, admin: Client, count: int, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        for room in RoomFactory.create_batch(count):
            room.amenities.set(AmenityFactory.create_batch(count))
        rooms = reverse("admin:rooms_room_changelist")
        admin.get(rooms)  # what is asked once in a process
        with django_assert_num_queries(9):
            admin.get(rooms)

    def test_closures(
        self, admin: Client, count: int, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        for room in RoomFactory.create_batch(count):
            Closure.objects.create(
                room=room, reason="Paint", during=(at("2098-01-01 08:00"), at("2098-01-02 08:00"))
            )
        closures = reverse("admin:rooms_closure_changelist")
        admin.get(closures)
        with django_assert_num_queries(8):
            admin.get(closures)

    def test_sites_and_amenities(
        self, admin: Client, count: int, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        for room in RoomFactory.create_batch(count):
            room.amenities.set(AmenityFactory.create_batch(count))
        assert Amenity.objects.exists()
        for model in ("site", "amenity"):
            records = reverse(f"admin:rooms_{model}_changelist")
            admin.get(records)
            with django_assert_num_queries(6):
                admin.get(records)

    def test_the_meetings_a_closure_meets(
        self, admin: Client, count: int, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        room = RoomFactory.create()
        people = [ana(), ben(), cy()]
        for number, organizer in enumerate(people[:count]):
            book(organizer, f"{AHEAD} 1{number}:00", visibility="private", rooms=(room,))
        closure = Closure.objects.create(
            room=room, reason="Paint", during=(at(f"{AHEAD} 00:00"), at(f"{AHEAD} 20:00"))
        )
        change = reverse("admin:rooms_closure_change", args=[closure.pk])
        admin.get(change)  # what is asked once in a process
        with django_assert_num_queries(10):
            page = admin.get(change)
        assert len(page.context["inside"]) == count
