"""Meetings in the administration: to be looked at. Only commands change a calendar.

A private meeting reads "Busy", whoever administers; who is invited to one is not listed, nor
what only participants read: descriptions, links and notes.
"""

from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.readonly import ReadOnly
from meetings.adminwords import cut, date_words, name_words, shown_dates, title_of
from meetings.fieldwords import field_label
from meetings.lifecycle import state
from meetings.models import Booking, Change, Installation, Invitation, Meeting, Occurrence
from meetings.models.ranges import as_stretch
from meetings.rulewords import rule_words
from meetings.timewords import range_words, zone_short

SHOWN_DATES = 3


class Uncounted(ReadOnly):
    """Rows to look at, of which there may be very many."""

    show_full_result_count = False


@admin.register(Meeting)
class MeetingAdmin(Uncounted):
    """Meetings, newest first."""

    list_display = ["seen", "when", "repeats", "organizer_shown", "visibility", "updated_at"]
    list_filter = ["visibility", "priority", "all_day", "transparency", "tentative"]
    list_select_related = ["organizer"]
    date_hierarchy = "local_date"
    ordering = ["-local_date", "-pk"]
    search_fields = ["organizer__name", "organizer__email", "organizer_email", "=uid", "=ical_uid"]
    search_help_text = _("Title of a public meeting, organizer, uid")
    fields = [
        "seen",
        "when",
        "repeats",
        "rrule",
        "organizer_shown",
        "created_by",
        "visibility",
        "priority",
        "transparency",
        "tentative",
        "uid",
        "ical_uid",
        "version",
        "sequence",
        "created_at",
        "updated_at",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Meeting]:
        """With the date that is shown of each; a series may have hundreds."""
        shown = Prefetch("occurrences", shown_dates(), to_attr="shown")
        return super().get_queryset(request).prefetch_related(shown)

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Meeting | None:
        found = super().get_object(request, *args, **kwargs)
        return cut(found) if found else None

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Meeting], search_term: str
    ) -> tuple[QuerySet[Meeting], bool]:
        """Also by title; that of a private meeting is not even guessed at."""
        found, doubled = super().get_search_results(request, queryset, search_term)
        if words := search_term.split():
            title = Q(visibility=Meeting.Visibility.PUBLIC)
            for word in words:
                title &= Q(title__icontains=word)
            found = found | queryset.filter(title)
        return found, doubled

    @admin.display(description=_("title"), ordering="title")
    def seen(self, meeting: Meeting) -> str:
        return cut(meeting).title

    @admin.display(description=_("when"), ordering="local_date")
    def when(self, meeting: Meeting) -> str:
        return "".join(date_words(date) for date in meeting.shown)  # type: ignore[attr-defined]

    @admin.display(description=_("repeats"), empty_value="")
    def repeats(self, meeting: Meeting) -> str:
        return rule_words(meeting.when, meeting.rrule) if meeting.is_series else ""

    @admin.display(description=_("organizer"))
    def organizer_shown(self, meeting: Meeting) -> str:
        return meeting.organizer_shown


@admin.register(Occurrence)
class OccurrenceAdmin(Uncounted):
    """Dates of meetings."""

    list_display = ["seen", "when", "state", "recurrence_id", "origin"]
    list_filter = ["status", "origin"]
    list_select_related = ["meeting"]
    ordering = ["-pk"]
    search_fields = ["=meeting__uid", "meeting__organizer__email", "recurrence_id"]
    search_help_text = _("Uid of the meeting, organizer’s address, recurrence-id")
    fields = ["seen", "when", "state", "recurrence_id", "origin"]

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Occurrence | None:
        found: Occurrence | None = super().get_object(request, *args, **kwargs)
        if found and found.meeting.is_private:
            cut(found.meeting)
            found.title = None
        return found

    @admin.display(description=_("title"))
    def seen(self, occurrence: Occurrence) -> str:
        return title_of(occurrence)

    @admin.display(description=_("when"), ordering="during")
    def when(self, occurrence: Occurrence) -> str:
        return date_words(occurrence)

    @admin.display(description=_("state"))
    def state(self, occurrence: Occurrence) -> str:
        return str(state(occurrence, timezone.now()))


