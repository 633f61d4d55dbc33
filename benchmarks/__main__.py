"""`./run bench`: builds a large calendar in a database of its own and prints the figures."""

import os
import platform

import django


def main() -> None:
    """Make the database, measure, print, drop the database."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    from django.db import connection

    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        from benchmarks.cases import run

        print(f"Python {platform.python_version()}, {os.cpu_count()} cores, PostgreSQL", end=" ")
        print(connection.pg_version // 10_000)
        run()
    finally:
        connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)


main()
