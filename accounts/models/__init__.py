"""The records of people."""

from accounts.models.hours import WorkingHours, minutes_words
from accounts.models.limits import RateLimit
from accounts.models.people import User, UserManager, UserQuerySet, normal_address
from accounts.models.time_off import TimeOff
from accounts.models.tokens import ApiToken, ApiTokenQuerySet

__all__ = [
    "ApiToken",
    "ApiTokenQuerySet",
    "RateLimit",
    "TimeOff",
    "User",
    "UserManager",
    "UserQuerySet",
    "WorkingHours",
    "minutes_words",
    "normal_address",
]
