"""The app, as Django knows it."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """Notifications."""

    name = "notifications"

    def ready(self) -> None:
        """Listen to what is announced."""
        from notifications import observers

        observers.listen()
