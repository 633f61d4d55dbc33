"""The app, as Django knows it."""

from django.apps import AppConfig


class RoomsConfig(AppConfig):
    """Rooms."""

    name = "rooms"
