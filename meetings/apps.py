"""The app, as Django knows it."""

from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    """Meetings."""

    name = "meetings"

    def ready(self) -> None:
        """Listen to who confirms an address."""
        from meetings import newcomers

        newcomers.listen()
