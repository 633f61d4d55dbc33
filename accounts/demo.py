"""The demo's people: who can be signed in as with one click."""

from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User

DEMO_PASSWORD = "demo"

# Each with what they are to the others.
SIGN_INS: dict[str, str | Promise] = {
    "ana@example.com": _("organizes"),
    "ben@example.com": _("is invited"),
    "cy@example.com": _("a stranger to both"),
    "rae@example.com": _("administrator"),
}


@dataclass(frozen=True)
class DemoPerson:
    """Somebody the sign-in page offers."""

    email: str
    name: str
    part: str
    password: str = DEMO_PASSWORD


def demo_people() -> list[DemoPerson]:
    """The demo's people who still have the demo's password; nobody outside the demo."""
    if not settings.DEMO:
        return []
    people = {user.email: user for user in User.objects.active().filter(email__in=SIGN_INS)}
    return [
        DemoPerson(email, people[email].name, str(part))
        for email, part in SIGN_INS.items()
        if email in people and has_demo_password(people[email].password)
    ]


@lru_cache(maxsize=64)
def has_demo_password(encoded: str) -> bool:
    """Whether this stored password is the demo's. Hashing is slow, so each is asked once."""
    return check_password(DEMO_PASSWORD, encoded)
