"""What the tests' programs log, and whether any of the tests' data is in it.

Every process of a test run, also the worker and the web server that a test starts, writes the lines
that production would write to a file as well. Meanwhile each address, title and token that is
written to the database is noted. In the end none of them may be in the lines.
"""

import json
import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import models

from scheduler_site.logs import JsonLine

APPS = ("accounts", "rooms", "meetings", "notifications", "account", "sessions")
# Fields that hold what people typed, or what opens something.
TELLING = (
    *("title", "description", "location", "join_link", "note", "reason", "subject", "name"),
    *("token", "key", "session_key", "password", "hashed", "prefix", "phone"),
    *("secret", "url"),
)
# Shorter ones are parts of other words.
SHORTEST = 6
# How our own lines begin.
SAID = ("Change", "Delivery", "Meeting")
ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
SECRET = re.compile(r"sch_[\w-]{20,}")
NUMBERS = re.compile(r"\b[0-9a-f]{8}-[0-9a-f-]{27}\b|\d+")
# What is new in each line, so that it would hide that two are alike.
ALWAYS_NEW = ("time", "process", "request_id", "milliseconds", "test")


class Line(JsonLine):
    """A line of production, and the test that it was written in."""

    def values(self, record: Any) -> dict[str, object]:
        """As in production."""
        test = os.environ.get("PYTEST_CURRENT_TEST", "").partition(" ")[0]
        return super().values(record) | {"test": test}


def note_values(seen: set[str]) -> None:
    """From now on, add what is written to the telling fields of our records to `seen`."""
    for model in apps.get_models():
        if model._meta.app_label in APPS:
            for field in model._meta.local_fields:
                if isinstance(field, models.EmailField) or field.name in TELLING:
                    field.get_db_prep_save = _noting(field.get_db_prep_save, seen)  # type: ignore[method-assign]


def _noting(prepare: Callable[..., Any], seen: set[str]) -> Callable[..., Any]:
    def get_db_prep_save(value: Any, connection: Any) -> Any:
        if isinstance(value, str) and is_telling(value):
            seen.add(value)
        return prepare(value, connection)

    return get_db_prep_save


def is_telling(value: str) -> bool:
    """Whether finding it in a line means something: single words of every day do not."""
    is_word = value.isalpha() and value.islower()
    return len(value) >= SHORTEST and not (is_word or value.isdigit() or value in SAID)


def different(lines: Iterable[str]) -> dict[str, str]:
    """What the lines say, and the test that it was said in; of lines alike but for numbers one."""
    found: dict[str, tuple[str, str]] = {}
    for line in lines:
        values = json.loads(line)
        test = values.pop("test", "")
        kept = {name: value for name, value in values.items() if name not in ALWAYS_NEW}
        said = json.dumps(kept, ensure_ascii=False)
        found.setdefault(NUMBERS.sub("#", said), (said, test))
    return dict(found.values())


def leaks(lines: Iterable[str], values: Iterable[str]) -> list[str]:
    """A sentence for each line that holds an address, a token, or one of the values."""
    said = different(lines)
    everything = "\n".join(said)
    # One look at all of the text tells which values are worth a second.
    suspects = [value for value in values if _as_written(value) in everything]
    return [
        f"{test} logged {leaked!r}: {line}"
        for line, test in said.items()
        for leaked in _in_line(line, suspects)
    ]


def _in_line(line: str, suspects: list[str]) -> Iterator[str]:
    yield from ADDRESS.findall(line)
    yield from SECRET.findall(line)
    for value in suspects:
        if re.search(rf"(?<!\w){re.escape(_as_written(value))}(?!\w)", line):
            yield value


def _as_written(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)[1:-1]


def added_to(file: Path, since: int) -> str:
    """What was written to a file since it had so many bytes."""
    if not file.exists():
        return ""
    with open(file, "rb") as opened:
        opened.seek(since if file.stat().st_size >= since else 0)
        return opened.read().decode(errors="replace")
