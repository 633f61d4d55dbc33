"""The pages under /settings/."""

from accounts.views.person import hours, profile, zone
from accounts.views.time_off import change_time_off, remove_time_off, time_off
from accounts.views.tokens import revoke_token, tokens

__all__ = [
    "change_time_off",
    "hours",
    "profile",
    "remove_time_off",
    "revoke_token",
    "time_off",
    "tokens",
    "zone",
]
