"""What nothing starts without, and what production does not."""

import os
from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import check_password
from django.core.checks import CheckMessage, Error, Tags, register

from notifications.channels.service import fault_in

DEMO_DOMAIN = "@example.com"
DEMO_PASSWORD = "demo"


@register(Tags.security)
def production_is_reachable(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """Production can send mail, and knows the address that its links begin with."""
    if settings.DEMO:
        return []
    problems: list[CheckMessage] = []
    if not settings.EMAIL_URL:
        problems.append(
            Error(
                "Production needs a mail server:"
                " set EMAIL_URL=smtp+tls://user:password@mail.example.com:587",
                id="scheduler.E001",
            )
        )
    if not os.environ.get("BASE_URL"):
        problems.append(
            Error(
                "Production needs its public address, for links in mails:"
                " set BASE_URL=https://meetings.example.com",
                id="scheduler.E002",
            )
        )
    return problems


@register(Tags.security)
def services_can_be_used(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """Through the services that are set up for SMS, push and chat, people can be reached."""
    faults = [fault_in(channel, url) for channel, url in settings.CHANNEL_URLS.items()]
    return [Error(fault, id="scheduler.E004") for fault in faults if fault]


@register(Tags.database)
def production_has_no_demo_password(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """In production nobody signs in with the demo's password, which everybody knows."""
    if settings.DEMO or not databases:
        return []
    demo_people = get_user_model().objects.filter(email__endswith=DEMO_DOMAIN, is_active=True)
    for person in demo_people.iterator():
        if check_password(DEMO_PASSWORD, person.password):
            return [
                Error(
                    f"{person.get_username()} still has the demo's password: production needs a"
                    " database of its own (SCHEDULER_DATA_DIR or DATABASE_URL), without the demo.",
                    id="scheduler.E003",
                )
            ]
    return []
