"""The app, as Django knows it."""

from django.apps import AppConfig


class SchedulerSiteConfig(AppConfig):
    """SchedulerSite."""

    name = "scheduler_site"
