"""Restore the rows of meetings' dates from the record."""

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError
from django.utils.timezone import now

from accounts.commandline import ReportingCommand
from meetings.models import Meeting
from meetings.problems import Refusal
from meetings.scheduler.indexing import Drift, check, rebuild


class Command(ReportingCommand):
    """`manage.py rebuild_occurrences [--check] [UID …]`."""

    help = (
        "Makes the dates of meetings what their rules and changed dates say, one meeting after "
        "the other, and says what it did. Run again, it finds nothing to do."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "uids", nargs="*", type=UUID, metavar="UID", help="only these meetings; all if none"
        )
        parser.add_argument(
            "--check",
            action="store_true",
            help="only list the differences; exits with 1 if there are any",
        )

    def handle(self, *, uids: list[UUID], check: bool, **options: Any) -> None:
        seen = failed = 0
        found: list[tuple[UUID, Drift]] = []
        for pk in _chosen(uids):
            meeting = Meeting.objects.filter(pk=pk).first()
            if meeting is None:  # deleted meanwhile
                continue
            seen += 1
            try:
                drifts = _drifts(meeting, only_check=check)
            except Refusal as refusal:
                failed += 1
                self.stderr.write(f"{meeting.uid}: {refusal}")
                continue
            found += [(meeting.uid, drift) for drift in drifts]
            if not self.as_json:  # as it goes: all of them take their time
                self.stdout.writelines(f"{meeting.uid}: {drift}\n" for drift in drifts)
        done = "found" if check else "put right"
        last = f"Meetings looked at: {seen}. Differences {done}: {len(found)}."
        self.report(_told(seen, found), [last])
        if failed:
            raise CommandError(f"Meetings in use: {failed}. Run it again for them.")
        if check and found:
            raise CommandError("Run rebuild_occurrences without --check to put them right.")


def _told(seen: int, found: list[tuple[UUID, Drift]]) -> dict[str, object]:
    differences = [
        {"meeting_id": uid, "recurrence_id": drift.date, "difference": drift.wrong}
        for uid, drift in found
    ]
    return {"meetings": seen, "differences": differences}


def _drifts(meeting: Meeting, *, only_check: bool) -> list[Drift]:
    return check(meeting, now=now()) if only_check else rebuild(meeting, now=now())


def _chosen(uids: list[UUID]) -> list[int]:
    """The ids of the meetings; raises CommandError if one is not known."""
    if not uids:
        return list(Meeting.objects.order_by("pk").values_list("pk", flat=True))
    found = dict(Meeting.objects.filter(uid__in=uids).values_list("uid", "pk"))
    if unknown := [str(uid) for uid in uids if uid not in found]:
        raise CommandError(f"There is no meeting {', '.join(unknown)}.")
    return sorted(found.values())
