"""Addresses of a person's settings."""

from django.urls import path
from django.views.generic import RedirectView

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("", RedirectView.as_view(pattern_name="accounts:profile")),
    path("profile/", views.profile, name="profile"),
    path("hours/", views.hours, name="hours"),
    path("time-off/", views.time_off, name="time_off"),
    path("time-off/<uuid:uid>/", views.change_time_off, name="change_time_off"),
    path("time-off/<uuid:uid>/remove/", views.remove_time_off, name="remove_time_off"),
    path("tokens/", views.tokens, name="tokens"),
    path("tokens/<uuid:uid>/revoke/", views.revoke_token, name="revoke_token"),
    path("zone/", views.zone, name="zone"),
]
