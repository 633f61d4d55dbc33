"""What the rail beside every page shows."""

from functools import cache

from django.db.models import Count, Window
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from accounts.models import User
from meetings.waiting import Asked, asked, awaiting

SHOWN = 5


def rail(request: HttpRequest) -> dict[str, object]:
    """`waiting`: the soonest invitations that wait for the reader; `waiting_count`: how many do.

    Both are looked up together when a page first asks for one: others do not pay for it.
    """
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return {}
    found = cache(lambda: _waiting(user))
    return {
        "waiting": SimpleLazyObject(lambda: found()[0]),
        "waiting_count": SimpleLazyObject(lambda: found()[1]),
    }


def _waiting(user: User) -> tuple[list[Asked], int]:
    now = timezone.now()
    counted = awaiting(user, now).annotate(count=Window(Count("*")))
    soonest = list(counted[:SHOWN])
    return asked(soonest, user, now), soonest[0].count if soonest else 0
