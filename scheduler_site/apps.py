"""The app, as Django knows it."""

from django.apps import AppConfig


class SchedulerSiteConfig(AppConfig):
    """SchedulerSite."""

    name = "scheduler_site"

    def ready(self) -> None:
        """Register the system checks, and follow tasks."""
        from scheduler_site import checks, tasklog  # noqa: F401

        tasklog.listen()
