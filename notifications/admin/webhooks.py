"""Webhooks: who registers one sees at once whether messages arrive there."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminURLFieldWidget
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from notifications.channels import Undelivered
from notifications.channels.webhook import WebhookPost
from notifications.channels.webhook.signing import shown_secret
from notifications.channels.webhook.targets import (
    BadTarget,
    Unknown,
    addresses_of,
    by_name,
    target_of,
)
from notifications.models import Delivery, HookEvent, Webhook
from notifications.models.hooks import new_secret

SECONDS = 2.0  # for the question where a host is


class WebhookForm(forms.ModelForm):  # type: ignore[type-arg]
    """A webhook as it is typed in."""

    url = forms.URLField(
        label=gettext_lazy("Address"),
        max_length=300,
        assume_scheme="https",
        widget=AdminURLFieldWidget,
    )
    events = forms.MultipleChoiceField(
        label=gettext_lazy("Events"),
        choices=[
            (event.value, format_lazy("{} ({})", event.label, event.value)) for event in HookEvent
        ],
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Webhook
        fields = ("name", "url", "events", "viewer", "active")

    def clean_url(self) -> str:
        """Only what can be posted to."""
        url: str = self.cleaned_data["url"]
        try:
            target_of(url)
        except BadTarget as error:
            raise forms.ValidationError(str(error)) from error
        return url


@admin.register(Webhook)
class WebhookAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Programs that are told what happens. The secret is for who may change them."""

    form = WebhookForm
    list_display = ("name", "url", "viewer", "active")
    list_filter = ("active",)
    list_select_related = ("viewer",)
    search_fields = ("name", "url")
    ordering = ("name", "pk")
    autocomplete_fields = ("viewer",)
    readonly_fields = ("secret_shown", "log")
    actions = ("renew",)

    def get_fields(self, request: HttpRequest, obj: Webhook | None = None) -> Any:
        """One that is new has no secret yet, and nothing was sent."""
        fields = list(WebhookForm.Meta.fields)
        if obj and self.has_change_permission(request, obj):
            fields.append("secret_shown")
        if obj and request.user.has_perm("notifications.view_delivery"):
            fields.append("log")
        return fields

    @admin.display(description=gettext_lazy("secret"))
    def secret_shown(self, hook: Webhook) -> str:
        return format_html("<code>{}</code>", shown_secret(hook.secret))

    @admin.display(description=gettext_lazy("messages"))
    def log(self, hook: Webhook) -> str:
        address = reverse("admin:notifications_delivery_changelist")
        words = _("What was sent, and how it went")
        return format_html('<a href="{}?webhook__id__exact={}">{}</a>', address, hook.pk, words)

    def save_model(self, request: HttpRequest, obj: Webhook, form: Any, change: bool) -> None:
        """Saved in any case: what stands in its way today may be put right."""
        super().save_model(request, obj, form, change)
        for warning in warnings(obj):
            messages.warning(request, warning)

    @admin.action(description=gettext_lazy("Make a new secret"), permissions=["change"])
    def renew(self, request: HttpRequest, hooks: QuerySet[Webhook]) -> None:
        """From now on each signs with another secret."""
        for hook in hooks:
            hook.secret = new_secret()
            hook.save(update_fields=["secret"])
            self.log_change(request, hook, _("Made a new secret."))
        said = ngettext("%d webhook has a new secret.", "%d webhooks have new secrets.", len(hooks))
        self.message_user(request, said % len(hooks))

    def get_urls(self) -> list[URLPattern]:
        """With the addresses of the buttons on a webhook's page."""
        own = [
            path(f"<int:pk>/{word}/", self.admin_site.admin_view(view), name=f"{name}_{word}")
            for name in ["notifications_webhook"]
            for word, view in (("test", self.send_test), ("renew", self.renew_one))
        ]
        return [*own, *super().get_urls()]

    def send_test(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Post a message that tells nothing, at once, and say how it went."""
        hook = self._pressed_for(request, pk)
        if isinstance(hook, HttpResponse):
            return hook
        try:
            WebhookPost().ping(hook, timezone.now())
        except Undelivered as error:
            messages.error(request, _("The test did not arrive. %(why)s") % {"why": error})
        else:
            messages.success(request, _("The test has arrived."))
        return redirect("admin:notifications_webhook_change", pk)

    def renew_one(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The action, for the one that is looked at."""
        hook = self._pressed_for(request, pk)
        if isinstance(hook, HttpResponse):
            return hook
        self.renew(request, Webhook.objects.filter(pk=pk))
        return redirect("admin:notifications_webhook_change", pk)

    def _pressed_for(self, request: HttpRequest, pk: int) -> Webhook | HttpResponse:
        """The webhook whose button was pressed; raises PermissionDenied."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        hook = get_object_or_404(Webhook, pk=pk)
        if not self.has_change_permission(request, hook):
            raise PermissionDenied
        return hook

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What was sent goes with it, by number: the log itself lets nobody delete anything."""
        hooks = list(objs)
        gone = Delivery.objects.filter(webhook__in=hooks).count()
        counts = {
            str(Webhook._meta.verbose_name_plural): len(hooks),
            str(Delivery._meta.verbose_name_plural): gone,
        }
        return [str(hook) for hook in hooks], counts, set(), []


def warnings(hook: Webhook) -> list[str]:
    """Why a webhook that is in order would be told nothing today."""
    found = []
    if not hook.viewer.is_active:
        found.append(
            _("%(person)s has no account any more: nothing is sent.") % {"person": hook.viewer}
        )
    try:
        target = target_of(hook.url)
        addresses_of(target, settings.WEBHOOK_NETWORKS, resolve=by_name, seconds=SECONDS)
    except (BadTarget, Unknown) as error:
        found.append(str(error))
    return found
