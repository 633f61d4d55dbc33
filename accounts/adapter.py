"""Our answers to the questions the accounts library asks."""

from typing import ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Who may sign up, and the words for what goes wrong."""

    error_messages: ClassVar[dict[str, str | Promise]] = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("No account has this address with this password."),
        "incorrect_code": _("This is not the code. Look at the newest mail."),
        "incorrect_password": _("This is not your password."),
        "rate_limited": _("Too many tries at once. Try again in a minute."),
        # Five passwords for one address in five minutes; also three codes, which end at once.
        "too_many_login_attempts": _(
            "That was wrong too often. Try again in 5 minutes, or choose a new password by mail."
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Everybody in the demo; in production only people of the listed mail domains."""
        return bool(settings.DEMO or settings.SIGN_UP_DOMAINS)
