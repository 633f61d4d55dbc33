"""Messages in a chat: a title, a few lines and a link."""

from notifications.channels.service import ServicePost


class ChatPost(ServicePost):
    """Sends to somebody's name in the chat of the settings."""

    channel = "chat"
