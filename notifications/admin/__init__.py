"""What the administrator sees of notifications; each part registers itself."""

from notifications.admin import deliveries, feeds, webhooks

__all__ = ["deliveries", "feeds", "webhooks"]
