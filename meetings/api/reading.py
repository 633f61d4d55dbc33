"""How operations find what their addresses name, for somebody who may see it."""

import uuid

from accounts.models import User
from accounts.rest import not_found
from meetings.models import Meeting
from meetings.permissions import get_meeting_for


def uid_of(text: str) -> uuid.UUID:
    """The uid that an address holds; what is none leads nowhere. Raises Refused."""
    try:
        return uuid.UUID(text)
    except ValueError:
        raise not_found() from None


def person_named(name: str) -> User:
    """The person with an account by uid or e-mail address. Raises Refused if there is none."""
    people = User.objects.active()
    try:
        found = people.filter(uid=uuid.UUID(name))
    except ValueError:
        found = people.with_addresses([name])
    person = found.first()
    if person is None:
        raise not_found()
    return person


def meeting_for(viewer: User, meeting_id: str) -> Meeting:
    """The meeting with its people and rooms. Raises Refused if the viewer may not see its title."""
    try:
        return get_meeting_for(viewer, uid_of(meeting_id))
    except Meeting.DoesNotExist:
        raise not_found() from None
