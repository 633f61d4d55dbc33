"""How soon messages leave: single ones, a long queue, and many reminders due at once.

A real mail server on loopback takes them from real workers; all of them share the machine.
"""

import time
from collections.abc import Sequence
from datetime import timedelta
from random import Random

from django.utils import timezone

from benchmarks.data import BERLIN, Company
from benchmarks.measuring import percentile
from benchmarks.owed import meetings
from benchmarks.posting import MailServer, Memory, mail_server, worker
from meetings import scheduler
from meetings.drafts import Attendee, Draft
from meetings.wallclock import Timed
from notifications.models import Delivery

SINGLE = 200
QUEUE = {False: 10_000, True: 100_000}
REMINDERS = {False: 2_000, True: 20_000}
PEOPLE = 10  # hear of each meeting of the long queue, or are reminded of it
UNDO = timedelta(seconds=3)
LONGEST_WAIT = 3600.0
HEAD = f"\n{'':<58}{'p50 s':>9}{'p95 s':>9}{'max s':>9}{'messages':>10}"


class Booking:
    """Books meetings of three, each of the same organizer at another hour."""

    def __init__(self, data: Company) -> None:
        self.by, *rest = data.colleagues
        self.invited = rest
        self.booked = 0
        self.left: dict[int, float] = {}
        """By change, since when its messages may leave, in seconds since 1970."""

    def book(self, *, undo: timedelta = timedelta(0)) -> None:
        """Book one; its two invitations may leave when it is committed, or can't be undone."""
        n = self.booked
        self.booked += 1
        now = timezone.now()
        start = now.astimezone(BERLIN).replace(tzinfo=None, minute=0, second=0, microsecond=0)
        two = (self.invited[(2 * n + k) % len(self.invited)] for k in range(2))
        draft = Draft(
            title=f"Booked {n}",
            when=Timed(start + timedelta(days=30, hours=n), BERLIN, timedelta(hours=1)),
            zone=BERLIN,
            attendees=tuple(Attendee(person.email) for person in two),
        )
        done = scheduler.schedule(draft, by=self.by, now=now, policy="allow", undo=undo)
        assert done.change is not None
        self.left[done.change.pk] = max(time.time(), done.change.not_before.timestamp())

    def waits(self, server: MailServer) -> list[float]:
        """How long each message took, sorted. Raises KeyError if one has not come."""
        owed = Delivery.objects.filter(change__in=self.left).values_list("uid", "change")
        return sorted(server.taken[str(uid)] - self.left[change] for uid, change in owed)


def run(data: Company, *, full: bool) -> None:
    """Measure everything and print the figures; `full` with the large numbers."""
    print("\nMessages to a mail server, on loopback, by the worker")
    with mail_server() as server:
        with worker(server, processes=2):
            print(HEAD)
            singly(data, server)
            before_undo(data, server)
        for processes in (1, 2):
            queue(data, server, QUEUE[full], processes=processes)
        for processes in (1, 2):
            reminders(data, server, REMINDERS[full], processes=processes)


def singly(data: Company, server: MailServer, *, count: int = SINGLE) -> None:
    """One meeting after another, each when the last one's invitations have left."""
    booking, random = Booking(data), Random(1)
    for _ in range(count):
        before = len(server.taken)
        booking.book()
        server.wait_for(before + 2)
        time.sleep(random.uniform(0, 0.2))  # not in step with what looks for work
    print(row("booked one after another: committed → handed over", booking.waits(server)))


def before_undo(data: Company, server: MailServer, *, count: int = SINGLE) -> None:
    """Several a second, each of which may be taken back for a while."""
    booking, random = Booking(data), Random(2)
    before = len(server.taken)
    for _ in range(count):
        booking.book(undo=UNDO)
        time.sleep(random.uniform(0, 0.4))
    server.wait_for(before + 2 * count)
    print(row("undo window over → handed over", booking.waits(server)))


def queue(data: Company, server: MailServer, count: int, *, processes: int) -> None:
    """So many invitations of which nobody was told, from the start of the worker's first task."""
    now = timezone.now()
    meetings(
        f"Queue of {processes}",
        count // PEOPLE,
        data.colleagues,
        data.rooms[0],
        size=PEOPLE + 1,
        first=now.replace(second=0, microsecond=0) + timedelta(days=30),
        step=timedelta(minutes=10),
        made_at=now,
        announced_at=None,
    )
    before, began = len(server.taken), time.time()
    with worker(server, processes=processes) as process, Memory(process) as memory:
        server.wait_for(before + count)
    seconds = max(server.taken.values()) - began
    print(
        f"\n{count:,} invitations, {_processes(processes)}: {_time(seconds)},"
        f" {count / seconds:.0f} a second;"
        f" {memory.most:.0f} MB at most ({memory.most_of_each:.0f} MB if what processes share"
        " is counted for each)",
        flush=True,
    )


def reminders(data: Company, server: MailServer, count: int, *, processes: int) -> None:
    """So many of dates that start at once, while a meeting is booked each second."""
    with worker(server, processes=processes):
        now = timezone.now()
        # A whole minute, and not before all of it is written.
        due = now.replace(second=0, microsecond=0) + timedelta(minutes=2)
        meetings(
            f"Soon {processes}",
            count // PEOPLE,
            data.colleagues,
            data.rooms[0],
            size=PEOPLE,
            first=due + timedelta(minutes=15),
            step=timedelta(0),
            made_at=now - timedelta(days=1),
            announced_at=now - timedelta(days=1),
        )
        time.sleep(max(0.0, due.timestamp() - time.time()))
        booking, before = Booking(data), len(server.taken)
        while len(server.taken) < before + 2 * booking.booked + count:
            booking.book()
            time.sleep(1)
            if time.time() - due.timestamp() > LONGEST_WAIT:
                raise RuntimeError("The reminders do not come to an end.")
    made = Delivery.objects.filter(meeting__title__startswith=f"Soon {processes} ")
    uids = made.filter(kind=Delivery.Kind.REMINDER).values_list("uid", flat=True)
    waits = sorted(server.taken[str(uid)] - due.timestamp() for uid in uids)
    print(
        f"\n{len(waits):,} reminders due at once, {_processes(processes)}: {_time(waits[-1])},"
        f" {len(waits) / waits[-1]:.0f} a second{HEAD}"
    )
    print(row("due → handed over", waits))
    print(row("booked meanwhile: committed → handed over", booking.waits(server)), flush=True)


def row(name: str, waits: Sequence[float]) -> str:
    """A line of the table, of sorted seconds."""
    shares = "".join(f"{percentile(waits, share):9.2f}" for share in (0.5, 0.95))
    return f"{name:<58}{shares}{waits[-1]:9.2f}{len(waits):10,}"


def _processes(count: int) -> str:
    return "one process that sends" if count == 1 else f"{count} processes that send"


def _time(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.1f} min"
