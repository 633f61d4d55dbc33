"""What is to be sent, to whom and how they want it, how it went, and who subscribes."""

from notifications.models.deliveries import Delivery, DeliveryQuerySet
from notifications.models.demo import DemoMail
from notifications.models.feeds import Feed, FeedQuerySet
from notifications.models.hooks import HookEvent, Webhook
from notifications.models.wishes import Channel, Contact, Event, Preference, Wishes
from notifications.models.workers import Heartbeat, LateWarning, ReminderCursor

__all__ = [
    "Channel",
    "Contact",
    "Delivery",
    "DeliveryQuerySet",
    "DemoMail",
    "Event",
    "Feed",
    "FeedQuerySet",
    "Heartbeat",
    "HookEvent",
    "LateWarning",
    "Preference",
    "ReminderCursor",
    "Webhook",
    "Wishes",
]
