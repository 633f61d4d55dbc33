"""Proposed times as the organizer sees them, and her answer to them."""

import re
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.http import SignedInRequest
from accounts.models import User
from meetings import scheduler
from meetings.models import CounterProposal, Occurrence
from meetings.permissions import may_edit
from meetings.problems import Refusal
from meetings.proposals import Suits, how_they_suit, open_proposals
from meetings.readable import readable
from meetings.scheduler import Conflicted, Plan
from meetings.views.offers import when_words
from meetings.views.outcome import calendar_address, told_words
from meetings.views.planwords import listed
from meetings.views.strips import Strips, strips_for
from meetings.views.undo import say_done

_NUMBER = re.compile(r"\d{1,12}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ShownTime:
    """One proposed time: in words, how it suits, everybody's day, the rooms that could stand in.

    Each of `others` is what its button sends, and the name of the room.
    """

    suits: Suits
    when: str
    who: str
    strips: Strips
    others: tuple[tuple[str, str], ...]


def proposals_for(occurrence: Occurrence, reader: User, now: datetime) -> dict[str, object]:
    """What the page of a meeting says of what is proposed for it, to the organizer's side.

    `proposals` are those for that date, each with its times; `elsewhere` are the other dates of
    a series for which something is proposed, soonest first.
    """
    found = open_proposals(occurrence.meeting, now)
    here = [p for p in found if p.occurrence.recurrence_id == occurrence.recurrence_id]
    others = {p.occurrence.recurrence_id: p.occurrence for p in found if p not in here}
    suits = how_they_suit(occurrence, here, reader, now) if here else {}
    times = [each for p in here for each in suits[p.proposal.pk]]
    strips = iter(strips_for(occurrence, times, reader=reader, now=now))
    return {
        "proposals": [
            (p.proposal, [_shown(s, reader, next(strips)) for s in suits[p.proposal.pk]])
            for p in here
        ],
        "elsewhere": sorted(others.values(), key=lambda date: date.stretch),
    }


def _shown(suits: Suits, reader: User, strips: Strips) -> ShownTime:
    others = tuple(
        (f"{suits.number}/{_ids(suits.room_ids_with(room))}", room.name) for room in suits.others
    )
    return ShownTime(suits, when_words(suits.when, reader.zone), _who(suits), strips, others)


def _ids(ids: list[int]) -> str:
    return ",".join(map(str, ids))


def _who(suits: Suits) -> str:
    """`3 of 4 can come: Ana, Ben and Rae.` and whose calendar is not here."""
    names = listed([str(user) for user in suits.free])
    said = _("%(free)d of %(of)d can come") % {"free": len(suits.free), "of": suits.of}
    said = f"{said}: {names}." if names else f"{said}."
    if not suits.unknown:
        return said
    guests = ngettext(
        "The calendar of %(n)d guest is not known here.",
        "The calendars of %(n)d guests are not known here.",
        suits.unknown,
    )
    return f"{said} {guests % {'n': suits.unknown}}"


@login_required
@require_POST
def answer(request: SignedInRequest, uid: uuid.UUID) -> HttpResponse:
    """Accept one of the proposed times, or decline all of them.

    `accept` is the number of the time or, into other rooms, `1/23,42` with their ids.
    """
    rows = CounterProposal.objects.select_related("meeting__organizer", "invitation__user")
    proposal = rows.filter(uid=uid).first()
    if proposal is None or not may_edit(request.user, proposal.meeting):
        raise Http404
    now = timezone.now()
    try:
        if "accept" in request.POST:
            return _accept(request, proposal, now)
        scheduler.decline_proposal(
            proposal, by=request.user, now=now, reason=request.POST.get("reason", "")
        )
        name = proposal.invitation.shown_name
        messages.success(request, _("Declined. %(name)s is told, nobody else.") % {"name": name})
    except Conflicted as conflict:
        return _conflicted(request, proposal, conflict.plan)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect(_page(proposal))


def _accept(request: SignedInRequest, proposal: CounterProposal, now: datetime) -> HttpResponse:
    number, slash, rooms = request.POST["accept"].partition("/")
    done = scheduler.accept_proposal(
        proposal,
        _number(number),
        by=request.user,
        now=now,
        policy="allow" if request.POST.get("policy") == "allow" else "reject",
        seen=request.POST.get("seen") or None,
        undo=timedelta(seconds=settings.UNDO_SECONDS),
        room_ids=_rooms(rooms) if slash else None,
    )
    assert done.plan is not None
    when = when_words(done.plan.draft.when, request.user.zone)
    moved = _("%(title)s is moved to %(when)s.") % {"title": done.plan.draft.title, "when": when}
    say_done(request, f"{moved} {told_words(done)}".strip(), done, now)
    return redirect(calendar_address(done.meeting, request.user, proposal.recurrence_id))


def _conflicted(request: SignedInRequest, proposal: CounterProposal, plan: Plan) -> HttpResponse:
    """What collides at the time that was to be accepted; to be taken anyway where it can be."""
    reader = request.user
    context = {
        "proposal": proposal,
        "meeting": proposal.meeting,
        "plan": plan,
        "when": when_words(plan.draft.when, reader.zone),
        "findings": readable(plan.problems, reader, reader.zone),
        "accepted": request.POST["accept"],
        "back": _page(proposal),
    }
    return render(request, "meetings/proposal_collides.html", context, status=HTTPStatus.CONFLICT)


def _page(proposal: CounterProposal) -> str:
    """The meeting's page, at what is proposed."""
    name = proposal.recurrence_id
    query = f"?{urlencode({'date': name})}" if name else ""
    return f"{proposal.meeting.get_absolute_url()}{query}#proposals"


def _number(text: str) -> int:
    """The number of a time; -1, which no time has, for what is no number."""
    return int(text) if _NUMBER.fullmatch(text) else -1


def _rooms(text: str) -> list[int]:
    """The rooms to take; what is no number is left out."""
    return [int(part) for part in text.split(",") if _NUMBER.fullmatch(part)][:20]
