"""What the administrator sees of notifications; each part registers itself."""

from notifications.admin import deliveries

__all__ = ["deliveries"]
