"""People, for those who look after accounts."""

from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.closing import close_accounts, end_access, open_accounts
from accounts.forms import NewPersonForm, PersonForm
from accounts.hours import USUAL_WEEK, set_week
from accounts.models import ApiToken, ApiTokenQuerySet, TimeOff, User, UserQuerySet
from accounts.readonly import ReadOnly

DAYS = tuple(f"day{weekday}" for weekday in range(7))


@admin.register(User)
class PersonAdmin(UserAdmin):  # type: ignore[type-arg]
    """People with their week; accounts are closed, not deleted, so that history keeps its names."""

    form = PersonForm
    add_form = NewPersonForm
    list_display = ["name", "email", "timezone", "is_active", "is_staff", "last_login"]
    list_filter = ["is_active", "is_staff", "groups", "timezone_confirmed"]
    search_fields = ["name", "email"]
    ordering = ["name", "email"]
    filter_horizontal = []  # groups are few
    readonly_fields = ["last_login", "date_joined"]
    actions = ["open_accounts", "close_accounts"]
    fieldsets = [
        (None, {"fields": ["name", "email", "password", "timezone"]}),
        (
            _("Working hours"),
            {
                "fields": DAYS,
                "description": _(
                    "Write 9:00–12:00, 13:00–17:30 for a break at noon; leave a day off empty."
                ),
            },
        ),
        (
            _("What they may do"),
            {"fields": ["is_active", "is_staff", "is_superuser", "groups"]},
        ),
        (_("History"), {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [
        (
            None,
            {
                "classes": ["wide"],
                "fields": [
                    "email",
                    "name",
                    "timezone",
                    "usable_password",
                    "password1",
                    "password2",
                ],
                "description": _(
                    "Without a password they choose one themselves: “Forgot the password?” on the"
                    " sign-in page. Their address is confirmed by a code at the first sign-in."
                ),
            },
        ),
    ]

    def save_model(
        self, request: HttpRequest, obj: User, form: "ModelForm[User]", change: bool
    ) -> None:
        """The week goes with the person; an address that was replaced no longer signs in."""
        super().save_model(request, obj, form, change)
        if not change:
            set_week(obj, USUAL_WEEK)
            return
        assert isinstance(form, PersonForm)
        if set(DAYS) & set(form.changed_data):
            form.save_week_of(obj)
        if "email" in form.changed_data:
            EmailAddress.objects.filter(user=obj).exclude(email=obj.email).delete()
        if "is_active" in form.changed_data and not obj.is_active:
            end_access([obj.pk], now=timezone.now())

    @admin.action(description=_("Open the accounts again"), permissions=["change"])
    def open_accounts(self, request: HttpRequest, people: UserQuerySet) -> None:
        """They may sign in and be found."""
        count = open_accounts(people)
        self.message_user(request, _("%(count)d accounts are open.") % {"count": count})

    @admin.action(description=_("Close the accounts"), permissions=["change"])
    def close_accounts(self, request: HttpRequest, people: UserQuerySet) -> None:
        """They can no longer sign in; their meetings stay."""
        others = people.exclude(email=request.user.get_username())
        count = close_accounts(others, now=timezone.now())
        self.message_user(request, _("%(count)d accounts are closed.") % {"count": count})


@admin.register(TimeOff)
class TimeOffAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """When people are out of office."""

    list_display = ["user", "first", "start", "last", "end", "declines"]
    list_filter = ["declines", "first"]
    list_select_related = ["user"]
    search_fields = ["user__name", "user__email", "note"]
    autocomplete_fields = ["user"]
    ordering = ["-first", "user__name"]


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnly):
    """Whose programs act for them; people make tokens themselves, in their settings."""

    list_display = ["name", "prefix", "user", "scopes", "last_used_at", "expires_at", "revoked_at"]
    list_filter = ["last_used_at", ("revoked_at", admin.EmptyFieldListFilter)]
    list_select_related = ["user"]
    search_fields = ["user__name", "user__email", "name", "prefix__startswith"]
    actions = ["revoke"]
    fields = ["user", "name", "prefix", "scopes", "created_at"]
    fields += ["last_used_at", "expires_at", "revoked_at"]

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        """Whoever could change tokens, if they could be changed."""
        return request.user.has_perm("accounts.change_apitoken")

    @admin.action(description=_("Revoke the tokens"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, tokens: ApiTokenQuerySet) -> None:
        """Programs that use them are refused from now on."""
        count = tokens.revoke(timezone.now())
        said = ngettext("%d token is revoked.", "%d tokens are revoked.", count)
        self.message_user(request, said % count)
