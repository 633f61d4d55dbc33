"""What a person wants of a meeting: the input of every command that makes or edits one."""

import re
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from meetings.problems import InvalidDraft
from meetings.recurrence import ONCE, BadRule, canonical, dates
from meetings.rulewords import bad_rule_words
from meetings.wallclock import AllDay, When

REMINDER_LEADS = (0, 5, 10, 15, 30, 60, 120, 240, 1440, 2880, 10080)
"""How long before a start somebody can be reminded, in minutes."""

PLAIN_FIELDS = (
    "title",
    "description",
    "location",
    "join_link",
    "priority",
    "visibility",
    "transparency",
    "tentative",
)
"""What a draft and a meeting hold alike; times, people and rooms take more than a copy."""

MOST_ATTENDEES = 500
LONGEST = {"title": 300, "description": 20_000, "location": 500, "join_link": 1000}

ADDRESS = re.compile(r"[^@\s<>,;:\"()\[\]\\]+@[^@\s<>,;:\"()\[\]\\]+\.[^@\s<>,;:\"()\[\]\\.]+")
# Anything else (javascript:, data:) could run in a reader's browser.
LINK = re.compile(r"https?://[^\s\"<>]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Attendee:
    """Somebody asked to come. The address of an account *is* that person."""

    email: str
    role: str = "required"
    name: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """All that the organizer decides. `attendees` are without the organizer.

    `zone` is the meeting's: of a timed one that of `when`, of an all-day one where guests
    whose zone is unknown read it. `transparency` left empty is busy, but free for an all-day
    meeting that concerns nobody else and holds no room.

    `rrule` is empty for a single meeting; the first date is that of `when`. `exdates` and
    `rdates` are recurrence-ids of dates to leave out and to add, to what there is already.
    """

    title: str
    when: When
    zone: ZoneInfo
    description: str = ""
    location: str = ""
    join_link: str = ""
    attendees: tuple[Attendee, ...] = ()
    room_ids: tuple[int, ...] = ()
    priority: int = 2
    visibility: str = "public"
    transparency: str = ""
    tentative: bool = False
    reminders: tuple[int, ...] = ()
    rrule: str = ""
    exdates: tuple[str, ...] = ()
    rdates: tuple[str, ...] = ()

    def checked(self) -> "Draft":
        """The same in one spelling (trimmed, lower-case addresses, each person and room once).

        Raises InvalidDraft with a sentence for each field that cannot be.
        """
        draft = replace(
            self,
            title=" ".join(self.title.split()),
            description=self.description.strip().replace("\r\n", "\n"),
            location=" ".join(self.location.split()),
            join_link=self.join_link.strip(),
            attendees=_each_once(self.attendees),
            room_ids=tuple(dict.fromkeys(self.room_ids)),
            reminders=tuple(sorted(set(self.reminders))),
            transparency=self.transparency or self.usual_transparency(),
            exdates=tuple(sorted(set(self.exdates))),
            rdates=tuple(sorted(set(self.rdates))),
        )
        errors = _errors(draft)
        try:
            rrule = canonical(self.rrule, self.when) or (ONCE if draft.rdates else "")
            draft = replace(draft, rrule=rrule)
            if not _leaves_some(draft):
                errors["rrule"] = _("No date is left: leave out fewer of them.")
        except BadRule as error:
            errors["rrule"] = bad_rule_words(error)
        if errors:
            raise InvalidDraft(errors)
        return draft

    @property
    def repeats(self) -> bool:
        """Whether it is a series."""
        return bool(self.rrule or self.rdates)

    def usual_transparency(self) -> str:
        """Busy, but free for an all-day meeting that concerns nobody else and holds no room."""
        alone = isinstance(self.when, AllDay) and not self.attendees and not self.room_ids
        return "free" if alone else "busy"


def _leaves_some(draft: Draft) -> bool:
    """Whether not all dates of a series are left out."""
    left_out = set(draft.exdates)
    if not left_out or set(draft.rdates) - left_out:
        return True
    return any(when.recurrence_id() not in left_out for when in dates(draft.when, draft.rrule))


def _each_once(attendees: tuple[Attendee, ...]) -> tuple[Attendee, ...]:
    """One row per address; somebody named twice is required if one of the rows says so."""
    people: dict[str, Attendee] = {}
    for attendee in attendees:
        email = attendee.email.strip().lower()
        known = people.get(email)
        if known is None or (known.role == "optional" and attendee.role == "required"):
            people[email] = replace(attendee, email=email)
    return tuple(people.values())


def _errors(draft: Draft) -> dict[str, str]:
    errors: dict[str, str] = {}
    if not draft.title:
        errors["title"] = _("Give the meeting a title.")
    for field, most in LONGEST.items():
        if len(getattr(draft, field)) > most:
            errors[field] = _("That is too long: at most %(most)d characters.") % {"most": most}
        if "\x00" in getattr(draft, field):
            errors[field] = _("That holds a character that cannot be stored; type it again.")
    if draft.join_link and not LINK.fullmatch(draft.join_link):
        errors["join_link"] = _("A join link begins with https:// or http://.")
    wrong = [person.email for person in draft.attendees if not ADDRESS.fullmatch(person.email)]
    if wrong:
        errors["attendees"] = _("“%(text)s” is not an e-mail address.") % {"text": wrong[0]}
    elif any(len(person.email) > 254 for person in draft.attendees):
        errors["attendees"] = _("An e-mail address has at most 254 characters.")
    elif len(draft.attendees) > MOST_ATTENDEES:
        errors["attendees"] = _("At most %(most)d people can be invited.") % {
            "most": MOST_ATTENDEES
        }
    if any(lead not in REMINDER_LEADS for lead in draft.reminders):
        errors["reminders"] = _("Choose reminders from the list: %(leads)s minutes before.") % {
            "leads": ", ".join(map(str, REMINDER_LEADS))
        }
    choices = {
        "priority": (1, 2, 3),
        "visibility": ("public", "private"),
        "transparency": ("busy", "free"),
    }
    for field, allowed in choices.items():
        if getattr(draft, field) not in allowed:
            errors[field] = _("Choose one of %(allowed)s.") % {
                "allowed": ", ".join(map(str, allowed))
            }
    if any(person.role not in ("required", "optional") for person in draft.attendees):
        errors["attendees"] = _("Somebody is either required or optional.")
    return errors
