"""Imports run downwards only: seven floors, and apps that know only those before them.

The table says on which floor each module lives; a new module needs a line here.
"""

import ast
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = ("accounts", "rooms", "meetings", "notifications", "scheduler_site")
SITE = 8  # settings, addresses, how it is started: above the seven floors

FLOORS = {
    # 1: time itself. Pure functions and values, no Django.
    1: [
        "accounts.meters",
        "accounts.processes",
        "accounts.zones",
        "meetings.ical",
        "meetings.ical.*",
        "meetings.intervals",
        "meetings.mailboxes",
        "meetings.problems",
        "meetings.recurrence",
        "meetings.recurrence.*",
        "meetings.wallclock",
        "notifications.kinship",
    ],
    # 2: records, and the words that every question is made of.
    2: [
        "*.migrations",
        "*.migrations.*",
        "*.models",
        "*.models.*",
        "accounts.commandline",  # what every command is made of: a type
        "accounts.rest",  # what the operations of all apps share: types
        "accounts.http",  # the request of somebody signed in: a type
        "meetings.drafts",
        "meetings.ruledays",
        "meetings.rulewords",
        "meetings.timewords",
    ],
    # 3: questions. Read-only answers.
    3: [
        "accounts.closing",
        "accounts.demo",
        "accounts.hours",
        "meetings.attendance",
        "meetings.availability",
        "meetings.calendar_file",
        "meetings.calendar_versions",
        "meetings.conflicts",
        "meetings.dates",
        "meetings.fieldwords",
        "meetings.health",
        "meetings.health.*",
        "meetings.history",
        "meetings.occurrences",
        "meetings.personal_calendar",
        "meetings.slots",
        "meetings.slots.*",
        "meetings.standing",
        "meetings.waiting",
        "rooms.hours",
        "rooms.search",
    ],
    # 4: decisions.
    4: [
        "meetings.asking",
        "meetings.catalogue",
        "meetings.described",
        "meetings.described.*",
        "meetings.displacedwords",
        "meetings.displacing",
        "meetings.events",
        "meetings.lifecycle",
        "meetings.permissions",
        "meetings.proposals",
        "meetings.readable",
        "meetings.room_calendar",
        "meetings.slotwords",
        "notifications.entries",
        "notifications.ledger",
        "notifications.routing",
        "notifications.searching",
    ],
    # 5: commands, the only code that changes a calendar.
    5: ["meetings.scheduler", "meetings.scheduler.*"],
    # 6: reactions.
    6: [
        "meetings.counting",
        "meetings.newcomers",
        "notifications.alone",
        "notifications.announcing",
        "notifications.backlog",
        "notifications.channels",
        "notifications.channels.*",
        "notifications.contacts",
        "notifications.dates",
        "notifications.delivery",
        "notifications.displaced",
        "notifications.demo_mail",
        "notifications.due",
        "notifications.extending",
        "notifications.facts",
        "notifications.failures",
        "notifications.heartbeat",
        "notifications.hooked",
        "notifications.hooks",
        "notifications.inbox",
        "notifications.known",
        "notifications.lateness",
        "notifications.observers",
        "notifications.reminders",
        "notifications.roomless",
        "notifications.tasks",
        "notifications.news",
        "notifications.occasions",
        "notifications.telling",
        "notifications.told",
        "notifications.watchdog",
        "notifications.wording",
    ],
    # 7: faces.
    7: [
        "*.admin",
        "*.admin.*",
        "*.api",
        "*.api.*",
        "*.apps",
        "*.context",
        "*.forms",
        "*.forms.*",
        "*.management",
        "*.management.*",
        "*.templatetags",
        "*.templatetags.*",
        "*.urls",
        "*.views",
        "*.views.*",
        "accounts.adapter",
        "accounts.middleware",
        "accounts.readonly",
        "meetings.adminwords",
        "meetings.commandline",
        "meetings.commandline.*",
        "meetings.demo",
        "meetings.demo.*",
        "meetings.formpeople",
        "meetings.formtimes",
        "meetings.formrules",
        "meetings.formvalues",
        "notifications.feeds",
    ],
}
# Faces that may use another app's face, and why.
SHARED_FACES = {
    # What is only looked at in the administration is closed in one way.
    ("meetings.admin", "accounts.readonly"),
    ("notifications.admin.deliveries", "accounts.readonly"),
    ("notifications.admin.feeds", "accounts.readonly"),
    ("rooms.forms", "accounts.forms"),  # rooms' and people's hours are typed into the same field
    # A room's week is drawn on the calendar's grid and leafed through like it.
    ("rooms.views.held", "meetings.views.grid"),
    ("rooms.views.room", "meetings.views.grid"),
    ("rooms.views.room", "meetings.views.leafing"),
}


