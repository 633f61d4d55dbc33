"""Requests as our pages know them."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from accounts.models import User


class SignedInRequest(HttpRequest):
    """A request behind `login_required`: somebody is there."""

    user: User
    htmx: HtmxDetails
