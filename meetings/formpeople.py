"""Whom the names mean that people type into a form."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from accounts.models import User
from meetings.mailboxes import Mailbox


def colleagues_named(names: Iterable[str]) -> dict[str, list[User]]:
    """The colleagues of these names, whatever their case. At most one query."""
    found: dict[str, list[User]] = {name.lower(): [] for name in names}
    if not found:
        return found
    people = User.objects.active().annotate(lower_name=Lower("name"))
    for user in people.filter(lower_name__in=found).order_by("email"):
        found[user.name.lower()].append(user)
    return found


def meant_address(mailbox: Mailbox, colleagues: dict[str, list[User]]) -> str:
    """The address of the one colleague of that name; raises ValidationError."""
    found = colleagues.get(mailbox.name.lower(), [])
    if len(found) == 1:
        return found[0].email
    if not found:
        raise ValidationError(
            _("No colleague is called “%(name)s”. Write the full name or an e-mail address."),
            params={"name": mailbox.name},
        )
    raise ValidationError(
        _("Several colleagues are called %(name)s: %(addresses)s. Write the address."),
        params={"name": mailbox.name, "addresses": ", ".join(u.email for u in found[:5])},
    )
