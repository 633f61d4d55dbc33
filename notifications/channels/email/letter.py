"""What a mail says: its subject, its names, and the words for its templates."""

from dataclasses import dataclass, replace
from typing import Any

from django.utils.text import Truncator
from django.utils.translation import gettext as _

from meetings import recurrence
from meetings.dates import date_of
from meetings.events import TO_ORGANIZER
from meetings.models import Invitation, Meeting
from meetings.models.invitation import on_date
from meetings.wallclock import AllDay
from notifications import wording
from notifications.channels.email import links
from notifications.models import Delivery
from notifications.roomless import free_instead
from notifications.telling import Split, Telling

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
    sender = _("Scheduler") if telling.kind == Kind.REMINDER else via(organizer[0])
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
    }
    if any(date.missed for date in telling.dates):
        patterns[Kind.UPDATE] = _("No room: %(title)s, %(when)s")
    asked = telling.kind != Kind.ANSWER
    pattern = patterns[Kind(telling.kind)] if asked else answers[_status(telling)]
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


def _status(telling: Telling) -> Invitation.Status:
    return Invitation.Status(telling.invitation.status)


def _context(telling: Telling) -> dict[str, Any]:
    facts, zone, now = telling.facts, telling.zone, telling.now
    return {
        "telling": telling,
        "facts": facts,
        "opening": _opening(telling),
        "subject": _subject(telling),
        "moment": wording.moment_of(facts.when, zone, now),
        "elsewhere": _elsewhere(telling),
        "rule": wording.rule_line(facts),
        "dates": wording.dates_lines(telling.dates, zone, now, free=free_instead(telling)),
        "verdict": _verdict(telling),
        "line": wording.line_of(facts.when, zone, now),
        "rooms": ", ".join(facts.rooms),
        "people": wording.names_words(_others(telling)),
        "altered": wording.altered_lines(telling.altered, zone, now),
        "reason": telling.reason,
        "note": telling.proposal.note if telling.proposal else telling.invitation.note,
        "proposed": _proposed(telling),
        "organizer": telling.meeting.organizer_shown,
        "why": _why(telling),
        "page": links.page_of(telling),
        "displaced": telling.displaced,
        "talk_to": _talk_to(telling),
        "mend": links.mend_page(telling) if telling.displaced else "",
        "is_invited": not telling.invitation.is_organizers,
        "answers": _answers(telling),
        "propose": _propose(telling),
    }


def _opening(telling: Telling) -> str:
    """The line above the title: who does what, or how soon it is."""
    names = {
        "organizer": telling.meeting.organizer_shown,
        "name": telling.invitation.shown_name,
    }
    if telling.kind == Kind.ANSWER:
        return _opening_of_answer(telling) % names
    if telling.kind == Kind.REMINDER:
        assert telling.delivery.start is not None  # the constraint says so
        return wording.soon_words(
            telling.delivery.start,
            telling.now,
            all_day=isinstance(telling.facts.when, AllDay),
            zone=telling.zone,
        )
    if telling.displaced and telling.kind in (Kind.UPDATE, Kind.CANCELLATION):
        return _opening_of_displaced(telling)
    if telling.kind == Kind.CANCELLATION:
        return _opening_of_cancellation(telling) % names
    if telling.kind == Kind.UPDATE:
        split = telling.split
        first = split.first if split else telling.facts.first or telling.facts.when
        names["day"] = wording.day_of(first, telling.zone, telling.now)
        return _opening_of_update(telling) % names
    if telling.kind == Kind.PROPOSAL:
        return _("%(name)s proposes another time for") % names
    if telling.kind == Kind.REJECTION:
        return _("%(organizer)s cannot take the time that you proposed for") % names
    if telling.recurrence_id:
        return _("%(organizer)s invites you to one date of a series") % names
    return _("%(organizer)s invites you") % names


