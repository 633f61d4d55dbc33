"""Runs PostgreSQL's own backup programs, from the wheel, on the site's database."""

import os
import subprocess

from django.core.management.base import CommandError
from django.db import connection
from psycopg.conninfo import make_conninfo

from scheduler_site.postgres import programs


def run(program: str, *arguments: str) -> None:
    """Run `pg_dump` or `pg_restore`; raises CommandError with what it says went wrong."""
    result = subprocess.run(
        [str(programs() / "bin" / program), "--dbname", database(), *arguments],
        # Not among the arguments, which everybody on the machine can read.
        env={**os.environ, "PGPASSWORD": connection.settings_dict["PASSWORD"] or ""},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
    )
    if result.returncode:
        lines = result.stderr.strip().splitlines() or [f"{program} failed"]
        raise CommandError(lines[0])


def database() -> str:
    """Where the site's database is, without the password."""
    settings = connection.settings_dict
    parts = {
        "dbname": settings["NAME"],
        "user": settings["USER"],
        "host": settings["HOST"],
        "port": settings["PORT"],
        **settings["OPTIONS"],
    }
    return make_conninfo(**{key: str(value) for key, value in parts.items() if value})
