"""The documentation names what there is: each setting, each command, each file."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
SUBCOMMANDS = {"", "test", "manage", "bench"}

# Read by others than us, or set by one of our processes for another.
NOT_OURS = {"DJANGO_SETTINGS_MODULE", "PATH", "PYTHON", "SCHEDULER_CLUSTER"}
NOT_OURS |= {"SCHEDULER_LISTENER", "SCHEDULER_PULSE"}


def settings_read() -> set[str]:
    """The names of all variables that the code reads from the environment."""
    read = re.compile(r"(?:environ(?:\.get\(|\[)|integer\()\s*\"([A-Z_]+)\"")
    files = [*(ROOT / "scheduler_site").rglob("*.py"), *(ROOT / "notifications").rglob("*.py")]
    return {name for file in files for name in read.findall(file.read_text())} - NOT_OURS


def test_each_setting_is_documented() -> None:
    page = (ROOT / "docs" / "operation.md").read_text()

    names = settings_read()

    assert {"PORT", "DATABASE_URL", "UNDO_SECONDS"} <= names
    assert [name for name in sorted(names) if f"`{name}`" not in page] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_command_exists(page: Path) -> None:
    """`./run` itself is run by the walk in the browser, `./run test` by whoever reads this."""
    for line in re.findall(r"\./run[^\S\n]*([^`\n]*)", page.read_text()):
        words = [word for word in line.split() if re.fullmatch(r"[\w./@-]+", word)]
        subcommand = words[0] if words and words[0] in SUBCOMMANDS else ""
        if subcommand == "manage" and len(words) > 1:
            assert words[1] in get_commands(), line


def test_the_administrators_example_is_understood() -> None:
    page = (ROOT / "docs" / "administration.md").read_text()
    lines = re.findall(r"^\./run manage import_ics (.+)$", page, re.MULTILINE)
    parser = load_command_class("meetings", "import_ics").create_parser("manage.py", "import_ics")

    read = [parser.parse_args(line.split()) for line in lines]

    assert [(options.organizer, options.dry_run) for options in read] == [
        ("ana@example.com", True),
        ("ana@example.com", False),
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_link_leads_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", page.read_text())

    assert [t for t in targets if "://" not in t and not (page.parent / t).exists()] == []
