"""How operations find what their addresses name, for somebody who may see it."""

import uuid
from collections.abc import Sequence

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User, normal_address
from accounts.rest import invalid, not_found
from meetings.models import Meeting
from meetings.permissions import get_meeting_for


def uid_of(text: str) -> uuid.UUID:
    """The uid that an address holds; what is none leads nowhere. Raises Refused."""
    uid = _uid(text)
    if uid is None:
        raise not_found()
    return uid


def person_named(name: str) -> User:
    """The person with an account by uid or e-mail address. Raises Refused if there is none."""
    people, uid = User.objects.active(), _uid(name)
    found = people.filter(uid=uid) if uid else people.with_addresses([name])
    person = found.first()
    if person is None:
        raise not_found()
    return person


def people_named(names: Sequence[str], *, field: str) -> list[User]:
    """The people with accounts by uid or address, in this order. Raises Refused for others."""
    uids = {name: uid for name in names if (uid := _uid(name))}
    found = User.objects.active().filter(
        Q(uid__in=uids.values()) | Q(email__in=[normal_address(name) for name in names])
    )
    known: dict[uuid.UUID | str, User] = {key: u for u in found for key in (u.uid, u.email)}
    people = []
    for name in names:
        person = known.get(uids.get(name) or normal_address(name))
        if person is None:
            sentence = _("Nobody with the address or uid “%(name)s” has an account.")
            raise invalid(field, sentence % {"name": name})
        people.append(person)
    return people


def _uid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def meeting_for(viewer: User, meeting_id: str) -> Meeting:
    """The meeting with its people and rooms. Raises Refused if the viewer may not see its title."""
    try:
        return get_meeting_for(viewer, uid_of(meeting_id))
    except Meeting.DoesNotExist:
        raise not_found() from None
