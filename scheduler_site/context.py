"""What every template may use."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    """`inbox`: whether mails end in the demo's inbox rather than leave the machine."""
    return {"inbox": settings.DEMO and not settings.EMAIL_URL}
