"""The guest's page: an invitation answered by its link, without signing in."""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import wraps
from http import HTTPStatus
from zoneinfo import ZoneInfo

from django.forms import Select
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from accounts.zones import is_zone, present_name, zone_choices
from meetings.asking import Asking, asking, date_shown, later_part, next_dates
from meetings.models import Invitation, Occurrence
from meetings.models.invitation import on_date
from meetings.occurrences import rooms_of, with_rooms
from meetings.permissions import token_opens
from meetings.proposals import open_proposal_of
from meetings.rulewords import rule_words
from meetings.scheduler.respond import ANSWERS
from meetings.timewords import clock_range, range_words
from meetings.views.answering import give_answer, proposal_lines, said_words
from meetings.views.download import calendar_response

TOKEN = re.compile(r"[A-Za-z0-9_-]{20,64}")
SHOWN_PEOPLE = 8

View = Callable[[HttpRequest, Invitation], HttpResponse]


def for_token_holder(view: View) -> Callable[[HttpRequest, str], HttpResponse]:
    """Opens the page of a token that opens; any other gets one and the same page.

    Removed, expired and made-up tokens cannot be told apart. Guesses are not counted: a token
    has 256 bits, and a miss costs less than a counter would.
    """

    @wraps(view)
    def opened(request: HttpRequest, token: str) -> HttpResponse:
        invitation = _behind(token)
        if invitation is None:
            response = closed(request)
        else:
            response = view(request, invitation)
        response["Referrer-Policy"] = "no-referrer"
        response["Cache-Control"] = "no-store"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return opened


def closed(request: HttpRequest) -> HttpResponse:
    """The page for a token that opens nothing."""
    return render(request, "meetings/rsvp_closed.html", status=HTTPStatus.NOT_FOUND)


