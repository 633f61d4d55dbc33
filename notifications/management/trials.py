"""What the commands share that send one message and say how it went."""

from collections.abc import Callable
from typing import Any

from django.core.management.base import CommandError

from accounts.commandline import ReportingCommand
from notifications.channels import Undelivered


def try_out(
    command: ReportingCommand,
    send: Callable[[], None],
    *,
    told: dict[str, Any],
    taken: str,
    what_to_do: dict[type[Undelivered], str],
) -> None:
    """Send and report: `told` for programs, the sentence `taken` for people.

    Raises CommandError with the reason and what to do.
    """
    try:
        send()
    except Undelivered as error:
        command.report(told | {"taken": False, "reason": str(error)}, [])
        reason = str(error).removesuffix(".")
        raise CommandError(f"{reason} ({told['server']}). {what_to_do[type(error)]}") from None
    command.report(told | {"taken": True, "reason": ""}, [taken])
