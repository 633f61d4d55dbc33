"""What SMS, push and chat share: short messages, handed to a service of the settings by apprise.

The address of a service has the placeholder `{to}` where the person's own address goes. It is the
administrator's and holds keys: it is neither logged nor kept, and no sentence here quotes it.

apprise tells only whether a message left. Why it did not is read from the service's last answer:

    400, 404, 410, 422 and other 4xx   Refused: this message will never be taken
    401, 403, 407                      Deferred: our key is wrong, which can be put right
    408, 425, 429, 5xx                 Deferred: the service asks to try again later
    3xx                                Deferred: nothing is sent elsewhere than the settings say
    2xx, but the service took nothing  Deferred: why is not known
    no connection                      Unreachable
    no answer in time, or half of one  Lost: it may have been taken
"""

import re
import sys
from collections.abc import Mapping
from types import TracebackType
from typing import Any, ClassVar, Self
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from apprise import Apprise, AppriseAsset, NotifyBase, NotifyFormat, PersistentStoreMode
from apprise.conversion import convert_between
from apprise.result import AppriseResultStatus
from django.conf import settings
from django.utils.translation import gettext as _
from requests import ConnectionError as NoConnection
from requests import ConnectTimeout
from requests.exceptions import SSLError
from urllib3.exceptions import MaxRetryError, NewConnectionError

from notifications.channels import Deferred, Lost, Refused, Undelivered, Unreachable
from notifications.channels.note import note_of
from notifications.channels.wire import Answer, answers
from notifications.told import Telling

PLACE = "{to}"
PATIENCE = 5.0  # seconds: to connect, and again for the answer
IN_ALL = 3  # times as long for services that are asked several things

# What people's addresses are made of: a phone number, a topic, a name; never two of them.
ADDRESS = re.compile(r"\+?[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")
BETWEEN = re.compile(r"[/?&=,@#!: +]")
SAMPLES = {"sms": "+15005550006", "push": "scheduler-sample", "chat": "sample"}
EXAMPLES = {
    "sms": "twilio://ACCOUNT-SID:TOKEN@+15551234567/{to}",
    "push": "ntfys://ntfy.example.com/{to}",
    "chat": "slack://xoxb-BOT-TOKEN/@{to}",
}
# Options of apprise's addresses that are decided here.
OURS = {"attach", "cto", "optional", "redirect", "retry", "rto", "wait"}

OUR_KEY_IS_WRONG = {401, 403, 407}
LATER = {408, 425, 429}


class ServicePost:
    """Sends short messages through the service that is set up for its channel."""

    channel: ClassVar[str]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        pass  # each message has a connection of its own

    def send(self, telling: Telling) -> None:
        """Hand one message over; raises Undelivered."""
        note, address = note_of(telling), telling.delivery.address
        hand_over(self.channel, address, "\n".join(note.lines), title=note.title, link=note.link)


def hand_over(channel: str, address: str, text: str, *, title: str = "", link: str = "") -> None:
    """Give any text to the service of the channel, for one address; raises Undelivered.

    A link is the last line of it.
    """
    service = _service_for(channel, address)
    post = Apprise(asset=service.asset)
    post.add(service)
    with answers() as answered:
        result = post.notify(**_written_for(service, title, text, link))
    if result:
        return
    if result.status == AppriseResultStatus.TIMEOUT:
        raise Lost(_("The service did not answer in time."))
    raise _meant(answered)


def fault_in(channel: str, url: str) -> str:
    """What is wrong with a service's address in the settings and what to write; or empty."""
    setting = f"{channel.upper()}_URL"
    write = f"write {setting}={EXAMPLES[channel]} or another service's address for apprise"
    if PLACE not in url:
        return f"{setting} does not say where the person's own address goes: {write}."
    if PLACE in re.split("[/?]", url.partition("://")[2])[0].rpartition("@")[2]:
        return f"{setting} has {PLACE} where its host belongs: {write}."
    for option in sorted(OURS & {name.lower() for name, _value in parse_qsl(urlsplit(url).query)}):
        return f"{setting} has the option {option}, which is decided here: leave it out."
    service = _service(url, SAMPLES[channel])
    if service is None:
        return f"{setting} is no address that apprise can read: {write}."
    if not _speaks_http(service):
        return f"{setting} names a service that is not reached over HTTP: {write}."
    if not _reaches(service, SAMPLES[channel]):
        return f"{setting} has {PLACE} where that service looks for nobody: {write}."
    return ""


