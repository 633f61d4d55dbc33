"""Closures in the administration."""

from typing import Any

from django.contrib import admin, messages
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from meetings import scheduler
from meetings.models.ranges import as_stretch
from meetings.problems import Refusal
from meetings.timewords import moment_words, zone_short
from rooms.admin.bookings import booked_inside
from rooms.admin.filters import WhenFilter
from rooms.forms import ClosureForm
from rooms.models import Closure


@admin.register(Closure)
class ClosureAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """When a room or a site is shut. Saving one is a command: `scheduler.close_place`."""

    form = ClosureForm
    change_form_template = "admin/rooms/closure/change_form.html"
    list_display = ["place", "shut_from", "shut_until", "reason"]
    list_filter = [WhenFilter, "site", "room__site"]
    search_fields = ["reason", "room__name", "room__code", "site__name", "room__site__name"]
    list_select_related = ["room__site", "site"]
    list_per_page = 50
    ordering = ["-during"]
    autocomplete_fields = ["room", "site"]
    fieldsets = [
        (None, {"fields": ["room", "site", "reason"]}),
        (
            _("Closed"),
            {
                "fields": [("first_day", "first_time"), ("last_day", "last_time")],
                "description": _(
                    "By the clock of the place. Without times, whole days are meant,"
                    " the last one included."
                ),
            },
        ),
    ]

    @admin.display(description=_("place"))
    def place(self, closure: Closure) -> str:
        """The room with its site, or the site."""
        return f"{closure.room}, {closure.room.site}" if closure.room else str(closure.site)

    @admin.display(description=_("from"), ordering="during")
    def shut_from(self, closure: Closure) -> str:
        """The start, by the clock of the place."""
        start = as_stretch(closure.during).start
        return f"{moment_words(start, closure.zone)} {zone_short(closure.zone, start)}"

    @admin.display(description=_("until"))
    def shut_until(self, closure: Closure) -> str:
        """The end, by the clock of the place."""
        end = as_stretch(closure.during).end
        return f"{moment_words(end, closure.zone)} {zone_short(closure.zone, end)}"

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Without the administration's transaction: the command opens the outermost one."""
        given = dict(zip(("object_id", "form_url", "extra_context"), args, strict=False))
        asked = {"object_id": None, "form_url": "", "extra_context": None, **given, **kwargs}
        try:
            response: HttpResponse = self._changeform_view(request, **asked)  # type: ignore[attr-defined]
        except Refusal as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return redirect(request.get_full_path())
        return response

    def save_model(self, request: Any, obj: Closure, form: ModelForm, change: bool) -> None:  # type: ignore[type-arg]
        at = now()
        scheduler.close_place(obj, by=request.user, now=at)
        count = len(booked_inside(obj, request.user, now=at))
        if count:
            kept = ngettext(
                "%(n)d meeting booked in this time keeps its room; the closure lists it.",
                "%(n)d meetings booked in this time keep their rooms; the closure lists them.",
                count,
            )
            self.message_user(request, kept % {"n": count}, messages.WARNING)

    def render_change_form(
        self, request: Any, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """With the meetings that the saved stretch meets."""
        closure = kwargs.get("obj")
        if closure is not None and closure.pk:
            saved = Closure.objects.select_related("room__site", "site").get(pk=closure.pk)
            context["inside"] = booked_inside(saved, request.user, now=now())
        return super().render_change_form(request, context, *args, **kwargs)
