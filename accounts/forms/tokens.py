"""A new token for a program."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiToken, User

FOREVER = 0
LASTS = [
    (30, _("30 days")),
    (90, _("90 days")),
    (365, _("A year")),
    (FOREVER, _("Until it is revoked")),
]


class TokenForm(forms.Form):
    """What a token is called, what it may do, and how long."""

    name = forms.CharField(
        label=_("Name"),
        max_length=ApiToken._meta.get_field("name").max_length,
        help_text=_("What it is for, so that you know which one to revoke."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    scopes = forms.MultipleChoiceField(
        label=_("It may"),
        widget=forms.CheckboxSelectMultiple,
        initial=[ApiToken.Scope.READ, ApiToken.Scope.WRITE],
        error_messages={"required": _("Choose what it may do.")},
    )
    days = forms.TypedChoiceField(
        label=_("How long it works"), choices=LASTS, coerce=int, initial=90
    )

    def __init__(self, *args: Any, user: User, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.now = user, now
        scopes = self.fields["scopes"]
        assert isinstance(scopes, forms.MultipleChoiceField)
        scopes.choices = [(scope.value, scope.label) for scope in ApiToken.scopes_for(user)]

    def clean_name(self) -> str:
        """Not that of another one: a page that is loaded anew would make the token twice."""
        name: str = self.cleaned_data["name"]
        mine = ApiToken.objects.working(self.now).filter(user=self.user)
        if mine.filter(name__iexact=name).exists():
            raise forms.ValidationError(
                _("You have a token “%(name)s” already. Choose another name, or revoke that one."),
                params={"name": name},
            )
        return name

    def save(self) -> tuple[ApiToken, str]:
        """The token and its secret, which is to be shown at once and never again."""
        days = self.cleaned_data["days"]
        return ApiToken.issue(
            self.user,
            name=self.cleaned_data["name"],
            scopes=self.cleaned_data["scopes"],
            expires_at=None if days == FOREVER else self.now + timedelta(days=days),
            now=self.now,
        )
