"""The guest's page: an invitation answered by its link, without signing in."""

import re
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from zoneinfo import ZoneInfo

from django.forms import Select
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from accounts.zones import is_zone, present_name, zone_choices
from meetings.dates import coming, date_asked
from meetings.lifecycle import Act, allows
from meetings.models import Invitation, Occurrence
from meetings.models.invitation import on_date
from meetings.occurrences import rooms_of, with_rooms
from meetings.permissions import token_opens
from meetings.rulewords import rule_words
from meetings.scheduler.respond import ANSWERS
from meetings.timewords import clock_range, range_words
from meetings.views.answering import give_answer
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
            response = render(request, "meetings/rsvp_closed.html", status=HTTPStatus.NOT_FOUND)
        else:
            response = view(request, invitation)
        response["Referrer-Policy"] = "no-referrer"
        response["Cache-Control"] = "no-store"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return opened


# The token itself is the proof; and a page without referrer posts with "Origin: null".
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@for_token_holder
def rsvp(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    """The page behind a mailed link. Only its buttons, which post, change anything."""
    if (later := _went_on(invitation)) is not None:
        return redirect("meetings:rsvp", later.token)
    if request.method != "POST":
        return _page(request, invitation)
    problem = give_answer(invitation, request.POST, by=None, now=timezone.now())
    if problem:
        # It may have been cancelled, or this person removed, a moment ago.
        fresh = _behind(invitation.token)
        if fresh is None:
            return redirect("meetings:rsvp", invitation.token)
        return _page(request, fresh, problem=problem)
    zone = request.POST.get("zone", "")
    kept = {"zone": zone} if is_zone(zone) else {}
    if date := request.POST.get("date"):
        kept["date"] = date
    query = f"?{urlencode(kept)}" if kept else ""
    return redirect(f"{request.path}{query}")


@require_safe
@for_token_holder
def rsvp_calendar(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    """The meeting as a file for the guest's own calendar."""
    rows = invitation.meeting.invitations.all()
    mine = [row for row in rows if row.person == invitation.person]
    return calendar_response(invitation.meeting, mine)


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


def _date_of(request: HttpRequest, invitation: Invitation) -> Occurrence:
    """The date that the page is about: the one asked for, else the next; with its rooms."""
    now, meeting = timezone.now(), invitation.meeting
    wanted = request.GET.get("date", "") if meeting.is_series else ""
    try:
        found = date_asked(meeting, invitation.recurrence_id or wanted, now)
    except Occurrence.DoesNotExist:
        found = date_asked(meeting, "", now)
    with_rooms([found])
    return found


def _went_on(invitation: Invitation) -> Invitation | None:
    """The person's invitation to the later part, once the part that it is for is over.

    A series that was split has a part for each; an old link finds the one that is on.
    """
    now, meeting = timezone.now(), invitation.meeting
    if not meeting.is_series or coming(meeting, now, most=1):
        return None
    later = (
        Invitation.objects.current()
        .filter(meeting__series=meeting.series, user=invitation.user_id)
        .filter(email__iexact=invitation.email, recurrence_id="")
        .exclude(meeting=meeting)
        .select_related("meeting")
        .order_by("meeting__local_date")
    )
    return next((row for row in later if coming(row.meeting, now, most=1)), None)


def _page(request: HttpRequest, invitation: Invitation, *, problem: str = "") -> HttpResponse:
    chosen = request.POST.get("zone") or request.GET.get("zone", "")
    chosen = present_name(chosen) if is_zone(chosen) else ""
    zone = ZoneInfo(chosen) if chosen else _usual_zone(invitation)
    meeting, occurrence = invitation.meeting, _date_of(request, invitation)
    answered = on_date(meeting.invitations.all(), occurrence.recurrence_id)
    mine = next((row for row in answered if row.person == invitation.person), invitation)
    invitation.status, invitation.note = mine.status, mine.note
    context = {
        "invitation": invitation,
        "meeting": meeting,
        "occurrence": occurrence,
        "rooms": rooms_of(occurrence),
        "repeats": rule_words(meeting.when, meeting.rrule) if meeting.is_series else "",
        "date": occurrence.recurrence_id if meeting.is_series else "",
        "asker": meeting.organizer.first_name if meeting.organizer else meeting.organizer_shown,
        "open": allows(Act.ANSWER, occurrence, timezone.now()),
        "cancelled": occurrence.is_cancelled,
        "note": request.POST.get("note", invitation.note),
        "problem": problem,
        "zone": zone,
        "chosen": chosen,
        "guess": not invitation.user and not chosen,
        "there": _there(occurrence, zone),
        "zone_select": _zone_select(zone),
        **_answer_buttons(invitation, request.GET.get("answer", "")),
        **_others(invitation),
    }
    with timezone.override(zone):
        status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
        return render(request, "meetings/rsvp.html", context, status=status)


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


def _usual_zone(invitation: Invitation) -> ZoneInfo:
    """The person's own zone; of somebody without an account we only know the meeting's."""
    return invitation.user.zone if invitation.user else invitation.meeting.zone


def _zone_select(zone: ZoneInfo) -> str:
    """The list of zones, with this one chosen, also if it has no place of its own."""
    choices = zone_choices()
    listed = {name for _region, group in choices if isinstance(group, list) for name, _ in group}
    own = [] if zone.key in listed | {"UTC"} else [(zone.key, zone.key)]
    widget = Select(choices=[*own, *choices], attrs={"class": "input", "id": "zone"})
    return widget.render("zone", zone.key)


def _others(invitation: Invitation) -> dict[str, object]:
    """Who else is asked: the first few by name, and how many more."""
    names = [
        other.shown_name
        for other in invitation.meeting.invitations.all()
        if other.pk != invitation.pk
        and other.removed_at is None
        and not other.recurrence_id
        and not other.is_organizers
    ]
    return {"others": names[:SHOWN_PEOPLE], "more": len(names[SHOWN_PEOPLE:])}
