"""Who has a calendar read by other programs, with an end to it. Addresses are nobody's business."""

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.readonly import ReadOnly
from notifications.models import Feed, FeedQuerySet


@admin.register(Feed)
class FeedAdmin(ReadOnly):
    """Feeds of people and rooms; people make them themselves, in their settings."""

    list_display = ["user", "room", "created_at", "last_read_at", "revoked_at"]
    list_filter = ["last_read_at", ("revoked_at", admin.EmptyFieldListFilter)]
    list_select_related = ["user", "room"]
    ordering = ["-pk"]
    search_fields = ["user__name", "user__email", "room__name", "room__code"]
    actions = ["revoke"]
    fields = ["user", "room", "past_days", "future_days"]
    fields += ["created_at", "last_read_at", "revoked_at"]

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        """Whoever could change feeds, if they could be changed."""
        return request.user.has_perm("notifications.change_feed")

    @admin.action(description=_("Revoke the addresses"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, feeds: FeedQuerySet) -> None:
        """Nobody reads anything there from now on."""
        count = feeds.revoke(timezone.now())
        said = ngettext("%d address is revoked.", "%d addresses are revoked.", count)
        self.message_user(request, said % count)
