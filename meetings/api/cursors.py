"""Where a page of a list ends: opaque to programs, without ids of the database."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from django.core.signing import BadSignature, Signer
from django.utils.translation import gettext as _

from accounts.rest import invalid

SALT = "rest.cursor"


def cursor_of(*values: str | int) -> str:
    """What leads to the page after a row that sorts by `values`."""
    signed = Signer(salt=SALT).sign_object(list(values))
    return urlsafe_b64encode(signed.encode()).decode().rstrip("=")


def after(cursor: str) -> list[Any]:
    """The values behind a cursor. Raises Refused for one that no page gave."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        values: list[Any] = Signer(salt=SALT).unsign_object(urlsafe_b64decode(padded).decode())
    except (BadSignature, ValueError):
        raise invalid("cursor", _("Take the cursor from the page before.")) from None
    return values
