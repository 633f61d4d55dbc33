"""What people type about themselves, turned into values."""

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class SignupForm(forms.Form):
    """What we ask beside the address and the password; the accounts library adds those."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=User._meta.get_field("name").max_length,
        widget=forms.TextInput(attrs={"autocomplete": "name", "autofocus": True}),
    )
    field_order = ["name", "email", "password1", "password2"]

    def clean(self) -> dict[str, Any]:
        """Outside the demo the address must be of a listed domain."""
        values = super().clean() or self.cleaned_data
        domain = values.get("email", "").rpartition("@")[2].lower()
        if domain and not settings.DEMO and domain not in settings.SIGN_UP_DOMAINS:
            self.add_error(
                "email",
                _("Sign up with your address at %(domains)s, or ask an administrator.")
                % {"domains": ", ".join(settings.SIGN_UP_DOMAINS)},
            )
        return values

    def signup(self, request: HttpRequest, user: User) -> None:
        """Called by the accounts library once the account exists."""
        user.name = self.cleaned_data["name"]
        user.save(update_fields=["name"])
