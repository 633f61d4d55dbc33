"""The demo's mail for somebody who cannot open its inbox yet."""

from django import template
from django.conf import settings

from accounts.models import normal_address
from notifications.models import DemoMail

register = template.Library()


@register.simple_tag
def demo_subject_to(address: str) -> str:
    """The subject of the demo's newest mail to this address, '' outside the demo."""
    if not settings.DEMO:
        return ""
    mails = DemoMail.objects.filter(recipients__contains=[normal_address(address)])
    return mails.values_list("subject", flat=True).first() or ""
