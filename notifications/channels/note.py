"""A message in few words, for where there is no room for a mail."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from django.utils.text import Truncator
from django.utils.translation import gettext as _

from notifications import wording
from notifications.channels.email.mail import header
from notifications.channels.letter import letter_of
from notifications.models import Delivery
from notifications.told import Telling

Kind = Delivery.Kind
LONGEST_VALUE = 100
MOST_LINES = 12


@dataclass(frozen=True, slots=True)
class Note:
    """A title, a few lines and, unless there is nothing to see, a link."""

    title: str
    lines: tuple[str, ...]
    link: str

    @property
    def words(self) -> str:
        """All of it but the link."""
        return "\n".join([self.title, *self.lines])

    def translated(self, table: Mapping[int, str]) -> Self:
        """With other letters in its words, as `str.translate` has it."""
        lines = tuple(line.translate(table) for line in self.lines)
        return replace(self, title=self.title.translate(table), lines=lines)

    def short(self, longest: int) -> str:
        """All of it in at most `longest` characters, if the link is not longer by itself."""
        if not self.link:
            return _cut(self.words, longest, "...")
        room = max(0, longest - len(self.link) - 1)
        return "\n".join(filter(None, [_cut(self.words, room, "..."), self.link]))


def note_of(telling: Telling) -> Note:
    """The words of this message, in the recipient's zone."""
    letter = letter_of(telling)
    context = letter.context
    lines = [_opening(telling, context), *_changes(context), *_words(telling, context)]
    said = tuple(filter(None, map(header, lines)))
    return Note(
        title=header(letter.subject),
        lines=said[:MOST_LINES],
        # Whoever was taken off sees nothing there, and what is off is told in full.
        link="" if telling.kind == Kind.CANCELLATION else context["page"],
    )


def _opening(telling: Telling, context: dict[str, Any]) -> str:
    """Who does what or how soon it is, or what the times are that follow."""
    if telling.kind == Kind.PROPOSAL:
        return _("Proposed instead:")
    if telling.kind == Kind.REJECTION:
        return _("You proposed:")
    return "" if telling.kind == Kind.ANSWER else context["opening"]  # as its title says


def _changes(context: dict[str, Any]) -> Iterator[str]:
    """What became of what: `Time: Thu 12 March, 14:00 → Fri 13 March, 9:00`."""
    for line in context["altered"]:
        yield _became(line)
    for line in context["dates"]:
        was, now, label = line.was, line.now, line.label
        yield _became(line) if was else f"{label}: {now}" if label else now
    for line in context["failed"]:
        yield _("%(who)s: %(why)s") % {"who": line.label, "why": _cut(line.now)}
    yield from context["proposed"]


def _became(line: wording.Line) -> str:
    return _("%(field)s: %(was)s → %(now)s") % {
        "field": line.label,
        "was": _cut(line.was),
        "now": _cut(line.now),
    }


def _words(telling: Telling, context: dict[str, Any]) -> Iterator[str]:
    """What people said about it, and where it is."""
    if telling.kind in (Kind.ANSWER, Kind.PROPOSAL) and context["note"]:
        yield f"“{_cut(context['note'])}”"
    if context["reason"]:
        yield f"“{_cut(context['reason'])}”"
    if telling.displaced and telling.kind in (Kind.UPDATE, Kind.CANCELLATION):
        yield f"“{_cut(telling.displaced.reason)}” {context['talk_to']}"
    if telling.kind in (Kind.INVITATION, Kind.REMINDER):
        yield ", ".join(filter(None, [context["rooms"], context["facts"].location]))
    if not telling.split:  # its words are about the two mails
        yield context["verdict"]


def _cut(text: str, longest: int = LONGEST_VALUE, ellipsis: str = "…") -> str:
    return Truncator(text).chars(longest, truncate=ellipsis)
