"""Messages to a phone or a desktop: a title, a few lines and a link."""

from notifications.channels.service import ServicePost


class PushPost(ServicePost):
    """Sends to a topic of the service of the settings."""

    channel = "push"