# The token itself is the proof; and a page without referrer posts with "Origin: null".
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@for_token_holder
def rsvp(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    """The page behind a mailed link. Only its buttons, which post, change anything."""
    now = timezone.now()
    if later := _went_on(request, invitation, now):
        return redirect(later)
    if request.method != "POST":
        return _page(request, invitation)
    asked = asked_about(invitation, request.GET.get("date", ""), now)
    if asked is None:
        return closed(request)
    problem = give_answer(asked.row, request.POST, by=None, now=now)
    if problem:
        # It may have been cancelled, or this person removed, a moment ago.
        fresh = _behind(invitation.token)
        if fresh is None:
            return redirect("meetings:rsvp", invitation.token)
        return _page(request, fresh, problem=problem)
    return redirect(_address(request, invitation, request.POST.get("date", "")))


@require_safe
@for_token_holder
def rsvp_calendar(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    """The meeting as a file for the guest's own calendar."""
    return calendar_response(invitation.meeting, _rows(invitation))


def _behind(token: str) -> Invitation | None:
    """The invitation a token opens now."""
    if not TOKEN.fullmatch(token):
        return None
    invitation = (
        Invitation.objects.select_related("user", "meeting__organizer")
        .prefetch_related("meeting__occurrences", "meeting__invitations__user")
        .filter(token=token)
        .first()
    )
    if invitation is None or not token_opens(invitation, timezone.now()):
        return None
    return invitation


def _rows(invitation: Invitation) -> list[Invitation]:
    """All that the person has on the meeting."""
    rows = invitation.meeting.invitations.all()
    return [row for row in rows if row.person == invitation.person]


def asked_about(invitation: Invitation, wanted: str, now: datetime) -> Asking | None:
    """What is asked about the date wanted or, if there is none of that name, about the next.

    None if the person is on no date that there still is.
    """
    meeting, rows = invitation.meeting, _rows(invitation)
    with suppress(Occurrence.DoesNotExist):
        name = (invitation.recurrence_id or wanted) if meeting.is_series else ""
        if found := asking(date_shown(meeting, rows, name, now), rows, now):
            return found
    return asking(date_shown(meeting, rows, "", now), rows, now)


def _went_on(request: HttpRequest, invitation: Invitation, now: datetime) -> str:
    """Where the person is asked to the later part of a series that was split; empty if here."""
    if invitation.recurrence_id:
        return ""
    later = later_part(invitation.meeting, request.GET.get("date", ""), now)
    if later is None:
        return ""
    part, name = later
    rows = Invitation.objects.current().filter(meeting=part, recurrence_id="")
    there = rows.filter(user=invitation.user_id, email__iexact=invitation.email).first()
    return _address(request, there, name, keeps_answer=True) if there else ""


def _address(
    request: HttpRequest, invitation: Invitation, date: str, *, keeps_answer: bool = False
) -> str:
    """The page in the same zone, about that date; an answer that was not given is proposed."""
    sent = request.POST or request.GET
    kept = {"zone": sent.get("zone", ""), "date": date or request.GET.get("date", "")}
    kept["zone"] = kept["zone"] if is_zone(kept["zone"]) else ""
    if keeps_answer:
        kept |= {"date": date, "answer": request.POST.get("status", sent.get("answer", ""))}
    query = urlencode({name: value for name, value in kept.items() if value})
    address = reverse("meetings:rsvp", args=[invitation.token])
    return f"{address}?{query}" if query else address


def _page(request: HttpRequest, invitation: Invitation, *, problem: str = "") -> HttpResponse:
    chosen = request.POST.get("zone") or request.GET.get("zone", "")
    chosen = present_name(chosen) if is_zone(chosen) else ""
    zone = ZoneInfo(chosen) if chosen else usual_zone(invitation)
    wanted = request.GET.get("date", "")
    now = timezone.now()
    asked = asked_about(invitation, wanted, now)
    if asked is None:
        return closed(request)
    meeting, occurrence = invitation.meeting, asked.occurrence
    with_rooms([occurrence])
    context = {
        "asking": asked,
        "prefers_date": asked.prefers_date or wanted == asked.date,
        "gone": bool(asked.date and wanted) and wanted != asked.date,
        "said": said_words(asked, asked.counts.recurrence_id),
        "said_else": said_words(asked, "") if asked.differs and asked.chooses else "",
        "invitation": invitation,
        "meeting": meeting,
        "occurrence": occurrence,
        "rooms": rooms_of(occurrence),
        "repeats": rule_words(meeting.when, meeting.rrule) if asked.chooses else "",
        "asker": meeting.organizer.first_name if meeting.organizer else meeting.organizer_shown,
        "proposed": _proposed(asked, zone, now),
        "note": request.POST.get("note", asked.counts.note),
        "problem": problem,
        "coming": next_dates(meeting, _rows(invitation), now) if asked.chooses else [],
        "has_file": not (meeting.cancelled if meeting.is_series else occurrence.is_cancelled),
        **_zone_words(zone, occurrence),
        "chosen": chosen,
        "guess": not invitation.user and not chosen,
        **_answer_buttons(asked.counts, request.GET.get("answer", "")),
        **_others(invitation, occurrence),
    }
    with timezone.override(zone):
        status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
        return render(request, "meetings/rsvp.html", context, status=status)


def _proposed(asked: Asking, zone: ZoneInfo, now: datetime) -> list[str]:
    """The other times that the person proposes, a line each."""
    proposal = open_proposal_of(asked.row, asked.occurrence, now) if asked.may_propose else None
    return proposal_lines(proposal, asked.occurrence, zone) if proposal else []


def _zone_words(zone: ZoneInfo, occurrence: Occurrence) -> dict[str, object]:
    """The zone that times are in, how to choose another, and the time where the meeting is."""
    return {"zone": zone, "there": _there(occurrence, zone), "zone_select": zone_select(zone)}


def _there(occurrence: Occurrence, zone: ZoneInfo) -> str:
    """The time where the meeting is, if clocks there show another: `15:00–16:00`."""
    start, end, there = occurrence.start, occurrence.end, occurrence.meeting.zone
    ours, theirs = start.astimezone(zone), start.astimezone(there)
    if ours.replace(tzinfo=None) == theirs.replace(tzinfo=None):
        return ""
    same_day = ours.date() == theirs.date()
    return (clock_range if same_day else range_words)(start, end, there)


def _answer_buttons(invitation: Invitation, wanted: str) -> dict[str, str]:
    """Which answer is given, which the link in the mail proposes, and which button stands out."""
    given = "" if invitation.status == Invitation.Status.NEEDS_ACTION else invitation.status
    if wanted == given or wanted not in ANSWERS:
        wanted = ""
    return {"given": given, "wanted": wanted, "main": wanted or given or ANSWERS[0]}


def usual_zone(invitation: Invitation) -> ZoneInfo:
    """The person's own zone; of somebody without an account we only know the meeting's."""
    return invitation.user.zone if invitation.user else invitation.meeting.zone


def zone_select(zone: ZoneInfo) -> str:
    """The list of zones, with this one chosen, also if it has no place of its own."""
    choices = zone_choices()
    listed = {name for _region, group in choices if isinstance(group, list) for name, _ in group}
    own = [] if zone.key in listed | {"UTC"} else [(zone.key, zone.key)]
    widget = Select(choices=[*own, *choices], attrs={"class": "input", "id": "zone"})
    return widget.render("zone", zone.key)


def _others(invitation: Invitation, occurrence: Occurrence) -> dict[str, object]:
    """Who else is asked to that date: the first few by name, and how many more."""
    names = [
        other.shown_name
        for other in on_date(invitation.meeting.invitations.all(), occurrence.recurrence_id)
        if other.person != invitation.person and not other.is_organizers
    ]
    return {"others": names[:SHOWN_PEOPLE], "more": len(names[SHOWN_PEOPLE:])}
