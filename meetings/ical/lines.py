"""From the bytes of a calendar file to nested components, with the line each stands in.

The library takes a content line apart; nesting is ours, so that a broken file can be told from
a whole one, and by line. Times stay text here: the library would look up time zones by the file's
own definitions and keep those for the files that follow.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from icalendar.parser import Contentline

from meetings.ical.text import printable, unescape

MAX_BYTES = 10 * 1024 * 1024
MAX_COMPONENTS = 20_000


class BrokenCalendar(ValueError):
    """The file is no whole calendar; says in one sentence why, and in which line."""


@dataclass(frozen=True, slots=True)
class Property:
    """One content line: its parameters, its value as written, and where it stands."""

    params: Mapping[str, str | list[str]]
    raw: str
    line: int

    @property
    def text(self) -> str:
        """The value of a TEXT property (RFC 5545, 3.3.11)."""
        return printable(unescape(self.raw))

    def param(self, name: str) -> str:
        """The parameter of this name, the first of several; '' if it has none."""
        value = self.params.get(name, "")
        return printable(value if isinstance(value, str) else next(iter(value), ""))


@dataclass(slots=True)
class Component:
    """What stands between BEGIN and END, which is in line `line`."""

    name: str
    line: int
    properties: dict[str, list[Property]] = field(default_factory=dict)
    parts: list["Component"] = field(default_factory=list)
    unreadable: list[int] = field(default_factory=list)

    def all(self, name: str) -> list[Property]:
        """Every property of this name, in order."""
        return self.properties.get(name, [])

    def first(self, name: str) -> Property | None:
        """The first property of this name that has a value or parameters."""
        return next((p for p in self.all(name) if p.raw.strip() or p.params), None)

    def text(self, name: str) -> str:
        """The text of the first property of this name; '' if there is none."""
        found = self.first(name)
        return found.text if found else ""

    def word(self, name: str) -> str:
        """The same in upper case without space around it, for values from a fixed list."""
        return self.text(name).strip().upper()


def read_components(data: bytes) -> list[Component]:
    """The calendars in a file. Raises BrokenCalendar unless each is whole."""
    if len(data) > MAX_BYTES:
        raise BrokenCalendar(f"The file is larger than {MAX_BYTES // 1024 // 1024} MB.")
    calendars: list[Component] = []
    open_ones: list[Component] = []
    count = 0
    for number, text in _content_lines(data):
        name, params, raw = _take_apart(text)
        if name == "BEGIN":
            count += 1
            if count > MAX_COMPONENTS:
                raise BrokenCalendar(f"The file has more than {MAX_COMPONENTS} components.")
            _begin(Component(raw.strip().upper(), number), open_ones)
        elif name == "END":
            ended = _end(raw.strip().upper(), number, open_ones)
            (open_ones[-1].parts if open_ones else calendars).append(ended)
        elif not open_ones:
            if calendars and name.startswith("X-"):
                continue
            raise BrokenCalendar(f"Line {number} stands outside of a calendar (BEGIN:VCALENDAR).")
        elif name:
            found = open_ones[-1].properties.setdefault(name, [])
            found.append(Property(params, raw, number))
        else:
            open_ones[-1].unreadable.append(number)
    if open_ones:
        raise BrokenCalendar(
            f"The file is cut off: {open_ones[-1].name}, which begins in line "
            f"{open_ones[-1].line}, has no end."
        )
    if not calendars:
        raise BrokenCalendar("The file is empty: it has no calendar (BEGIN:VCALENDAR).")
    return calendars


def _content_lines(data: bytes) -> Iterator[tuple[int, str]]:
    """Unfolded lines, each with the number of the line it begins in.

    Unfolded as bytes and decoded afterwards, since a fold may cut a character in two.
    """
    number, parts = 0, [b""]
    for n, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        line = line.removesuffix(b"\r")
        if line[:1] in (b" ", b"\t"):
            parts.append(line[1:])
        elif line:
            yield from _decoded(number, parts)
            number, parts = n, [line]
    yield from _decoded(number, parts)


def _decoded(number: int, parts: list[bytes]) -> Iterator[tuple[int, str]]:
    joined = b"".join(parts)
    if not joined.strip():
        return
    try:
        yield number, joined.decode()
    except UnicodeDecodeError:
        raise BrokenCalendar(f"Line {number} is not UTF-8 text.") from None


def _take_apart(text: str) -> tuple[str, Mapping[str, str | list[str]], str]:
    """Name, parameters and value of a content line; an empty name if it is none."""
    try:
        name, params, raw = Contentline(text).raw_parts()  # type: ignore[no-untyped-call]
    except ValueError:
        return "", {}, ""
    return name.upper(), params, raw


def _begin(component: Component, open_ones: list[Component]) -> None:
    if not open_ones and component.name != "VCALENDAR":
        raise BrokenCalendar(
            f"Line {component.line} begins {component.name} outside of a calendar "
            "(BEGIN:VCALENDAR)."
        )
    open_ones.append(component)


def _end(name: str, number: int, open_ones: list[Component]) -> Component:
    if not open_ones:
        raise BrokenCalendar(f"Line {number} ends {name}, which has not begun.")
    component = open_ones.pop()
    if component.name != name:
        raise BrokenCalendar(
            f"Line {number} ends {name}, but {component.name}, which begins in line "
            f"{component.line}, has no end."
        )
    return component
