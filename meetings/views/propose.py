"""Proposing another time: the page of somebody invited, signed in or come by a link."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.http import SignedInRequest
from accounts.models import User
from accounts.zones import is_zone
from meetings import scheduler
from meetings.asking import Asking, asking, date_shown, too_often
from meetings.models import Change, CounterProposal, Invitation, Occurrence
from meetings.problems import InvalidDraft, Refusal
from meetings.proposals import open_proposal_of
from meetings.scheduler.respond import LONGEST_NOTE
from meetings.views.proposeform import TimeForm, time_forms
from meetings.views.rsvp import asked_about, closed, for_token_holder, usual_zone, zone_select

KINDS = (Change.Kind.PROPOSED, Change.Kind.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Proposer:
    """Somebody invited and the date she would rather have at another time.

    `by` is None for who came with the token. `back` is the page she came from.
    """

    asking: Asking
    by: User | None
    zone: ZoneInfo
    back: str
    now: datetime

    @property
    def occurrence(self) -> Occurrence:
        """The date."""
        return self.asking.occurrence

    def propose(self, forms: list[TimeForm], note: str) -> str:
        """Do it; what stands against it, as a sentence, unless it is said beside a time."""
        filled = [form for form in forms if form.when is not None]
        if too_often(self.asking.row, KINDS, self.now):
            return _("You proposed other times very often just now. Try again in an hour.")
        try:
            scheduler.propose(
                self.asking.row,
                [form.when for form in filled if form.when],
                by=self.by,
                now=self.now,
                note=note,
                recurrence_id=self.asking.date,
            )
        except InvalidDraft as invalid:
            for n, form in enumerate(filled or forms[:1]):
                if sentence := invalid.errors.pop(f"time_{n}", ""):
                    form.add_error("date", sentence)
            return " ".join(invalid.errors.values())
        except Refusal as refusal:
            return str(refusal)
        return ""


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: SignedInRequest, uid: uuid.UUID) -> HttpResponse:
    """For a colleague, from her own invitation; anybody else's does not exist for her."""
    now = timezone.now()
    mine = Invitation.objects.of(request.user).select_related("user", "meeting__organizer")
    invitation = mine.current().filter(uid=uid).first()
    if invitation is None:
        raise Http404
    rows = list(mine.filter(meeting=invitation.meeting))
    for row in rows:
        row.meeting = invitation.meeting
    name = invitation.recurrence_id or request.GET.get("date", "")
    try:
        about = asking(date_shown(invitation.meeting, rows, name, now), rows, now)
    except Occurrence.DoesNotExist:
        about = None
    if about is None:
        raise Http404
    back = invitation.meeting.get_absolute_url()
    back += f"?{urlencode({'date': about.date})}" if about.date else ""
    zone = _zone(request) or request.user.zone
    return _page(request, Proposer(about, request.user, zone, back, now))


# As for the answer: the token is the proof, and such a page posts without an origin.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@for_token_holder
def rsvp_propose(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    """For whoever has the link of an invitation."""
    now = timezone.now()
    about = asked_about(invitation, request.GET.get("date", ""), now)
    if about is None:
        return closed(request)
    chosen = _zone(request)
    kept = {"zone": chosen.key if chosen else "", "date": about.date}
    query = urlencode({name: value for name, value in kept.items() if value})
    back = reverse("meetings:rsvp", args=[invitation.token]) + (f"?{query}" if query else "")
    zone = chosen or usual_zone(invitation)
    return _page(request, Proposer(about, None, zone, back, now))


def _zone(request: HttpRequest) -> ZoneInfo | None:
    """The zone that was chosen to type times in."""
    name = request.POST.get("zone") or request.GET.get("zone", "")
    return ZoneInfo(name) if is_zone(name) else None


def _page(request: HttpRequest, who: Proposer) -> HttpResponse:
    if not who.asking.may_propose:
        return _done(request, who, _("No other time can be proposed for this date."))
    proposal = open_proposal_of(who.asking.row, who.occurrence, who.now)
    posted = request.POST if request.method == "POST" else None
    if posted is not None and "withdraw" in posted:
        return _withdrawn(request, who, proposal)
    forms = time_forms(who.occurrence, who.zone, posted=posted, proposal=proposal)
    problem, note = "", proposal.note if proposal else ""
    if posted is not None:
        note = posted.get("note", "").replace("\r\n", "\n")
        # Each is looked at, so that all that is wrong is said at once.
        wrong = [form for form in forms if not form.is_valid()]
        if not wrong:
            problem = who.propose(forms, note)
            if not problem and not any(form.errors for form in forms):
                return _done(request, who, _("Your proposal is sent."))
    context = {
        "who": who,
        "asking": who.asking,
        "occurrence": who.occurrence,
        "meeting": who.occurrence.meeting,
        "forms": forms,
        "more": any(form.initial or (form.is_bound and form.has_changed()) for form in forms[1:]),
        "note": note,
        "longest": LONGEST_NOTE,
        "problem": problem,
        "proposal": proposal,
        "zone": who.zone,
        "zone_select": "" if who.occurrence.all_day else zone_select(who.zone),
    }
    status = HTTPStatus.OK if posted is None else HTTPStatus.UNPROCESSABLE_ENTITY
    with timezone.override(who.zone):
        return render(request, "meetings/propose.html", context, status=status)


def _withdrawn(
    request: HttpRequest, who: Proposer, proposal: CounterProposal | None
) -> HttpResponse:
    """Take back what is proposed; if nothing is any more, that is what was wanted."""
    try:
        if proposal is not None:
            scheduler.withdraw(proposal, by=who.by, now=who.now)
    except Refusal as refusal:
        return _done(request, who, str(refusal))
    return _done(request, who, _("Your proposal is taken back."))


def _done(request: HttpRequest, who: Proposer, sentence: str) -> HttpResponse:
    """Back to where she came from; a guest's page says itself what is proposed."""
    if who.by is not None:
        messages.success(request, sentence)
    return redirect(who.back)
