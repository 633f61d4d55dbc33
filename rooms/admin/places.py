"""Places in the administration: sites, rooms, what is in them."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.timezone import now
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from rooms.admin.bookings import bookings_ahead
from rooms.admin.filters import SeatsFilter
from rooms.forms import DAYS, RoomForm, SiteForm
from rooms.models import Amenity, Room, Site

HOURS_HINT = _(
    "One line a day, such as 9:00–12:00, 13:00–17:30. A day without hours is closed;"
    " with no hours at all it is open at all hours."
)


class KeptWhenUsed(admin.ModelAdmin):  # type: ignore[type-arg]
    """Records that meetings or rooms lean on cannot be deleted; says so in our words."""

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What goes with them; or, as "protected", a sentence for each that has to stay."""
        found = super().get_deleted_objects(objs, request)
        *_rest, protected = found
        return ([], {}, set(), self.why_kept(objs)) if protected else found

    def why_kept(self, objs: Iterable[Any]) -> list[str]:
        """A sentence for each record that others lean on, with what can be done instead."""
        raise NotImplementedError


@admin.register(Site)
class SiteAdmin(KeptWhenUsed):
    """Sites, their zone and their hours."""

    form = SiteForm
    list_display = ["name", "address", "timezone", "rooms_here"]
    search_fields = ["name", "address"]
    fieldsets = [
        (None, {"fields": ["name", "address", "timezone"]}),
        (_("Opening hours"), {"fields": [*DAYS], "description": HOURS_HINT}),
    ]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).annotate(room_count=Count("rooms"))

    @admin.display(description=_("rooms"), ordering="room_count")
    def rooms_here(self, site: Any) -> int:
        """How many rooms it has."""
        count: int = site.room_count
        return count

    def why_kept(self, objs: Iterable[Site]) -> list[str]:
        """A site with rooms stays."""
        return [
            ngettext(
                "%(site)s has %(count)d room. Delete it or move it to another site first.",
                "%(site)s has %(count)d rooms. Delete them or move them to another site first.",
                count,
            )
            % {"site": site.name, "count": count}
            for site in objs
            if (count := site.rooms.count())
        ]


@admin.register(Amenity)
class AmenityAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """What a room can have."""

    list_display = ["name", "rooms_with_it"]
    search_fields = ["name"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).annotate(room_count=Count("rooms"))

    @admin.display(description=_("rooms"), ordering="room_count")
    def rooms_with_it(self, amenity: Any) -> int:
        """How many rooms have it."""
        count: int = amenity.room_count
        return count


@admin.register(Room)
class RoomAdmin(KeptWhenUsed):
    """Rooms: what they offer and when."""

    form = RoomForm
    list_display = ["name", "code", "site", "floor", "capacity", "what_is_in_it", "opens", "active"]
    list_filter = ["active", "site", SeatsFilter, "amenities"]
    search_fields = ["name", "code", "floor", "description", "site__name"]
    list_select_related = ["site"]
    list_per_page = 50
    actions = ["make_active", "make_inactive"]
    prepopulated_fields = {"code": ["name"]}
    radio_fields = {"hours": admin.VERTICAL}
    fieldsets = [
        (None, {"fields": ["name", "code", "site", "floor", "active"]}),
        (_("What it offers"), {"fields": ["capacity", "amenities", "description"]}),
        (
            _("Between meetings"),
            {
                "fields": [("buffer_before", "buffer_after")],
                "description": _("Meetings booked already keep the buffers of their time."),
            },
        ),
        (
            _("How far ahead"),
            {
                "fields": ["horizon_days"],
                "description": _(
                    "Series get the room for later dates when these come near enough."
                    " Meetings booked already keep it."
                ),
            },
        ),
        (_("Opening hours"), {"fields": ["hours", *DAYS], "description": HOURS_HINT}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Room]:
        return super().get_queryset(request).prefetch_related("amenities")

    @admin.display(description=_("amenities"))
    def what_is_in_it(self, room: Room) -> str:
        """Its amenities, named."""
        return ", ".join(amenity.name for amenity in room.amenities.all()) or "–"

    @admin.display(description=_("opening hours"), ordering="hours")
    def opens(self, room: Room) -> str:
        """Whose hours it has; without the form's pointer to where they stand."""
        own = room.hours == Room.Hours.OWN
        return gettext("its own") if own else room.get_hours_display()

    def view_on_site(self, room: Room) -> str:
        """The page that everybody sees."""
        return room.get_absolute_url()

    def save_model(self, request: HttpRequest, obj: Room, form: ModelForm, change: bool) -> None:  # type: ignore[type-arg]
        super().save_model(request, obj, form, change)
        if change and "active" in form.changed_data and not obj.active:
            self._tell_what_remains(request, [obj])

    @admin.action(description=_("Make the selected rooms active"))
    def make_active(self, request: HttpRequest, queryset: QuerySet[Room]) -> None:
        """They can be booked again."""
        count = queryset.update(active=True)
        done = ngettext("%(n)d room is active.", "%(n)d rooms are active.", count)
        self.message_user(request, done % {"n": count}, messages.SUCCESS)

    @admin.action(description=_("Make the selected rooms inactive"))
    def make_inactive(self, request: HttpRequest, queryset: QuerySet[Room]) -> None:
        """They take no new bookings; those they have remain."""
        rooms = list(queryset)
        queryset.update(active=False)
        done = ngettext("%(n)d room is inactive.", "%(n)d rooms are inactive.", len(rooms))
        self.message_user(request, done % {"n": len(rooms)}, messages.SUCCESS)
        self._tell_what_remains(request, rooms)

    def _tell_what_remains(self, request: HttpRequest, rooms: list[Room]) -> None:
        count = bookings_ahead(rooms, now=now()).count()
        if count:
            remaining = ngettext(
                "%(n)d booking ahead remains. Ask its organizer to choose another room.",
                "%(n)d bookings ahead remain. Ask their organizers to choose another room.",
                count,
            )
            self.message_user(request, remaining % {"n": count}, messages.WARNING)

    def why_kept(self, objs: Iterable[Room]) -> list[str]:
        """A room that was ever booked stays, for the history of its meetings."""
        return [
            ngettext(
                "%(room)s has been booked %(count)d time. Make it inactive instead.",
                "%(room)s has been booked %(count)d times. Make it inactive instead.",
                count,
            )
            % {"room": room.name, "count": count}
            for room in objs
            if (count := room.bookings.count())
        ]
