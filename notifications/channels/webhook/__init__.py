"""Signed messages to other programs, as POST requests with the meeting in the API's schema."""

from notifications.channels.webhook.post import WebhookPost

__all__ = ["WebhookPost"]
