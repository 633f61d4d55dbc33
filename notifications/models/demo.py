"""The mails of the demo."""

import uuid

from django.db import models


class DemoMail(models.Model):
    """A mail of the demo, kept as it was sent instead of leaving the machine."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sender = models.CharField(max_length=320)
    recipients = models.JSONField(default=list)
    subject = models.TextField(blank=True)
    source = models.BinaryField()
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.subject