def _service_for(channel: str, address: str) -> NotifyBase:
    """The service that writes to this address alone; raises Refused."""
    url = _urls().get(channel)
    if not url:
        raise Refused(_("This way of telling people is not set up any more."))
    service = _service(url, address) if ADDRESS.fullmatch(address) else None
    # Without the address a service may write to somebody else: to a whole channel, or to us.
    if service is None or not _speaks_http(service) or not _reaches(service, address):
        raise Refused(_("The service cannot write to such an address."))
    return service


def _urls() -> Mapping[str, str]:
    urls: Mapping[str, str] = settings.CHANNEL_URLS
    return urls


def _service(url: str, address: str) -> NotifyBase | None:
    asset = AppriseAsset(
        app_id="Scheduler",
        app_desc="Scheduler",
        app_url=settings.BASE_URL,
        http_redirects=False,
        image_url_mask="",
        image_url_logo="",
        interpret_emojis=False,
        storage_mode=PersistentStoreMode.MEMORY,
        service_timeout=IN_ALL * PATIENCE,
    )
    service = Apprise.instantiate(url.replace(PLACE, quote(address, safe="")), asset=asset)
    if service is not None:
        service.socket_connect_timeout = service.socket_read_timeout = PATIENCE
    return service


def _written_for(service: NotifyBase, title: str, text: str, link: str) -> dict[str, Any]:
    """The arguments of `notify`: what people wrote stays text, also where Markdown is read.

    Links are left alone: escaped, they would lead nowhere.
    """
    form = NotifyFormat.TEXT
    if service.resolve_format(form) == NotifyFormat.MARKDOWN:
        form = NotifyFormat.MARKDOWN
        text = _escaped(text)
        if service.title_maxlen <= 0:  # it becomes a part of the text
            title = _escaped(title)
    body = "\n".join(filter(None, [text, link]))
    return {"title": title, "body": body, "body_format": form}


def _escaped(text: str) -> str:
    escaped = convert_between(NotifyFormat.TEXT, NotifyFormat.MARKDOWN, text)  # type: ignore[no-untyped-call]
    return str(escaped)


def _speaks_http(service: NotifyBase) -> bool:
    """Whether it asks a server, rather than doing something on this machine."""
    modules = (sys.modules[kind.__module__] for kind in type(service).__mro__)
    return any(hasattr(module, "requests") for module in modules)


def _reaches(service: NotifyBase, address: str) -> bool:
    """Whether it kept the address: what it cannot read it leaves out and goes on."""
    url = str(service.url())  # type: ignore[no-untyped-call]
    return address.lstrip("+") in BETWEEN.split(unquote(url))


def _meant(answered: list[Answer]) -> Undelivered:
    """What the last answer means for the message."""
    if not answered:
        return Deferred(_("The service could not be asked."))
    last = answered[-1]
    if not isinstance(last, int):
        return _unanswered(last)
    status = {"status": last}
    if last in OUR_KEY_IS_WRONG:
        return Deferred(_("The service does not let us in (%(status)d).") % status)
    if last >= 500 or last in LATER:
        return Deferred(_("The service asks to try again later (%(status)d).") % status)
    if last >= 400:
        return Refused(_("The service refuses the message (%(status)d).") % status)
    if last >= 300:
        return Deferred(_("The service has moved (%(status)d); correct its address.") % status)
    return Deferred(_("The service answered, but did not take the message."))


def _unanswered(error: Exception) -> Undelivered:
    """Only where no connection came about it is certain that nothing was handed over."""
    cause = error.args[0] if error.args else None
    never = isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)
    if isinstance(error, (ConnectTimeout, SSLError)) or (isinstance(error, NoConnection) and never):
        return Unreachable(_("There is no connection to the service."))
    return Lost(_("The connection to the service broke."))
