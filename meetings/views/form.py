"""One form, no steps: make a meeting, or change one."""

import uuid
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.http import SignedInRequest
from meetings.forms import MeetingForm
from meetings.formvalues import POLICY, Values, carried, fresh_values, merged, typed_values
from meetings.problems import InvalidDraft, NotAllowed, Refusal, Stale, Undecided, WrongState
from meetings.scheduler import Conflicted, Plan
from meetings.views.errand import Errand, edit_errand
from meetings.views.finddraft import waiting_form, with_found
from meetings.views.formchoices import form_choices
from meetings.views.live import panel_for
from meetings.views.offers import conflict_words, used_values, when_words
from meetings.views.outcome import calendar_address, outcome_words
from meetings.views.policy import policy_options
from meetings.views.stale import ChangedField, changed_fields
from meetings.views.taking import override_of
from meetings.views.undo import say_done

UNPROCESSABLE, CONFLICT = 422, 409


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SignedInRequest) -> HttpResponse:
    """Make a meeting; links fill in what `fresh_values` and a form that waits (`?draft`) know."""
    errand = Errand(request.user, timezone.now())
    if request.method == "POST":
        return _posted(request, errand)
    return _begun(request, errand)


def _begun(request: SignedInRequest, errand: Errand) -> HttpResponse:
    values = _beginning(request, errand)
    errand = errand.under(values.get(POLICY, ""))
    return _page(request, errand, _looked_at(errand, values))


def _beginning(request: SignedInRequest, errand: Errand) -> Values:
    """What a form begins with; if it waited while a time was looked for, with what was found."""
    waiting = waiting_form(request)
    if waiting and waiting.meeting == (str(errand.meeting.uid) if errand.meeting else ""):
        return with_found(waiting, request.user, request.GET, now=errand.now)
    if errand.meeting:
        return errand.values
    return fresh_values(request.user, request.GET, now=errand.now)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: SignedInRequest, uid: uuid.UUID) -> HttpResponse:
    """Change a meeting; who may not gets 403, or 404 if even its title is hidden."""
    errand = edit_errand(request, uid)
    if request.method == "POST":
        return _posted(request, errand)
    try:
        if errand.before:
            errand.plan(errand.before)
    except WrongState as refusal:
        messages.error(request, str(refusal))
        return redirect(errand.meeting or "meetings:calendar")
    except InvalidDraft:
        pass  # an imported meeting may hold what the form does not; it says so on saving
    return _begun(request, errand)


def _posted(request: SignedInRequest, errand: Errand) -> HttpResponse:
    values = typed_values(request.POST)
    errand = errand.under(values.get(POLICY, ""))
    if "rescope" in request.POST:
        return _page(request, errand, _looked_at(errand, carried(values, errand.values)))
    if "use" in request.POST:
        return _used(request, errand, values)
    if "look" in request.POST:
        return _page(request, errand, _looked_at(errand, values))
    form = errand.form(values)
    if not form.is_valid():
        return _page(request, errand, form, status=UNPROCESSABLE)
    return _commit(request, errand, form)


def _used(request: SignedInRequest, errand: Errand, values: Values) -> HttpResponse:
    """An offer was taken: its time and rooms are in the fields, nothing is saved yet."""
    form = _looked_at(errand, used_values(values, request.POST["use"]))
    if form.when:
        rooms = ", ".join(room.name for room in form.cleaned_data.get("rooms", []))
        filled = {"when": when_words(form.when, errand.by.zone), "rooms": rooms}
        sentence = _("Filled in: %(when)s, %(rooms)s.") if rooms else _("Filled in: %(when)s.")
        messages.info(request, sentence % filled)
    return _page(request, errand, form, filled=True)


def _commit(request: SignedInRequest, errand: Errand, form: MeetingForm) -> HttpResponse:
    errand = replace(errand, decisions=form.decisions())
    override = override_of(request.POST)
    seen = request.POST.get("seen") or None
    if override:
        seen = request.POST.get("seen_taking") or "nothing"
    try:
        done = errand.commit(form, seen=seen, override=override)
    except InvalidDraft as invalid:
        if "reason" in invalid.errors:
            problem = invalid.errors["reason"]
            return _page(
                request, errand, form, problem=problem, lacks_reason=True, status=UNPROCESSABLE
            )
        form.add_draft_errors(invalid)
        return _page(request, errand, form, status=UNPROCESSABLE)
    except Conflicted as conflict:
        return _page(
            request,
            errand,
            form,
            plan=None if override else conflict.plan,
            problem=conflict_words(conflict, errand.by.zone),
            status=CONFLICT,
        )
    except Undecided as undecided:
        return _page(request, errand, form, problem=str(undecided), undecided=True, status=CONFLICT)
    except Stale as stale:
        return _stale(request, errand, form, stale)
    except NotAllowed as refusal:
        raise PermissionDenied(str(refusal)) from refusal
    except Refusal as refusal:
        form.values["key"] = str(uuid.uuid4())  # if it was sent before, the next one is another
        return _page(request, errand, form, problem=str(refusal), status=CONFLICT)
    sentence = outcome_words(done, errand.by.zone, editing=errand.meeting is not None)
    say_done(request, sentence, done, errand.now)
    return redirect(calendar_address(done.meeting, errand.by, errand.reach.recurrence_id))


def _stale(
    request: SignedInRequest, errand: Errand, form: MeetingForm, stale: Stale
) -> HttpResponse:
    """Somebody was quicker: show what changed, keep what was typed, let it be saved on top."""
    first = errand.meeting.when.day if errand.meeting else None
    changed = changed_fields(stale.differences, form.values, errand.by.zone, first=first)
    errand, theirs = errand.anew()
    return _page(
        request,
        errand,
        _looked_at(errand, merged(form.values, theirs)),
        changed=changed,
        problem=str(stale),
        status=CONFLICT,
    )


def _looked_at(errand: Errand, values: Values) -> MeetingForm:
    """A form that is not being sent: read as far as it can be, without complaint."""
    form = errand.form(values)
    form.is_valid()
    form.quiet = True
    return form


def _page(
    request: SignedInRequest,
    errand: Errand,
    form: MeetingForm,
    *,
    plan: Plan | None = None,
    changed: list[ChangedField] | None = None,
    problem: str = "",
    undecided: bool = False,
    filled: bool = False,
    lacks_reason: bool = False,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "errand": errand,
        "form": form,
        "values": form.values,
        "errors": {} if form.quiet else form.errors,
        "problems": [] if form.quiet else form.non_field_errors(),
        "panel": panel_for(errand, form, plan=plan),
        "choices": form_choices(form, errand.by),
        "policies": policy_options(errand.policy),
        "changed": changed,
        "problem": problem,
        "undecided": undecided,
        "filled": filled,
        "lacks_reason": lacks_reason,
    }
    template = "meetings/form.html#desk" if request.htmx else "meetings/form.html"
    return render(request, template, context, status=status)
