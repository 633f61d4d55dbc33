"""The REST API as programs meet it: over HTTP, through the server, 1, 8 and 32 at once."""

from datetime import timedelta

from django.utils import timezone

from benchmarks.clients import CLIENTS, measured, programs
from benchmarks.data import NOW, Company
from benchmarks.serving import serving
from rooms.models import Room

RUNS = 320


def run(data: Company, *, runs: int = RUNS) -> None:
    """Measure the API on the company's calendars and print a table."""
    now = timezone.now()
    most = max(CLIENTS)
    rooms = Room.objects.bulk_create(
        Room(
            code=f"asked-{n}",
            name=f"Asked {n}",
            site=data.rooms[0].site,
            capacity=12,
            hours=Room.Hours.ALWAYS,
        )
        for n in range(most)
    )
    asking = programs(
        data.colleagues[:most],
        rooms,
        data.colleagues[most:],
        first=max(now, NOW) + timedelta(days=1),
        now=now,
    )
    with serving() as port:
        measured(port, asking, runs=runs)
