"""What follows when somebody shows that an address is theirs."""

from functools import partial
from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed
from django.db import transaction
from django.utils import timezone

from meetings.scheduler import adopt_invitations


def listen() -> None:
    """Hear of every confirmed address from now on."""
    email_confirmed.connect(take_over, dispatch_uid="meetings.take_over")


def take_over(*, email_address: EmailAddress, **kwargs: Any) -> None:
    """Make invitations to the address those of its person."""
    transaction.on_commit(partial(adopt_invitations, email_address.user, now=timezone.now()))
