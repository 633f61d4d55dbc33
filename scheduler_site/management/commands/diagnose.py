"""`manage.py diagnose`: how the installation is, and what to do where something is wrong."""

from dataclasses import asdict

from django.core.management.base import CommandError

from accounts.commandline import ReportingCommand
from scheduler_site.diagnosis import Result, diagnose


class Command(ReportingCommand):
    """Exits with 1 if something is wrong."""

    help = (
        "Looks at settings, versions, zone rules, database, migrations, worker, waiting messages, "
        "clock, disk and mail server, and says what to do where something is wrong."
    )
    requires_system_checks = []

    def handle(self, *args: object, **options: object) -> None:
        """Say it of each as soon as it is known."""
        results: list[Result] = []
        for result in diagnose():
            results.append(result)
            if not self.as_json:
                self.stdout.write(_line(result))
                self.stdout.flush()
        wrong = [result.name for result in results if not result.ok]
        told = [asdict(result) | {"ok": result.ok} for result in results]
        self.report({"ok": not wrong, "checks": told}, [])
        if wrong:
            raise CommandError(f"Not as it must be: {', '.join(wrong)}.")


def _line(result: Result) -> str:
    line = f"{'ok' if result.ok else 'WRONG':<6}{result.name}: {result.found}"
    return line if result.ok else f"{line}. {result.advice}"
