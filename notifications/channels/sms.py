"""Messages by SMS: one short text, of which two or three parts are paid for at the most."""

from notifications.channels.note import note_of
from notifications.channels.service import ServicePost, hand_over
from notifications.told import Telling

# 3GPP TS 23.038: of several parts each holds 153 characters of this alphabet, of which those of
# its extension count twice; one character that it does not have makes it 67.
ALPHABET = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("\f^{}\\[~]|€")
TWO_PARTS, THREE_SHORT_PARTS = 300, 200  # characters; a link is never cut

# Our own arrows, dashes and quotation marks are not worth another part.
PLAIN = str.maketrans(
    {"→": "->", "–": "-", "—": "-", "“": '"', "”": '"', "‘": "'", "’": "'", "…": "...", "\xa0": " "}
)


class SmsPost(ServicePost):
    """Sends to a phone number through the service of the settings."""

    channel = "sms"

    def send(self, telling: Telling) -> None:
        """Hand one message over; raises Undelivered."""
        note = note_of(telling).translated(PLAIN)
        hand_over(self.channel, telling.delivery.address, note.short(longest_of(note.words)))


def longest_of(words: str) -> int:
    """How many characters of such a text, with its link, are worth sending."""
    if not ALPHABET.issuperset(set(words) - EXTENSION):
        return THREE_SHORT_PARTS
    return TWO_PARTS - sum(words.count(letter) for letter in EXTENSION)
