"""Messages by SMS: one short text, of which two or three parts are paid for at the most."""

from notifications.channels.note import note_of
from notifications.channels.service import ServicePost, hand_over
from notifications.told import Telling

LONGEST = 300  # characters; a link is never cut


class SmsPost(ServicePost):
    """Sends to a phone number through the service of the settings."""

    channel = "sms"

    def send(self, telling: Telling) -> None:
        """Hand one message over; raises Undelivered."""
        hand_over(self.channel, telling.delivery.address, note_of(telling).short(LONGEST))