class OfPublicMeetings(Uncounted):
    """Rows that say who is on a meeting and what was done: of private meetings there are none."""

    list_select_related = ["meeting__organizer"]
    ordering = ["-pk"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(meeting__visibility=Meeting.Visibility.PUBLIC)


@admin.register(Invitation)
class InvitationAdmin(OfPublicMeetings):
    """Who is asked to which public meeting."""

    list_display = [
        "person",
        "meeting",
        "date",
        "role",
        "status",
        "sent_at",
        "responded_at",
        "removed_at",
    ]
    list_filter = ["status", "role", ("removed_at", admin.EmptyFieldListFilter)]
    list_select_related = ["meeting", "user"]
    search_fields = ["user__name", "user__email", "name", "email", "meeting__title", "=uid"]
    search_help_text = _("Person, title, uid")
    fields = [
        "person",
        "address",
        "meeting",
        "date",
        "role",
        "status",
        "sent_at",
        "responded_at",
        "removed_at",
        "uid",
    ]

    @admin.display(description=_("person"))
    def person(self, invitation: Invitation) -> str:
        return invitation.shown_name

    @admin.display(description=_("only on"))
    def date(self, invitation: Invitation) -> str:
        return name_words(invitation.meeting, invitation.recurrence_id)

    @admin.display(description=_("address"))
    def address(self, invitation: Invitation) -> str:
        return invitation.address


@admin.register(Change)
class ChangeAdmin(OfPublicMeetings):
    """The audit log: who did what when, by the fields' names."""

    list_display = [
        "number",
        "created_at",
        "by",
        "kind",
        "meeting",
        "which",
        "changed",
        "announced_at",
    ]
    list_filter = ["kind", "created_at", ("announced_at", admin.EmptyFieldListFilter)]
    list_select_related = ["meeting", "by"]
    search_fields = ["by__name", "by__email", "meeting__title", "=meeting__uid"]
    search_help_text = _("Who did it, title or uid of the meeting")
    fields = [
        "number",
        "created_at",
        "by",
        "on_behalf_of",
        "kind",
        "meeting",
        "which",
        "changed",
        "version",
        "not_before",
        "announced_at",
        "undone_at",
    ]

    @admin.display(description=_("number"), ordering="pk")
    def number(self, change: Change) -> int:
        return change.pk

    @admin.display(description=_("dates"))
    def which(self, change: Change) -> str:
        if len(change.dates) > SHOWN_DATES:
            return _("%(count)d dates") % {"count": len(change.dates)}
        return "; ".join(name_words(change.meeting, name) for name in change.dates)

    @admin.display(description=_("fields"))
    def changed(self, change: Change) -> str:
        return ", ".join(field_label(name) for name in change.fields)


@admin.register(Booking)
class BookingAdmin(Uncounted):
    """What rooms were and are held for."""

    list_display = ["room", "when", "kind", "meeting", "expires_at", "released_at"]
    list_filter = ["kind", ("released_at", admin.EmptyFieldListFilter), "room__site"]
    list_select_related = ["room__site", "occurrence__meeting"]
    ordering = ["-during"]
    search_fields = ["room__name", "room__code", "=occurrence__meeting__uid"]
    search_help_text = _("Room, uid of the meeting")
    fields = [
        "room",
        "when",
        "kind",
        "meeting",
        "held_by",
        "created_at",
        "expires_at",
        "released_at",
    ]

    @admin.display(description=_("held"), ordering="during")
    def when(self, booking: Booking) -> str:
        during, zone = as_stretch(booking.during), timezone.get_current_timezone()
        return f"{range_words(during.start, during.end, zone)} {zone_short(zone, during.start)}"

    @admin.display(description=_("meeting"))
    def meeting(self, booking: Booking) -> str:
        return title_of(booking.occurrence) if booking.occurrence else ""


@admin.register(Installation)
class InstallationAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """What holds for all: one page, nothing to add or delete."""

    fields = ["on_conflict"]
    radio_fields = {"on_conflict": admin.VERTICAL}

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """There is one row only, so its page is shown instead of a list."""
        return redirect("admin:meetings_installation_change", 1)

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Installation | None:
        """The row, which need not have been saved yet."""
        return Installation.current() if object_id == "1" else None
