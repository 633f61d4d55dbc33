"""The database of a run: the one that DATABASE_URL names, else the embedded one."""

import contextlib
import os
from collections.abc import Iterator

import psycopg
from django.conf import settings

from scheduler_site import embedded, environment
from scheduler_site.launch.ending import CannotStart, ignore_signals
from scheduler_site.postgres import Server

OLDEST = 14  # the first with multiranges


@contextlib.contextmanager
def database() -> Iterator[Server | None]:
    """A database that answers, named by DATABASE_URL for us and our children.

    Gives the embedded server if that is the one. Raises CannotStart, DatabaseTrouble.
    """
    url = os.environ.get("DATABASE_URL", "")
    if url:
        check(url)
        check_settings()
        yield None
        return
    with embedded.serving(environment.data_directory()) as server:
        os.environ["DATABASE_URL"] = server.url()
        try:
            check_settings()
            yield server
        finally:
            ignore_signals()  # leaving takes a moment; interrupted, the server would stay behind


def check(url: str) -> None:
    """Raise CannotStart unless the database at `url` answers and is new enough."""
    environment.database(url)
    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            version = connection.info.server_version // 10000
    except psycopg.Error as error:
        reason = str(error).strip().splitlines()[-1].strip()
        raise CannotStart(
            f"The database that DATABASE_URL names does not answer ({reason}): correct"
            " DATABASE_URL, or unset it to use the embedded database."
        ) from None
    if version < OLDEST:
        raise CannotStart(
            f"DATABASE_URL names PostgreSQL {version}; {OLDEST} is the oldest that will do."
        )


def check_settings() -> None:
    """Raise ImproperlyConfigured if a value from the environment is wrong."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scheduler_site.settings")
    settings.SECRET_KEY  # noqa: B018  reading one value reads them all
