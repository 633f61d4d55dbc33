"""How log lines look: one JSON object each, or one for people to read. Both hold no data.

Knows nothing of Django's settings: the web server's own log is written by it as well.
"""

import json
import logging
from datetime import UTC, datetime
from typing import Any

from scheduler_site import request_ids
from scheduler_site.masking import described, mask, trace

FORMATS = ("json", "line")
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
ANSWERED_EARLY = ("/healthz", "/readyz")  # by a middleware, so that they have no route
# What a record may bring beside its message (`extra=`): words of ours and numbers.
FIELDS = ("method", "route", "status", "milliseconds", "user", "task")


def configuration(*, level: str, form: str) -> dict[str, Any]:
    """What `logging.config.dictConfig` makes of it: lines of this form on standard error."""
    passed_on: dict[str, Any] = {"handlers": [], "propagate": True}
    quiet = {**passed_on, "level": max(level, "WARNING", key=LEVELS.index)}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {"()": "scheduler_site.logs.JsonLine"},
            "line": {"()": "scheduler_site.logs.ReadableLine"},
        },
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": form},
            "nowhere": {"class": "logging.NullHandler"},
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": passed_on,
            # Of a request that was refused the access line tells all.
            "django.request": {**passed_on, "level": "ERROR"},
            "django.server": quiet,
            # Several lines every few seconds, for the tasks that show life.
            "django-q": quiet,
            "gunicorn.error": quiet,
            # These write people's phone numbers, and the keys of services.
            "apprise": {"handlers": ["nowhere"], "propagate": False},
            "urllib3": {"handlers": ["nowhere"], "propagate": False},
        },
    }


def route_of(request: Any) -> str:
    """The pattern of a request's address, since the address itself may hold a token or a name."""
    match = getattr(request, "resolver_match", None)
    if match is not None:
        return f"/{match.route}"
    path = getattr(request, "path", "")
    if path in ANSWERED_EARLY:
        return str(path)
    return "/static/" if path.startswith("/static/") else "unmatched"


def told(record: logging.LogRecord) -> str:
    """A record's message: exceptions described, the address of a request by its route, masked."""
    args = record.args
    if isinstance(args, tuple):
        args = tuple(_shown(arg, getattr(record, "request", None)) for arg in args)
    try:
        message = str(record.msg) % args if args else str(record.msg)
    except (TypeError, ValueError):
        message = str(record.msg)  # a mistake of whoever logs; the library would print the values
    if record.name == "django-q" and "Traceback" in message:
        message = message.partition(" - ")[0]  # the task itself has logged why it failed
    return mask(message)


def _shown(arg: object, request: Any) -> object:
    """What is written for one argument of a message; Django brings the request along."""
    if isinstance(arg, BaseException):
        return described(arg)
    path = getattr(request, "path", None)
    if path and arg in (path, path.encode("unicode_escape").decode("ascii")):
        return route_of(request)
    return arg


def time_of(record: logging.LogRecord) -> str:
    """When it was logged: ISO 8601 in UTC, to the millisecond."""
    moment = datetime.fromtimestamp(record.created, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class JsonLine(logging.Formatter):
    """One JSON object per line: `time`, `level`, `logger`, `message`, `process`, and what there is
    of `request_id`, `exception` and FIELDS.
    """

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(self.values(record))

    def values(self, record: logging.LogRecord) -> dict[str, object]:
        """What the line holds."""
        values: dict[str, object] = {
            "time": time_of(record),
            "level": record.levelname,
            "logger": record.name,
            "message": told(record),
            "process": record.process,
            "request_id": request_ids.current() or None,
        }
        values |= {name: getattr(record, name, None) for name in FIELDS}
        if record.exc_info and record.exc_info[1]:
            values["exception"] = trace(record.exc_info[1])
        return {name: value for name, value in values.items() if value is not None}


class ReadableLine(logging.Formatter):
    """A line for people; a traceback follows on lines of its own."""

    def format(self, record: logging.LogRecord) -> str:
        message = told(record).replace("\n", "\\n")
        request = f" [{request_ids.current()}]" if request_ids.current() else ""
        line = f"{time_of(record)} {record.levelname} {record.name}{request}: {message}"
        if record.exc_info and record.exc_info[1]:
            line += "\n" + trace(record.exc_info[1])
        return line
