"""Where the demo's mail goes: into the database instead of out into the world."""

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from notifications.models import DemoMail


class DemoMailBackend(BaseEmailBackend):
    """Keeps each mail as it was sent, the accounts library's too."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Keep these mails; returns how many."""
        kept = DemoMail.objects.bulk_create(
            DemoMail(
                sender=message.from_email[:320],
                recipients=message.recipients(),
                subject=str(message.subject),
                source=message.message().as_bytes(linesep="\r\n"),  # type: ignore[call-arg]  # Django's own message takes it
                created_at=timezone.now(),
            )
            for message in email_messages
        )
        return len(kept)
