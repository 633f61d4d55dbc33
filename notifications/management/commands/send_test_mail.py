"""Send one mail, and say what the mail server said."""

from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.management.base import CommandParser

from accounts.commandline import ReportingCommand, wrong_usage
from meetings.drafts import ADDRESS
from notifications.channels import Deferred, Lost, Refused, Undelivered, Unreachable
from notifications.channels.email import EmailPost
from notifications.management.trials import try_out

WHAT_TO_DO: dict[type[Undelivered], str] = {
    Refused: "It will never take this mail: correct the address, or EMAIL_FROM.",
    Deferred: "It may take the mail later; try again in a while.",
    Lost: "The connection broke while handing over; the mail may have arrived all the same.",
    Unreachable: "Check EMAIL_URL, and that this machine may connect to that server.",
}


class Command(ReportingCommand):
    """`manage.py send_test_mail ADDRESS`."""

    help = "Hands a mail to the mail server as messages are handed over, and says how it went."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", help="who is to get it")

    def handle(self, *, address: str, **options: Any) -> None:
        if not ADDRESS.fullmatch(address):
            raise wrong_usage(f"“{address}” is not an e-mail address.")
        server = _server()
        mail = EmailMessage(
            subject="A test of the scheduler’s mail",
            body=f"Mail from {settings.BASE_URL} arrives here. Nothing needs to be done.\n",
            to=[address],
        )
        where = "read it at /dev/mail/" if not settings.EMAIL_URL else f"look for it at {address}"
        try_out(
            self,
            lambda: _hand_over(mail),
            told={"address": address, "server": server},
            taken=f"{server} took a mail from {settings.EMAIL_FROM} to {address}: {where}.",
            what_to_do=WHAT_TO_DO,
        )


def _hand_over(mail: EmailMessage) -> None:
    with EmailPost() as post:
        post.hand_over(mail)


def _server() -> str:
    """Which one it is, without the password."""
    if not settings.EMAIL_URL:
        return "The demo’s mailbox"
    secured = " with STARTTLS" if settings.EMAIL_USE_TLS else ""
    secured = " with TLS" if settings.EMAIL_USE_SSL else secured
    return f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}{secured}"
