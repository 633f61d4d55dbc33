"""The app, as Django knows it."""

from django.apps import AppConfig


class SchedulerSiteConfig(AppConfig):
    """SchedulerSite."""

    name = "scheduler_site"

    def ready(self) -> None:
        """Register the system checks."""
        from scheduler_site import checks  # noqa: F401
