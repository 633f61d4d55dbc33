"""Messages by e-mail: text, HTML, and an invitation that calendar programs understand."""

from notifications.channels.email.post import EmailPost

__all__ = ["EmailPost"]
