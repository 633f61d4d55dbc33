"""The log of what was sent, with a second try."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.text import smart_split, unescape_string_literal
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django_q.models import Failure, OrmQ, Schedule, Success

from accounts.readonly import ReadOnly
from notifications.entries import address_shown
from notifications.models import Channel, Delivery, DeliveryQuerySet
from notifications.searching import holding

# Tasks are only hints, and a malformed schedule would stop the queue: nothing to edit there.
admin.site.unregister([Failure, OrmQ, Schedule, Success])

WEBHOOK = "webhook"
CHANNELS = [*Channel.choices, (WEBHOOK, _("Webhook"))]


class Newest(Paginator):  # type: ignore[type-arg]
    """Pages of the newest rows: to count all of a million takes longer than to read a page."""

    most = 10_000

    @cached_property
    def count(self) -> int:
        """How many there are, up to `most`."""
        return int(self.object_list[: self.most].count())  # type: ignore[attr-defined]

    @property
    def is_cut(self) -> bool:
        """Whether there may be more."""
        return self.count == self.most


class ChannelFilter(admin.SimpleListFilter):
    """By channel, without looking which ones there are."""

    title, parameter_name = _("channel"), "channel"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return CHANNELS

    def queryset(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> QuerySet[Delivery]:
        return queryset.filter(channel=self.value()) if self.value() else queryset


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly):
    """Messages to people and programs, newest first. They are made by the worker, from changes."""

    list_display = [
        "created_at",
        "address_seen",
        "status",
        "error",
        "channel_shown",
        "kind",
        "meeting_seen",
        "lane",
        "attempts",
        "next_attempt_at",
        "sent_at",
    ]
    list_filter = ["status", "kind", ChannelFilter, "lane", "webhook", "created_at"]
    list_select_related = ["meeting"]
    paginator = Newest
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    sortable_by = ["next_attempt_at", "sent_at", "attempts"]
    ordering = ["-pk"]
    search_fields = ["address"]  # it is asked whether there are any; see get_search_results
    search_help_text = _(
        "How an address begins, reason of a failure, title of a meeting that is not private,"
        " uid of the meeting or the message"
    )
    actions = ["try_again"]
    fields = [
        "address_seen",
        "kind",
        "channel_shown",
        "webhook",
        "lane",
        "meeting_seen",
        "status",
        "created_at",
        "not_before",
        "next_attempt_at",
        "sent_at",
        "attempts",
        "in_doubt",
        "error",
        "uid",
    ]

    def has_retry_permission(self, request: HttpRequest) -> bool:
        """Whoever could change deliveries, if they could be changed."""
        return request.user.has_perm("notifications.change_delivery")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Each word, or what stands in quotes, is to be found somewhere."""
        for word in smart_split(search_term):
            if word.startswith(('"', "'")) and word[0] == word[-1] and len(word) > 1:
                word = unescape_string_literal(word)
            queryset = queryset.filter(holding(word))
        return queryset, False

    @admin.display(description=_("address"))
    def address_seen(self, delivery: Delivery) -> str:
        return address_shown(delivery)

    @admin.display(description=_("channel"))
    def channel_shown(self, delivery: Delivery) -> str:
        return str(dict(CHANNELS).get(delivery.channel, delivery.channel))

    @admin.display(description=_("meeting"))
    def meeting_seen(self, delivery: Delivery) -> str:
        return str(_("Busy")) if delivery.meeting.is_private else delivery.meeting.title

    @admin.action(description=_("Try again now"), permissions=["retry"])
    def try_again(self, request: HttpRequest, deliveries: DeliveryQuerySet) -> None:
        """Failed ones, and those that wait for their next try, are due at once."""
        count = deliveries.try_again(timezone.now())
        self.message_user(
            request,
            ngettext("%d message leaves in a moment.", "%d messages leave in a moment.", count)
            % count,
        )

    def get_urls(self) -> list[URLPattern]:
        """With the address of the button on a row's page."""
        again = self.admin_site.admin_view(self.try_one_again)
        name = "notifications_delivery_try_again"
        return [path("<int:pk>/try-again/", again, name=name), *super().get_urls()]

    def try_one_again(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The action, for one row; back to its page."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_retry_permission(request):
            raise PermissionDenied
        self.try_again(request, Delivery.objects.filter(pk=pk))
        return redirect("admin:notifications_delivery_change", pk)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """With the button, if trying again does something."""
        row: Delivery | None = kwargs.get("obj")
        context["may_retry"] = row and self.has_retry_permission(request) and _rests(row)
        return super().render_change_form(request, context, *args, **kwargs)


def _rests(row: Delivery) -> bool:
    """Whether it has failed, or waits for another try."""
    waits = row.status == Delivery.Status.WAITING and row.claimed_at is None
    return row.status == Delivery.Status.FAILED or (waits and row.not_before <= timezone.now())
