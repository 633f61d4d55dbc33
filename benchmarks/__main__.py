"""`./run bench`: builds a large calendar in a database of its own and prints the figures."""

import argparse
import os
import platform

import django


def main() -> None:
    """Make the database, measure, print, drop the database."""
    parser = argparse.ArgumentParser(prog="./run bench", description=__doc__)
    parser.add_argument(
        "part",
        nargs="?",
        choices=["inside", "http", "notifications"],
        help="only inside the process, only the REST API over HTTP, or only what is sent;"
        " without, all of it",
    )
    parser.add_argument(
        "--full",
        action="store_true",
        help="send 100,000 invitations and 20,000 reminders instead of a tenth of them",
    )
    arguments = parser.parse_args()
    part = arguments.part
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    from django.db import connection

    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        from benchmarks import cases, notifying, served
        from benchmarks.data import company

        print(f"Python {platform.python_version()}, {os.cpu_count()} cores, PostgreSQL", end=" ")
        print(connection.pg_version // 10_000)
        data = company()
        if part in (None, "inside"):
            cases.run(data)
        if part in (None, "http"):
            served.run(data)
        if part in (None, "notifications"):
            notifying.run(data, full=arguments.full)
    finally:
        connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)


main()
