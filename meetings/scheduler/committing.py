"""How every command commits: one transaction, locks in one order, the plan made again.

The order of locks is meetings by id, then rooms by id. The database is the judge: whoever loses
a race for a room gets the same answer as somebody who came late.
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from meetings import events
from meetings.models import Change, IdempotencyKey, Meeting
from meetings.models.booking import NO_DOUBLE_BOOKING
from meetings.problems import WrongState
from meetings.scheduler.plans import Conflicted, Plan
from meetings.scheduler.resolving import count_outcome

TRIES = 3
LOCK_TIMEOUT = timedelta(seconds=3)

# SQLSTATEs of a race that was lost and may be tried again with the new state of things.
DEADLOCK, LOCK_NOT_AVAILABLE, EXCLUSION = "40P01", "55P03", "23P01"

R = TypeVar("R")


class AlreadyAnswered(Exception):
    """The same try was answered before; `answer` is what was written then."""

    def __init__(self, answer: dict[str, str]) -> None:
        super().__init__()
        self.answer = answer


class MoreToLock(Exception):
    """The plan made under the locks needs rows that are not locked: begin again with those."""


def committed(work: Callable[[], R], *, plan: Callable[[], Plan] | None = None) -> R:
    """Run `work` as one outermost transaction, again if it lost a race or has more to lock.

    Three times at most.

    `work` locks, plans and writes; whatever it raises undoes all of it. Raises what it raises.
    If others are in the way for too long, raises Conflicted when `plan`, read once more, says
    that they took the room, else WrongState.
    """
    for _attempt in range(TRIES):
        try:
            with transaction.atomic(durable=True):
                _wait_no_longer_than(LOCK_TIMEOUT)
                return work()
        except MoreToLock:
            continue
        except DatabaseError as error:
            if not _lost_race(error):
                raise
    if plan is not None and (late := plan()).refused:
        count_outcome("any", "too_late", late)
        raise Conflicted(late)
    raise WrongState(_("Others are booking the same at this moment. Try again."))


def record(change: Change) -> Change:
    """Write a change and announce it, inside the command's transaction."""
    change.save(force_insert=True)
    events.announced.send(sender=Change, change=change)
    return change


@contextmanager
def once(
    key: str | None, body: object, *, by: User, now: datetime
) -> Iterator[Callable[[Meeting], None]]:
    """Let a keyed try through once; yields what records its answer.

    A second try waits for the first on the index. Raises AlreadyAnswered if that succeeded,
    WrongState if it asked for something else.
    """
    if not key:
        yield lambda meeting: None
        return
    body_hash = hashlib.sha256(repr(body).encode()).hexdigest()
    row, ours = IdempotencyKey.objects.get_or_create(
        user=by, key=key, defaults={"body_hash": body_hash, "created_at": now}
    )
    if not ours:
        if row.body_hash != body_hash:
            raise WrongState(
                _("This was already sent with other values. Begin anew to book again.")
            )
        raise AlreadyAnswered(row.answer or {})

    def answered(meeting: Meeting) -> None:
        row.answer = {"meeting": str(meeting.uid)}
        row.save(update_fields=["answer"])

    yield answered


def _wait_no_longer_than(time: timedelta) -> None:
    with connection.cursor() as cursor:
        milliseconds = int(time.total_seconds() * 1000)
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{milliseconds}ms"])


def _lost_race(error: DatabaseError) -> bool:
    cause = error.__cause__
    state = getattr(cause, "sqlstate", None)
    if state == EXCLUSION:
        diagnosis = getattr(cause, "diag", None)
        return getattr(diagnosis, "constraint_name", None) == NO_DOUBLE_BOOKING
    return state in (DEADLOCK, LOCK_NOT_AVAILABLE)