def modules() -> dict[str, Path]:
    """Every module of the apps, by its name."""
    found = {}
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def floor_of(name: str) -> int | None:
    """The floor on which a module lives; apps themselves are empty and live nowhere."""
    named = [floor for floor, patterns in FLOORS.items() if name in patterns]
    matching = [
        floor
        for floor, patterns in FLOORS.items()
        if any(fnmatchcase(name, pattern) for pattern in patterns)
    ]
    if name.startswith("scheduler_site"):
        return named[0] if named else SITE
    return (named or matching or [None])[0]


def imported(name: str, path: Path, known: dict[str, Path]) -> set[str]:
    """What a module imports, those imports that stand inside functions too."""
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, base] if base else above)
            for alias in node.names:
                whole = f"{base}.{alias.name}"
                found.add(whole if whole in known else base)
    return found - {name}


def objection(importer: str, target: str) -> str | None:
    """Why `importer` may not import `target`, if it may not."""
    low, high = floor_of(target), floor_of(importer)
    if low is None or high is None or high == SITE:
        return None
    own, other = importer.split(".")[0], target.split(".")[0]
    if low > high:
        return f"{importer} (floor {high}) imports {target} (floor {low})"
    if low == 1 or own == other:
        return None
    if high == 7:
        allowed = low <= 5 or (importer, target) in SHARED_FACES
        return None if allowed else f"{importer} imports {target}, which belongs to another app"
    if APPS.index(other) > APPS.index(own):
        return f"{importer} imports {target}, but {own} does not know {other}"
    return None


def test_every_module_has_a_floor() -> None:
    homeless = [name for name in modules() if "." in name and floor_of(name) is None]

    assert homeless == []


def test_imports_run_downwards() -> None:
    known = modules()

    objections = [
        words
        for name, path in known.items()
        for target in sorted(imported(name, path, known))
        if target.split(".")[0] in APPS and (words := objection(name, target))
    ]

    assert objections == []


def test_time_itself_knows_no_django() -> None:
    known = modules()

    with_django = [
        name
        for name, path in known.items()
        if floor_of(name) == 1
        and any(target.split(".")[0] == "django" for target in imported(name, path, known))
    ]

    assert with_django == []


@pytest.mark.parametrize(
    ("importer", "target"),
    [
        pytest.param("meetings.conflicts", "meetings.scheduler.schedule", id="up in its app"),
        pytest.param("rooms.models", "meetings.models", id="an app that comes later"),
        pytest.param("meetings.scheduler.cancel", "notifications.models", id="who listens"),
        pytest.param("meetings.views.form", "notifications.delivery", id="another's reaction"),
        pytest.param("rooms.views", "meetings.views.panel", id="another's face"),
        pytest.param("meetings.views.form", "scheduler_site.settings", id="the site"),
    ],
)
def test_what_is_objected_to(importer: str, target: str) -> None:
    assert objection(importer, target) is not None


@pytest.mark.parametrize(
    ("importer", "target"),
    [
        pytest.param("meetings.views.form", "meetings.scheduler", id="a face commands"),
        pytest.param("rooms.admin.closures", "meetings.scheduler", id="a face of an earlier app"),
        pytest.param("notifications.tasks", "meetings.scheduler", id="a reaction commands"),
        pytest.param("meetings.readable", "meetings.problems", id="down in its app"),
        pytest.param("scheduler_site.urls", "meetings.views.form", id="the addresses"),
    ],
)
def test_what_is_fine(importer: str, target: str) -> None:
    assert objection(importer, target) is None


def test_imports_inside_functions_are_seen(tmp_path: Path) -> None:
    path = tmp_path / "sample.py"
    path.write_text("def late():\n    from ..models import Room\n    import rooms.search\n")

    assert imported("rooms.views.sample", path, {"rooms.models": path}) == {
        "rooms.models",
        "rooms.search",
    }
