"""Who organizes an event and who is invited (ORGANIZER and ATTENDEE)."""

import re

from meetings.ical.lines import Component, Property
from meetings.ical.text import one_line
from meetings.ical.values import Answer, Attendee, Kind, Person, Role

ROLES: dict[Role, str] = {
    "required": "REQ-PARTICIPANT",
    "optional": "OPT-PARTICIPANT",
    "chair": "CHAIR",
    "non-participant": "NON-PARTICIPANT",
}
_ROLES = {word: role for role, word in ROLES.items()}
_ANSWERS: dict[str, Answer] = {
    "ACCEPTED": "accepted",
    "DECLINED": "declined",
    "TENTATIVE": "tentative",
    "DELEGATED": "delegated",
}
_KINDS: dict[str, Kind] = {
    "": "individual",
    "INDIVIDUAL": "individual",
    "GROUP": "group",
    "ROOM": "room",
    "RESOURCE": "resource",
}
_ADDRESS = re.compile(r"[^@\s<>]+@[^@\s<>]+")


def read_organizer(event: Component) -> Person | None:
    """Who organizes it; None without an e-mail address."""
    found = event.first("ORGANIZER")
    email = _email(found) if found else ""
    return Person(email, one_line(found.param("CN"))) if found and email else None


def read_attendees(event: Component) -> tuple[tuple[Attendee, ...], list[str]]:
    """Who is invited, each address once, and a remark on everybody without one."""
    attendees: dict[str, Attendee] = {}
    remarks = []
    for found in event.all("ATTENDEE"):
        email, name = _email(found), one_line(found.param("CN"))
        if email:
            attendees.setdefault(email, _attendee(found, email, name))
        else:
            who = name or one_line(found.raw) or "without a name"
            remarks.append(f"Attendee “{who[:60]}” has no e-mail address and was left out.")
    return tuple(attendees.values()), remarks


def _attendee(found: Property, email: str, name: str) -> Attendee:
    return Attendee(
        email=email,
        name=name,
        role=_ROLES.get(found.param("ROLE").upper(), "required"),
        answer=_ANSWERS.get(found.param("PARTSTAT").upper(), "needs-action"),
        kind=_KINDS.get(found.param("CUTYPE").upper(), "unknown"),
    )


def _email(found: Property) -> str:
    """The address in lower case; '' if there is none. Apple puts it into a parameter EMAIL."""
    address = one_line(found.raw)
    if address[:7].lower() == "mailto:":
        address = address[7:]
    for candidate in (address, found.param("EMAIL")):
        candidate = candidate.strip().strip("<>").lower()
        if _ADDRESS.fullmatch(candidate):
            return candidate
    return ""
