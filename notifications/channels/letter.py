"""What a mail says: its subject, its names, and the words for its templates."""

from dataclasses import dataclass
from typing import Any

from django.utils.text import Truncator
from django.utils.translation import gettext as _

from meetings.dates import date_of
from meetings.events import TO_ORGANIZER
from meetings.models import Invitation, Meeting
from meetings.models.invitation import on_date
from notifications import wording
from notifications.channels import links
from notifications.channels.openings import answer_of, opening, verdict
from notifications.models import Delivery
from notifications.roomless import free_instead
from notifications.told import Telling

Kind = Delivery.Kind
LONGEST_TITLE = 120


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail's words. `sender` and `recipient` are names, `reply_to` a name and an address."""

    subject: str
    sender: str
    recipient: str
    reply_to: tuple[str, str]
    context: dict[str, Any]


def letter_of(telling: Telling) -> Letter:
    """The words of this message."""
    meeting, invitation = telling.meeting, telling.invitation
    organizer = (meeting.organizer_shown, meeting.organizer_address)
    if telling.kind in TO_ORGANIZER:
        answerer = (invitation.shown_name, invitation.address)
        return Letter(
            _subject(telling), via(answerer[0]), organizer[0], answerer, _context(telling)
        )
    by_itself = telling.kind in (Kind.REMINDER, Kind.ENDING, Kind.FAILURE)
    sender = _("Scheduler") if by_itself else via(organizer[0])
    return Letter(_subject(telling), sender, invitation.shown_name, organizer, _context(telling))


def via(name: str) -> str:
    """How somebody is named for whom the service writes."""
    return _("%(name)s via Scheduler") % {"name": name}


def _subject(telling: Telling) -> str:
    patterns = {
        Kind.INVITATION: _("Invitation: %(title)s, %(when)s"),
        Kind.UPDATE: _("Changed: %(title)s, %(when)s"),
        Kind.CANCELLATION: _("Cancelled: %(title)s, %(when)s"),
        Kind.REMINDER: _("Reminder: %(title)s, %(when)s"),
    }
    answers = {
        Invitation.Status.ACCEPTED: _("Accepted by %(name)s: %(title)s, %(when)s"),
        Invitation.Status.TENTATIVE: _("Maybe from %(name)s: %(title)s, %(when)s"),
        Invitation.Status.DECLINED: _("Declined by %(name)s: %(title)s, %(when)s"),
    }
    patterns |= {
        Kind.PROPOSAL: _("%(name)s proposes another time: %(title)s, %(when)s"),
        Kind.REJECTION: _("Stays as it is: %(title)s, %(when)s"),
        Kind.ENDING: _("Ends soon: %(title)s, %(when)s"),
        Kind.FAILURE: _("Not delivered: %(title)s, %(when)s"),
    }
    if any(date.missed for date in telling.dates):
        patterns[Kind.UPDATE] = _("No room: %(title)s, %(when)s")
    asked = telling.kind != Kind.ANSWER
    pattern = patterns[Kind(telling.kind)] if asked else answers[answer_of(telling)]
    return pattern % {
        "name": telling.invitation.shown_name,
        "title": Truncator(telling.facts.title).chars(LONGEST_TITLE),
        "when": wording.rule_line(telling.facts)
        or wording.line_of(telling.facts.when, telling.zone, telling.now),
    }


def _proposed(telling: Telling) -> list[str]:
    """The proposed times, a line each, in the reader's zone."""
    if telling.proposal is None:
        return []
    name, meeting = telling.proposal.recurrence_id, telling.meeting
    date = date_of(meeting, name) if name else meeting.occurrence
    return [
        wording.line_of(when, telling.zone, telling.now) for when in telling.proposal.whens(date)
    ]


def _failed(telling: Telling) -> list[wording.Line]:
    """Who was not reached, by which message, and why."""
    return [wording.Line(_named(row), row.get_kind_display(), row.error) for row in telling.failed]


