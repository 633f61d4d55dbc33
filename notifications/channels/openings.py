"""The line above a letter's title, and what it means for the reader."""

from dataclasses import replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from meetings import recurrence
from meetings.models import Invitation
from meetings.wallclock import AllDay
from notifications import wording
from notifications.models import Delivery
from notifications.told import Split, Telling

Kind = Delivery.Kind


def opening(telling: Telling) -> str:
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
    if telling.kind == Kind.ENDING:
        return _("Your series comes to its end")
    if telling.kind == Kind.FAILURE:
        return ngettext(
            "A message about your meeting could not be delivered",
            "Messages about your meeting could not be delivered",
            len(telling.failed),
        )
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
        }[answer_of(telling)]
    return {
        Invitation.Status.ACCEPTED: _("%(name)s accepts"),
        Invitation.Status.TENTATIVE: _("%(name)s may come"),
        Invitation.Status.DECLINED: _("%(name)s declines"),
    }[answer_of(telling)]


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


def verdict(telling: Telling) -> str:
    """What it means for the reader, where the opening and the fields do not say it."""
    if telling.split:
        return _verdict_of_split(telling.split)
    if telling.back:
        return _("It was not in your calendar before.")
    if telling.last is not None:
        day = wording.day_of(telling.last, telling.zone, telling.now)
        return _("Its last date is %(day)s. Nothing follows unless you let it go on.") % {
            "day": day
        }
    if telling.failed:
        return _(
            "Correct the address or tell them another way; from the meeting you can send again."
        )
    if any(date.missed for date in telling.dates):
        return _("The page of its dates offers other rooms and other times.")
    if telling.kind != Kind.CANCELLATION:
        return ""
    if telling.is_off:
        return _("You need not come.")
    if telling.recurrence_id or telling.dates:
        return _verdict_of_dates(one=bool(telling.recurrence_id), knows_others=_is_on_all(telling))
    if telling.facts.rrule:
        return _("The series does not take place any more.")
    return _("The meeting does not take place.")


def _is_on_all(telling: Telling) -> bool:
    """Rather than on single dates of the series, of which alone she has heard."""
    return not telling.invitation.recurrence_id


def _verdict_of_dates(*, one: bool, knows_others: bool) -> str:
    if not knows_others:
        return _("This date does not take place.") if one else _("These dates do not take place.")
    if one:
        return _("This date does not take place. The others do.")
    return _("These dates do not take place. The others do.")


def _verdict_of_split(split: Split) -> str:
    if not split.with_her:
        return _("You need not come to what follows.")
    return _("This mail ends the series before that day. Another mail brings what follows.")


def answer_of(telling: Telling) -> Invitation.Status:
    return Invitation.Status(telling.invitation.status)
