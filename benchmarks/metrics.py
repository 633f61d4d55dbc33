"""What `/metrics` asks of a large calendar, and what it takes to write all of it down."""

from datetime import datetime, timedelta

from benchmarks.measuring import Timing, measure
from scheduler_site import gauges, metrics

HOUR = timedelta(hours=1)


def scraping(now: datetime) -> list[tuple[Timing, Timing | None]]:
    """The figures of the database, asked anew each time; and all of the text without them."""
    metrics.output()  # from now on the figures of the database are known, for a few seconds
    return [
        (measure("figures of the database", lambda n: gauges.ask(now + n * HOUR), runs=50), None),
        (measure("metrics as text", lambda n: metrics.output(), runs=50), None),
    ]