def _named(row: Delivery) -> str:
    name = row.invitation.shown_name
    return row.address if name == row.address else f"{name} <{row.address}>"


def _context(telling: Telling) -> dict[str, Any]:
    facts, zone, now = telling.facts, telling.zone, telling.now
    return {
        "telling": telling,
        "facts": facts,
        "opening": opening(telling),
        "subject": _subject(telling),
        "moment": wording.moment_of(facts.when, zone, now),
        "elsewhere": _elsewhere(telling),
        "rule": wording.rule_line(facts),
        "dates": wording.dates_lines(telling.dates, zone, now, free=free_instead(telling)),
        "verdict": verdict(telling),
        "line": wording.line_of(facts.when, zone, now),
        "rooms": ", ".join(facts.rooms),
        "people": wording.names_words(_others(telling)),
        "altered": wording.altered_lines(telling.altered, zone, now),
        "reason": telling.reason,
        "note": telling.proposal.note if telling.proposal else telling.invitation.note,
        "proposed": _proposed(telling),
        "failed": _failed(telling),
        "organizer": telling.meeting.organizer_shown,
        "why": _why(telling),
        "page": links.page_of(telling),
        "displaced": telling.displaced,
        "talk_to": _talk_to(telling),
        "change_page": links.change_page(telling),
        "mend": links.mend_page(telling) if telling.displaced else "",
        "is_invited": not telling.invitation.is_organizers,
        "answers": _answers(telling),
        "propose": _propose(telling),
    }


def _talk_to(telling: Telling) -> str:
    """Whom to ask about a room that was taken."""
    if telling.displaced is None:
        return ""
    return _("Talk to %(name)s, %(address)s.") % {
        "name": telling.displaced.name,
        "address": telling.displaced.address,
    }


def _elsewhere(telling: Telling) -> str:
    """The organizer's own time, where it differs."""
    meeting = telling.meeting
    there = meeting.organizer.zone if meeting.organizer else meeting.zone
    name = meeting.organizer.first_name if meeting.organizer else meeting.organizer_shown
    return wording.elsewhere_words(telling.facts.when, telling.zone, there, telling.now, name)


def _others(telling: Telling) -> list[str]:
    """Who else is asked; only those who are asked themselves learn it."""
    if telling.kind == Kind.CANCELLATION:
        return []
    return [
        invitation.shown_name
        for invitation in on_date(telling.meeting.invitations.all(), telling.recurrence_id)
        if not invitation.is_organizers
        and (invitation.person != telling.invitation.person or telling.kind in TO_ORGANIZER)
    ]


def _answers(telling: Telling) -> list[tuple[str, str]]:
    """The buttons: a word and a link each; only where an answer is asked for."""
    asked = telling.kind in (Kind.INVITATION, Kind.UPDATE, Kind.REMINDER)
    if not asked or telling.invitation.is_organizers or telling.split:
        return []
    links_ = links.answer_links(telling)
    words = {
        Invitation.Status.ACCEPTED: _("Accept"),
        Invitation.Status.TENTATIVE: _("Maybe"),
        Invitation.Status.DECLINED: _("Decline"),
    }
    return [(words[Invitation.Status(answer)], link) for answer, link in links_.items()]


def _propose(telling: Telling) -> str:
    """Where another time can be proposed; only beside an invitation or a change to answer."""
    asked = telling.kind in (Kind.INVITATION, Kind.UPDATE) and _answers(telling)
    return links.propose_page(telling) if asked and telling.meeting.organizer else ""


def _why(telling: Telling) -> str:
    """Why the recipient gets this mail."""
    meeting: Meeting = telling.meeting
    own = telling.invitation.is_organizers or telling.kind in TO_ORGANIZER
    if own:
        return _("You get this mail because you organize the meeting.")
    return _("You get this mail because %(organizer)s invited %(address)s.") % {
        "organizer": meeting.organizer_address,
        "address": telling.delivery.address,
    }