def _opening_of_answer(telling: Telling) -> str:
    if telling.recurrence_id:
        return {
            Invitation.Status.ACCEPTED: _("%(name)s accepts this date of a series"),
            Invitation.Status.TENTATIVE: _("%(name)s may come to this date of a series"),
            Invitation.Status.DECLINED: _("%(name)s declines this date of a series"),
        }[_status(telling)]
    return {
        Invitation.Status.ACCEPTED: _("%(name)s accepts"),
        Invitation.Status.TENTATIVE: _("%(name)s may come"),
        Invitation.Status.DECLINED: _("%(name)s declines"),
    }[_status(telling)]


def _talk_to(telling: Telling) -> str:
    """Whom to ask about a room that was taken."""
    if telling.displaced is None:
        return ""
    return _("Talk to %(name)s, %(address)s.") % {
        "name": telling.displaced.name,
        "address": telling.displaced.address,
    }


def _opening_of_displaced(telling: Telling) -> str:
    assert telling.displaced is not None
    taker = {"name": telling.displaced.name}
    if telling.dates:
        return _("%(name)s took the room of dates of this series for another meeting") % taker
    if telling.recurrence_id:
        return _("%(name)s took the room of one date of a series for another meeting") % taker
    return _("%(name)s took the room for another meeting") % taker


def _opening_of_cancellation(telling: Telling) -> str:
    if telling.is_off:
        if telling.recurrence_id:
            return _("%(organizer)s took you off this date of a series")
        if telling.facts.rrule:
            return _("%(organizer)s took you off this series")
        return _("%(organizer)s took you off this meeting")
    if telling.dates:
        return _("%(organizer)s cancelled dates of this series")
    if telling.recurrence_id:
        return _("%(organizer)s cancelled this date of a series")
    if telling.facts.rrule:
        return _("%(organizer)s cancelled this series")
    return _("%(organizer)s cancelled this meeting")


def _opening_of_update(telling: Telling) -> str:
    if any(date.missed for date in telling.dates):
        return _("A room was not to be had when it could be booked")
    if telling.clocks and telling.dates:
        return _("New rules of a time zone moved dates of this series; their local time stays")
    if telling.clocks:
        return _("New rules of a time zone moved this meeting; its local time stays")
    if telling.by_itself:
        return _("%(organizer)s keeps this date of a series as a meeting of its own")
    if telling.split and not telling.split.with_her:
        return _("%(organizer)s took you off this series from %(day)s on")
    if telling.part or telling.split:
        return _("%(organizer)s changed this series from %(day)s on")
    if _ends(telling):
        return _("%(organizer)s lets this series end")
    if telling.dates and not telling.altered:
        return _("%(organizer)s changed dates of this series")
    if telling.back:
        return _("%(organizer)s lets this date of a series take place")
    if telling.recurrence_id:
        return _("%(organizer)s changed one date of a series")
    if telling.facts.rrule:
        return _("%(organizer)s changed this series")
    return _("%(organizer)s changed this meeting")


def _ends(telling: Telling) -> bool:
    """Whether all that changed is when a series ends."""
    if [altered.field for altered in telling.altered] != ["repeats"]:
        return False
    (first, was), (then, now) = telling.altered[0].was, telling.altered[0].now
    if not (was and now) or first != then:
        return False
    if _endless(was) != _endless(now):
        return False
    old, new = recurrence.last(first, was), recurrence.last(then, now)
    return new is not None and (old is None or new.during() < old.during())


def _endless(rule: str) -> str:
    return replace(recurrence.parts(rule), count=None, until=None).text()


def _verdict(telling: Telling) -> str:
    """What it means for the reader, where the opening and the fields do not say it."""
    if telling.split:
        return _verdict_of_split(telling.split)
    if telling.back:
        return _("It was not in your calendar before.")
    if any(date.missed for date in telling.dates):
        return _("The page of its dates offers other rooms and other times.")
    if telling.kind != Kind.CANCELLATION:
        return ""
    if telling.is_off:
        return _("You need not come.")
    if telling.recurrence_id:
        return _("This date does not take place. The others do.")
    if telling.dates:
        return _("These dates do not take place. The others do.")
    if telling.facts.rrule:
        return _("The series does not take place any more.")
    return _("The meeting does not take place.")


def _verdict_of_split(split: Split) -> str:
    if not split.with_her:
        return _("You need not come to what follows.")
    return _("This mail ends the series before that day. A second one brings what follows.")


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
