"""How I want to be told: of what, over which channels, when not, how long before, and where."""

from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import SignedInRequest
from notifications import contacts
from notifications.channels import Undelivered
from notifications.contacts import TooOften, WrongCode
from notifications.forms import ChatForm, CodeForm, PhoneForm, WishesForm, box
from notifications.models import Channel, Contact, Delivery, Event
from notifications.routing import offered

TYPED: dict[str, type[PhoneForm | ChatForm]] = {Channel.SMS: PhoneForm, Channel.CHAT: ChatForm}
"""The channels whose address people type, and the form for it."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A box of the table."""

    channel: str
    value: str
    ticked: bool
    reached: bool


@dataclass(frozen=True, slots=True)
class Row:
    """An event of the table, and its box for each channel."""

    event: Event
    cells: list[Cell]


@dataclass(slots=True)
class Reach:
    """A channel: where the person is reached there, and what did not arrive of late."""

    channel: Channel
    contact: Contact | None = None
    failure: Delivery | None = None
    form: Any = None
    code: CodeForm = field(default_factory=CodeForm)

    @property
    def is_reached(self) -> bool:
        """Whether messages go there."""
        if self.channel == Channel.EMAIL:
            return True
        return self.contact is not None and self.contact.is_confirmed()


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def wishes(request: SignedInRequest) -> HttpResponse:
    """The table of events and channels, quiet hours, reminder times; and the addresses."""
    reaches = _reaches(request)
    form = _wishes_form(request, reaches, request.POST if request.method == "POST" else None)
    if form.is_valid():
        form.save()
        messages.success(request, _("Your choice is saved."))
        return redirect("notifications:wishes")
    return _page(request, reaches, form)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: SignedInRequest, channel: str) -> HttpResponse:
    """A new address over a channel: a code goes there at once."""
    reach, reaches = _reach(request, channel, among=TYPED)
    if request.method != "POST":  # the address of a page that said what was wrong
        return _to(channel)
    reach.form = TYPED[channel](request.POST, auto_id=f"{channel}_%s")
    if not reach.form.is_valid():
        return _page(request, reaches)
    address = reach.form.cleaned_data["address"]
    if reach.is_reached and reach.contact and reach.contact.address == address:
        messages.info(request, _("%(address)s is confirmed already.") % {"address": address})
        return _to(channel)
    try:
        contacts.ask(request.user, channel, address, now=timezone.now())
    except (TooOften, Undelivered) as error:
        reach.form.add_error("address", _not_sent(error))
        return _page(request, reaches)
    messages.success(request, _("A code is on its way to %(address)s.") % {"address": address})
    return _to(channel)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: SignedInRequest, channel: str) -> HttpResponse:
    """The code that was sent there, typed."""
    reach, reaches = _reach(request, channel, among=TYPED)
    if request.method != "POST" or reach.contact is None:
        return _to(channel)
    reach.code = CodeForm(request.POST, auto_id=f"{channel}_%s")
    if not reach.code.is_valid():
        return _page(request, reaches)
    try:
        typed = reach.code.cleaned_data["code"]
        contacts.confirm(request.user, channel, typed, now=timezone.now())
    except WrongCode as error:
        reach.code.add_error("code", str(error))
        return _page(request, reaches)
    sentence = _("From now on messages go to %(address)s, too: choose which.")
    messages.success(request, sentence % {"address": reach.contact.address})
    return redirect("notifications:wishes")


@login_required
@require_POST
def remove_contact(request: SignedInRequest, channel: str) -> HttpResponse:
    """Nothing goes there any more."""
    reach, _reaches = _reach(request, channel, among=offered()[1:])
    if contacts.remove(request.user, channel):
        sentence = _("%(channel)s is removed: nothing more is sent there.")
        messages.success(request, sentence % {"channel": reach.channel.label})
    return _to(channel)


@login_required
@require_POST
def topic(request: SignedInRequest) -> HttpResponse:
    """A new topic for push messages; the one before is no longer used."""
    _reach(request, Channel.PUSH, among=[Channel.PUSH])
    contacts.make_topic(request.user, now=timezone.now())
    messages.success(request, _("Enter the new topic in your push app."))
    return _to(Channel.PUSH)


@login_required
@require_POST
def trial(request: SignedInRequest) -> HttpResponse:
    """A message to the push topic, to see that it arrives."""
    reach, _reaches = _reach(request, Channel.PUSH, among=[Channel.PUSH])
    if reach.contact is not None:
        try:
            contacts.try_out(reach.contact, now=timezone.now())
        except (TooOften, Undelivered) as error:
            messages.error(request, _not_sent(error))
        else:
            messages.success(request, _("A test is on its way to your push app."))
    return _to(Channel.PUSH)


def _reaches(request: SignedInRequest) -> list[Reach]:
    """Each channel that is offered, with its forms. Two queries."""
    mine = {row.channel: row for row in Contact.objects.filter(user=request.user)}
    channels = offered()
    addresses = {name: row.address for name, row in mine.items()}
    addresses[Channel.EMAIL] = request.user.email
    failures = contacts.last_failures(request.user, addresses, now=timezone.now())
    found = []
    for channel in channels:
        typed = TYPED.get(channel)
        form = typed(auto_id=f"{channel}_%s") if typed else None
        code = CodeForm(auto_id=f"{channel}_%s")
        found.append(Reach(channel, mine.get(channel), failures.get(channel), form, code))
    return found


def _reach(request: SignedInRequest, channel: str, *, among: Any) -> tuple[Reach, list[Reach]]:
    """That channel and all of them; not found if it is not offered, or not among these."""
    reaches = _reaches(request)
    for reach in reaches:
        if reach.channel == channel and channel in among:
            return reach, reaches
    raise Http404


def _wishes_form(request: SignedInRequest, reaches: list[Reach], data: Any = None) -> WishesForm:
    reached = [reach.channel.value for reach in reaches if reach.is_reached]
    return WishesForm(
        data, user=request.user, offered=[reach.channel for reach in reaches], reached=reached
    )


def _page(
    request: SignedInRequest, reaches: list[Reach], form: WishesForm | None = None
) -> HttpResponse:
    form = form or _wishes_form(request, reaches)
    context = {"form": form, "reaches": reaches, "rows": _rows(form, reaches)}
    return render(request, "settings/notifications.html", context)


def _rows(form: WishesForm, reaches: list[Reach]) -> list[Row]:
    ticked = set(form["told"].value() or [])
    rows = []
    for event in Event:
        cells = []
        for reach in reaches:
            value = box(event, reach.channel)
            is_ticked = reach.is_reached and value in ticked
            cells.append(Cell(reach.channel.value, value, is_ticked, reach.is_reached))
        rows.append(Row(event, cells))
    return rows


def _not_sent(error: Exception) -> str:
    if isinstance(error, TooOften):
        return str(error)
    return _("It could not be sent: %(why)s") % {"why": error}


def _to(channel: str) -> HttpResponse:
    """Back to the channel on the page."""
    return HttpResponseRedirect(f"{reverse('notifications:wishes')}#{channel}")
