"""Who may see how the service is: whoever runs it."""

from datetime import datetime
from importlib import import_module
from ipaddress import ip_address

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest

from accounts.models import ApiToken

# Any of them says that a proxy stands between, so that the visitor is not on this machine.
FORWARDING = (
    *("HTTP_FORWARDED", "HTTP_VIA", "HTTP_X_REAL_IP", "HTTP_X_FORWARDED_FOR"),
    *("HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_PORT"),
)


def is_local(request: HttpRequest) -> bool:
    """Whether it comes from this machine, and through no proxy."""
    try:
        address = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    return address.is_loopback and not any(header in request.META for header in FORWARDING)


def has_token(request: HttpRequest, now: datetime) -> bool:
    """Whether it brings an API token for metrics; asks the database only if it brings any."""
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer":
        return False
    token = ApiToken.objects.opened_by(secret.strip(), now=now)
    if token is None or not token.allows(ApiToken.Scope.METRICS):
        return False
    token.used(now=now)
    return True


def is_staff(request: HttpRequest) -> bool:
    """Whether an administrator is signed in; needs no middleware, and without a cookie no query."""
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    if not key:
        return False
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    return bool(get_user(request).is_staff)


def claims_more(request: HttpRequest) -> bool:
    """Whether it brings anything that the database could know."""
    return "Authorization" in request.headers or settings.SESSION_COOKIE_NAME in request.COOKIES
