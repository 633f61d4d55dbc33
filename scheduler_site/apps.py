"""The app, as Django knows it."""

from django.apps import AppConfig


class SchedulerSiteConfig(AppConfig):
    """SchedulerSite."""

    name = "scheduler_site"

    def ready(self) -> None:
        """Register the system checks, follow tasks, and time queries."""
        from scheduler_site import checks, tasklog, timing  # noqa: F401

        tasklog.listen()
        timing.listen()
