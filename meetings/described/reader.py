"""For whom something is described."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from accounts.models import User


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads the answer, when, and in which zone (None is UTC)."""

    user: User
    now: datetime
    zone: ZoneInfo | None
