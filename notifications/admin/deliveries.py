"""The log of what was sent, with a second try."""

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django_q.models import Failure, OrmQ, Schedule, Success

from accounts.readonly import ReadOnly
from notifications.models import Delivery, DeliveryQuerySet

# Tasks are only hints, and a malformed schedule would stop the queue: nothing to edit there.
admin.site.unregister([Failure, OrmQ, Schedule, Success])


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly):
    """Messages to people, newest first. They are made by the worker, from what was changed."""

    list_display = [
        "created_at",
        "address",
        "kind",
        "status",
        "error",
        "meeting_seen",
        "attempts",
        "next_attempt_at",
        "sent_at",
    ]
    list_filter = ["status", "kind", "channel", "created_at"]
    list_select_related = ["meeting"]
    show_full_result_count = False
    ordering = ["-pk"]
    search_fields = ["address", "error", "=meeting__uid", "=uid"]
    search_help_text = _("Address, reason of a failure, uid of the meeting or the message")
    actions = ["try_again"]
    fields = [
        "address",
        "kind",
        "channel",
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
