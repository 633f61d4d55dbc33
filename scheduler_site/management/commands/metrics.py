"""`manage.py metrics`: what /metrics answers, for machines that run workers only."""

from django.core.management.base import BaseCommand

from scheduler_site.metrics import output


class Command(BaseCommand):
    """For a collector that reads files, for example the node exporter's."""

    help = "Prints what /metrics answers on this machine."
    requires_system_checks = []

    def handle(self, *args: object, **options: object) -> None:
        """Print all of it."""
        self.stdout.write(output().decode(), ending="")
