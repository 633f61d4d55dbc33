"""What was done, would be done, or was refused, in lines for one person."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse

from accounts.models import User
from meetings.dates import coming, date_of
from meetings.displacedwords import displaced_words
from meetings.models import Meeting
from meetings.problems import Refusal, Severity, Undecided
from meetings.readable import Finding, readable
from meetings.rulewords import rule_words
from meetings.scheduler import Conflicted, Done, Plan
from meetings.slots import SeriesAlternative
from meetings.views.offers import when_words
from meetings.views.planwords import listed, people_words, plan_words
from meetings.wallclock import AllDay, When
from rooms.models import Room

MOST = 20


def done_lines(
    done: Done, said: str, reader: User, *, date: str, cancel: bool, now: datetime
) -> Iterator[str]:
    """What a command did: `said`, and to what; then what is worth knowing, and where to look."""
    meeting = Meeting.objects.with_people().get(pk=done.meeting.pk)
    done_words = "Nothing has changed" if done.change is None else said
    yield f"{done_words}: {_named(meeting, reader, date, now)}."
    if done.plan is not None and done.change is not None:
        if done.plan.told:
            yield f"Mails go to {people_words([told.person for told in done.plan.told])}."
        yield from _aside(done.plan, reader, cancel=cancel)
    yield f"Its UID is {meeting.uid}, its page"
    yield urljoin(settings.BASE_URL, reverse("meetings:meeting", args=[meeting.uid]))


def plan_lines(plan: Plan, reader: User, *, editing: bool, cancel: bool) -> Iterator[str]:
    """What would be done."""
    when = _when(plan.proposal.dates[0], reader) if plan.proposal.dates else ""
    yield f"Nothing was done. It would be possible: {plan.draft.title}, {when}."
    yield f"{plan_words(plan, editing=editing)}."
    yield from _aside(plan, reader, cancel=cancel)


def refusal_lines(refusal: Refusal, reader: User) -> Iterator[str]:
    """Why nothing was done, and what can be done instead."""
    yield str(refusal)
    if isinstance(refusal, Undecided):
        yield f"Dates concerned: {', '.join(refusal.dates)}. Add --orphans keep or drop."
    if not isinstance(refusal, Conflicted):
        return
    plan = refusal.plan
    found = readable(plan.problems, reader, reader.zone)
    yield from _findings([one for one in found if one.severity >= Severity.WARNS])
    yield from _displaced(plan, reader, cancel=False)
    for alternative in refusal.alternatives:
        rooms = [room.name for room in alternative.rooms]
        place = f", in {listed(rooms)}" if rooms else ""
        some = ""
        if isinstance(alternative, SeriesAlternative) and alternative.colliding:
            some = f"; {alternative.colliding} of {alternative.of} dates collide then"
        first = ", first date" if plan.draft.repeats else ""
        yield f"  Instead{first}: {_when(alternative.when, reader)}{place}{some}."
    if not plan.refused:
        yield f"  All the same: --on-conflict ask --seen {plan.fingerprint}"


def _named(meeting: Meeting, reader: User, date: str, now: datetime) -> str:
    """`Design review, Wed 10 March, 10:00–11:00 (Europe/Berlin), in Blue Room`."""
    if meeting.is_series and not date:
        said = [meeting.title, rule_words(meeting.when, meeting.rrule)]
        said += [f"next {_when(row.when, reader)}" for row in coming(meeting, now, most=1)]
        rooms = list(meeting.rooms.all())
    else:
        row = date_of(meeting, date) if date else meeting.occurrence
        said = [row.shown_title, _when(row.when, reader)]
        own = row.room_ids
        wanted = meeting.rooms.all() if own is None else Room.objects.filter(pk__in=own)
        rooms = list(wanted.order_by("name"))
    if rooms:
        said.append(f"in {listed([room.name for room in rooms])}")
    return ", ".join(said)


def _when(when: When, reader: User) -> str:
    """`Wed 10 March, 10:00–11:00 (Europe/Berlin)`; `Wed 10 – Thu 11 March, all day`."""
    more = ", all day" if isinstance(when, AllDay) else f" ({reader.zone.key})"
    return when_words(when, reader.zone) + more


def _aside(plan: Plan, reader: User, *, cancel: bool) -> Iterator[str]:
    """What does not stand in the way."""
    yield from _findings(readable(plan.problems, reader, reader.zone))
    yield from _displaced(plan, reader, cancel=cancel)


def _findings(found: Sequence[Finding]) -> Iterator[str]:
    """Each once, however many dates of a series it stands against."""
    said = Counter(f"  {finding.headline} {finding.detail}".rstrip() for finding in found)
    for words, dates in islice(said.items(), MOST):
        yield words if dates == 1 else f"{words} ({dates} dates)"
    if len(said) > MOST:
        yield f"  and {len(said) - MOST} more, which --json lists."


def _displaced(plan: Plan, reader: User, *, cancel: bool) -> Iterator[str]:
    for sentence in displaced_words(plan.displaced, reader, reader.zone, cancel=cancel):
        yield f"  {sentence}."


def cancelling_lines(plan: Plan, said: str, reader: User, date: str) -> Iterator[str]:
    """What was called off, or would be."""
    meeting = plan.sheets[0].meeting
    gone = [one for one in plan.dates if one.before is not None and one.after is None]
    when = f"{len(gone)} dates" if meeting.is_series and not date else ""
    if date or not meeting.is_series:
        whens = [one.before for one in gone if one.before] or [plan.draft.when]
        when = _when(whens[0], reader)
    yield f"{said}: {plan.draft.title}, {when}."
    if plan.kept_past and meeting.is_series:
        yield f"Dates that have begun stay: {plan.kept_past}."
    if plan.rooms_released:
        yield f"Free again: {listed([room.name for room in plan.rooms_released])}."
    if plan.told:
        yield f"Mails go to {people_words([told.person for told in plan.told])}."


ANSWERS = {"accepted": "accepts", "tentative": "perhaps comes to", "declined": "declines"}


def answer_lines(
    done: Done, answer: str, reader: User, *, date: str, now: datetime
) -> Iterator[str]:
    """Who has answered what."""
    named = _named(done.meeting, reader, date, now)
    if done.change is None:
        yield f"That was the answer already: {reader} {ANSWERS[answer]} {named}."
    else:
        yield f"{reader} {ANSWERS[answer]} {named}."
