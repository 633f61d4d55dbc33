"""Times of a call, as percentiles, with the number of its queries."""

import gc
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection


def percentile(times: Sequence[float], share: float) -> float:
    """The time, of these sorted ones, that this share of them stayed within."""
    return times[min(len(times) - 1, int(share * len(times)))]


@dataclass(frozen=True)
class Timing:
    """Milliseconds of many runs, sorted, and the queries of one."""

    name: str
    milliseconds: tuple[float, ...]
    queries: int

    def percentile(self, share: float) -> float:
        """The time that this share of the runs stayed within."""
        return percentile(self.milliseconds, share)

    def row(self, against: "Timing | None" = None) -> str:
        """A line of the table; with `against`, also the ratio of the medians."""
        ratio = f"{self.percentile(0.5) / against.percentile(0.5):6.1f} ×" if against else ""
        return (
            f"{self.name:<58}{self.percentile(0.5):9.2f}{self.percentile(0.95):9.2f}"
            f"{self.queries:8}{len(self.milliseconds):7}  {ratio}"
        )


HEAD = f"{'':<58}{'p50 ms':>9}{'p95 ms':>9}{'queries':>8}{'runs':>7}  beside raw SQL"


def measure(name: str, call: Callable[[int], object], *, runs: int = 200) -> Timing:
    """Run `call(n)` for n in 0 … runs - 1, after a warm-up that counts its queries."""
    asked: list[str] = []

    def count(execute: Any, sql: str, *rest: Any) -> Any:
        asked.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(count):
        call(runs)
    call(runs + 1)
    gc.collect()
    times = []
    for n in range(runs):
        start = time.perf_counter()
        call(n)
        times.append((time.perf_counter() - start) * 1000)
    return Timing(name, tuple(sorted(times)), len(asked))
