"""Values from the environment, each checked when it is read."""

import os
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from scheduler_site.logs import FORMATS as LOG_FORMATS
from scheduler_site.logs import LEVELS as LOG_LEVELS

CHANNELS = ("sms", "push", "chat")
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def data_directory() -> Path:
    """Where the state lives: SCHEDULER_DATA_DIR, else `var` in the clone."""
    clone = Path(__file__).resolve().parent.parent
    return Path(os.environ.get("SCHEDULER_DATA_DIR") or clone / "var").resolve()


def metrics_directory() -> Path:
    """Where the processes of this machine count; nobody needs to keep it."""
    return data_directory() / "metrics"


def integer(name: str, default: int, *, lowest: int = 0) -> int:
    """A whole number of at least `lowest`; raises ImproperlyConfigured with what to write."""
    text = os.environ.get(name, "").strip()
    if not text:
        return default
    if not text.isdigit() or int(text) < lowest:
        raise ImproperlyConfigured(
            f"{name} is {text!r}; write a whole number of {lowest} or more, for example {default}."
        )
    return int(text)


def mode(bind: str) -> str:
    """`demo` or `production`: as SCHEDULER_MODE says, else demo exactly when bound to loopback."""
    text = os.environ.get("SCHEDULER_MODE", "").strip()
    if text not in ("", "demo", "production"):
        raise ImproperlyConfigured(f"SCHEDULER_MODE is {text!r}; write demo or production.")
    return text or ("demo" if bind in LOOPBACK else "production")


def choice(name: str, choices: tuple[str, ...], default: str) -> str:
    """One of `choices`, whichever way it is written; raises ImproperlyConfigured."""
    text = os.environ.get(name, "").strip() or default
    for known in choices:
        if text.lower() == known.lower():
            return known
    raise ImproperlyConfigured(f"{name} is {text!r}; write {', '.join(choices)}.")


def logs(*, demo: bool) -> dict[str, str]:
    """What is logged, and how: `level` and `form` for `logs.configuration`."""
    return {
        "level": choice("LOG_LEVEL", LOG_LEVELS, "WARNING" if demo else "INFO"),
        "form": choice("LOG_FORMAT", LOG_FORMATS, "line" if demo else "json"),
    }


def database(url: str) -> dict[str, object]:
    """Django's settings of the PostgreSQL database at `url` (sockets included)."""
    if not url:
        raise ImproperlyConfigured(
            "DATABASE_URL is not set. Start through ./run, which starts a database of its own,"
            " or write DATABASE_URL=postgresql://user:password@host:5432/name."
        )
    try:
        parts = conninfo_to_dict(url)
    except ProgrammingError as error:
        raise ImproperlyConfigured(
            "DATABASE_URL is not a PostgreSQL address;"
            " write DATABASE_URL=postgresql://user:password@host:5432/name."
        ) from error
    known = {
        "dbname": "NAME",
        "user": "USER",
        "password": "PASSWORD",
        "host": "HOST",
        "port": "PORT",
    }
    settings = {known[key]: value for key, value in parts.items() if key in known}
    options = {key: value for key, value in parts.items() if key not in known}
    return {
        "ENGINE": "django.db.backends.postgresql",
        **settings,
        "OPTIONS": options,
        # Kept between requests: a new one costs as much as a small page.
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


def mail(url: str) -> dict[str, object]:
    """Django's EMAIL_* settings for `smtp://`, `smtp+tls://` (STARTTLS) or `smtps://` addresses."""
    parts = urlsplit(url)
    ports = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
    try:
        port = parts.port
    except ValueError:
        port = -1
    if parts.scheme not in ports or not parts.hostname or port == -1:
        raise ImproperlyConfigured(
            "EMAIL_URL is not a mail server's address; write"
            " EMAIL_URL=smtp+tls://user:password@mail.example.com:587 (or smtps://…:465)."
        )
    options = dict(parse_qsl(parts.query))
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port or ports[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_TIMEOUT": int(options.get("timeout", "10")),
    }


def channels() -> dict[str, str]:
    """The addresses of the services for SMS, push and chat, by channel; only those set up."""
    urls = {name: os.environ.get(f"{name.upper()}_URL", "").strip() for name in CHANNELS}
    return {name: url for name, url in urls.items() if url}


def networks(name: str) -> list[IPv4Network | IPv6Network]:
    """Networks, separated by commas; raises ImproperlyConfigured with what to write."""
    words = [word.strip() for word in os.environ.get(name, "").split(",") if word.strip()]
    try:
        return [ip_network(word) for word in words]
    except ValueError as error:
        raise ImproperlyConfigured(
            f"{name}: {error}; write networks, for example 10.20.0.0/16,192.168.7.5/32."
        ) from error


def secret_key(directory: Path) -> str:
    """SECRET_KEY, or the one kept in `directory`, generated on the first start."""
    given = os.environ.get("SECRET_KEY", "")
    if given:
        return given
    from django.core.management.utils import get_random_secret_key

    path = directory / "secret_key"
    directory.mkdir(parents=True, exist_ok=True)
    try:
        # Two processes may start at once: exactly one creates the file, whole.
        draft = directory / f"secret_key.{os.getpid()}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(get_random_secret_key())
        if not path.exists():
            os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink(missing_ok=True)
    return path.read_text()
