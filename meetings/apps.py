"""The app, as Django knows it."""

from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    """Meetings."""

    name = "meetings"

    def ready(self) -> None:
        """Listen to who confirms an address, and count what changes."""
        from meetings import counting, newcomers

        newcomers.listen()
        counting.listen()
