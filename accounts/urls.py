"""Addresses of a person's settings."""

from django.urls import path
from django.views.generic import RedirectView

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("", RedirectView.as_view(pattern_name="accounts:profile")),
    path("profile/", views.profile, name="profile"),
    path("hours/", views.hours, name="hours"),
    path("zone/", views.zone, name="zone"),
]
