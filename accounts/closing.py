"""Closing accounts and opening them again. They are never deleted: history keeps its names."""

from datetime import datetime

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction

from accounts.models import ApiToken, User, UserQuerySet


def close_accounts(people: UserQuerySet, *, now: datetime) -> int:
    """End what these people can do here; how many accounts were open until now.

    They cannot sign in or be found, their tokens are revoked, and whoever is signed in as them
    no longer is, also once the account is open again. Their meetings stay.
    """
    with transaction.atomic():
        closing = list(people.active().values_list("pk", flat=True))
        User.objects.get_queryset().filter(pk__in=closing).update(is_active=False)
        end_access(closing, now=now)
    return len(closing)


def open_accounts(people: UserQuerySet) -> int:
    """Let these people sign in and be found again; how many accounts were closed until now."""
    return people.filter(is_active=False).update(is_active=True)


def end_access(people: list[int], *, now: datetime) -> None:
    """Revoke the tokens of the people with these ids and end their sessions."""
    ApiToken.objects.filter(user__in=people).revoke(now)
    ids = {str(pk) for pk in people}
    # Whose a session is stands inside it only; those that are over open nothing anyway.
    ended = [
        session.pk
        for session in Session.objects.filter(expire_date__gt=now).iterator()
        if session.get_decoded().get(SESSION_KEY) in ids
    ]
    Session.objects.filter(pk__in=ended).delete()
