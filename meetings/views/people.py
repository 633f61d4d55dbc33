"""Finding colleagues while their name or address is being typed."""

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.db.models import Case, IntegerField, Value, When
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from accounts.http import SignedInRequest
from accounts.models import User
from meetings.drafts import ADDRESS
from meetings.formvalues import storable
from meetings.mailboxes import Mailbox, read_mailboxes

MOST = 8
LONGEST = 100


@dataclass(frozen=True, slots=True)
class Found:
    """Somebody who can be invited; `mailbox` is what goes into the field."""

    name: str
    address: str
    mailbox: str


@login_required
@require_POST
def people(request: SignedInRequest) -> HttpResponse:
    """Up to MOST colleagues whose name or address begins like `who`, but those already chosen.

    Nothing for an empty `who`, so that nobody is listed without being looked for.
    """
    typed = " ".join(storable(request.POST.get("who", "")).split())[:LONGEST]
    chosen = {
        mailbox.address
        for role in ("required", "optional")
        for mailbox in read_mailboxes(request.POST.get(role, ""))
    }
    found = _colleagues(typed, chosen | {request.user.email}) if typed else []
    address = typed.lower()
    outside = (
        bool(ADDRESS.fullmatch(address))
        and address not in chosen
        and all(person.address != address for person in found)
    )
    context = {"typed": typed, "found": found, "outside": address if outside else ""}
    return render(request, "meetings/_people.html", context)


def _colleagues(typed: str, without: set[str]) -> list[Found]:
    """Whose name begins with what was typed come first."""
    begins = Case(
        When(name__istartswith=typed, then=Value(0)), default=Value(1), output_field=IntegerField()
    )
    people = (
        User.objects.active()
        .named_like(typed)
        .exclude(email__in=without)
        .order_by(begins, "name", "email")[:MOST]
    )
    return [Found(str(user), user.email, str(Mailbox(user.name, user.email))) for user in people]
