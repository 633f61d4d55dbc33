"""Send one message by SMS, push or chat, and say how it went."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from accounts.commandline import ReportingCommand, wrong_usage
from notifications.channels import Deferred, Lost, Refused, Undelivered, Unreachable
from notifications.channels.service import EXAMPLES, hand_over
from notifications.management.trials import try_out


class Command(ReportingCommand):
    """`manage.py send_test_message CHANNEL ADDRESS`."""

    help = "Hands a message to the service for SMS, push or chat, and says how it went."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("channel", choices=list(EXAMPLES), help="which way it is to take")
        parser.add_argument("address", help="a phone number (+15551234567), a topic or a name")

    def handle(self, *, channel: str, address: str, **options: Any) -> None:
        setting = f"{channel.upper()}_URL"
        if not settings.CHANNEL_URLS.get(channel):
            raise wrong_usage(f"{setting} is not set; write for example {EXAMPLES[channel]}.")
        server = f"the service of {setting}"
        text = f"A test of the scheduler at {settings.BASE_URL}. Nothing needs to be done."
        try_out(
            self,
            lambda: hand_over(channel, address, text),
            told={"channel": channel, "address": address, "server": server},
            taken=f"{server[:1].upper()}{server[1:]} took a message for {address}.",
            what_to_do=_what_to_do(setting),
        )


def _what_to_do(setting: str) -> dict[type[Undelivered], str]:
    return {
        Refused: f"It will never take this message: correct the address, or {setting}.",
        Deferred: f"It may take the message later; if it does not, correct {setting}.",
        Lost: "The message may have arrived all the same.",
        Unreachable: f"Check {setting}, and that this machine may connect to that service.",
    }
