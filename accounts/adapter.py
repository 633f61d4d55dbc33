"""Our answers to the questions the accounts library asks."""

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Who may sign up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Everybody in the demo; in production only people of the listed mail domains."""
        return bool(settings.DEMO or settings.SIGN_UP_DOMAINS)
