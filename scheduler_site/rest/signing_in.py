"""Who asks: a program with a token, or somebody signed in on a page of this site."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja.security import HttpBearer
from ninja.security.base import AuthBase
from ninja.utils import check_csrf

from accounts.models import ApiToken, User
from accounts.rest import Refused
from scheduler_site.rest.throttle import take

READING = ("GET", "HEAD", "OPTIONS")


class Bearer(HttpBearer):
    """A token in the `Authorization` header; its person asks, as far as its scopes go."""

    def __call__(self, request: HttpRequest) -> Any:
        if "Authorization" not in request.headers:
            return None
        token = super().__call__(request)
        if token is None:  # also for a session beside it: whoever sends a token means it
            raise Refused(
                401, _("This token opens nothing. Make a new one under Settings, Tokens.")
            )
        return token

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        """The token behind the secret. Raises Refused if it may not do this."""
        now = timezone.now()
        found = ApiToken.objects.opened_by(token.strip(), now=now)
        if found is None:
            return None
        scope = ApiToken.Scope.READ if request.method in READING else ApiToken.Scope.WRITE
        if not found.allows(scope):
            sentence = _("This token lacks the scope “%(scope)s”.")
            raise Refused(403, sentence % {"scope": scope.value})
        take(request, f"token:{found.pk}")
        found.used(now=now)
        request.user = found.user
        return found


class Session(AuthBase):
    """The session of the site, with its CSRF token for everything that writes."""

    openapi_type = "apiKey"
    openapi_in = "cookie"
    openapi_name = settings.SESSION_COOKIE_NAME

    def __call__(self, request: HttpRequest) -> User | None:
        user = request.user
        if not isinstance(user, User):
            return None
        if check_csrf(request):
            raise Refused(403, _("Send the page's CSRF token in the header X-CSRFToken."))
        take(request, f"user:{user.pk}")
        return user
