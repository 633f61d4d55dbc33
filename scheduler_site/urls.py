"""The site's addresses; each app names its own."""

from django.contrib import admin
from django.urls import include, path

from scheduler_site.rest.api import api

urlpatterns = [
    path("accounts/", include("allauth.account.urls")),
    path("settings/", include("accounts.urls")),
    path("rooms/", include("rooms.urls")),
    path("", include("notifications.urls")),
    path("", include("meetings.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/", api.urls),
]

# The accounts library asks for it by this name.
handler429 = "scheduler_site.errors.too_many_requests"
