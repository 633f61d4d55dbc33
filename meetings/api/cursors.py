"""Where a page of a list ends: opaque to programs, without ids of the database."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from django.core.signing import BadSignature, Signer
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from accounts.rest import invalid

SALT = "rest.cursor"


def cursor_of(*values: str | int, of: str = "") -> str:
    """What leads to the page after a row that sorts by `values`, in the list `of` that name."""
    signed = Signer(salt=SALT + of).sign_object(list(values))
    return urlsafe_b64encode(signed.encode()).decode().rstrip("=")


def after(cursor: str, *, of: str = "") -> list[Any]:
    """The values behind a cursor. Raises Refused for one that no page of that list gave."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        signed = urlsafe_b64decode(padded).decode()
        values: list[Any] = Signer(salt=SALT + of).unsign_object(signed)
    except (BadSignature, ValueError):
        raise invalid("cursor", _("Take the cursor from the page before.")) from None
    return values


def pk_named(uid: str, rows: QuerySet[Model]) -> int:
    """The id of the row that a cursor named. Raises Refused if it is gone."""
    pk: int | None = rows.filter(uid=uid).values_list("pk", flat=True).first()
    if pk is None:
        raise invalid("cursor", _("What stood there is gone. Begin with the first page."))
    return pk
