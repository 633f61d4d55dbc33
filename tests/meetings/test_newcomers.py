"""A guest makes an account: the invitations to the address are theirs."""

import re

import pytest
from django.core import mail
from django.test import Client

from accounts.models import User
from tests.factories import ana, at, book, invitation_of


@pytest.mark.django_db(transaction=True)
def test_signing_up_takes_over_invitations(client: Client) -> None:
    meeting = book(ana(), "2027-03-10 10:00", 60, "new@example.com", now=at("2027-03-01 09:00"))
    token = invitation_of(meeting, "new@example.com").token
    fields = {
        "name": "New Comer",
        "email": "new@example.com",
        "password1": "three calm words",
        "password2": "three calm words",
    }
    client.post("/accounts/signup/", fields)
    newcomer = User.objects.get(email="new@example.com")
    assert invitation_of(meeting, "new@example.com").user is None

    (message,) = mail.outbox
    code = re.search(r"^([A-Z0-9]{4}-[A-Z0-9]{4})$", str(message.body), re.MULTILINE)
    assert code is not None, message.body
    client.post("/accounts/confirm-email/", {"code": code[1]})

    invitation = invitation_of(meeting, newcomer)
    assert (invitation.email, invitation.token) == ("", token)
