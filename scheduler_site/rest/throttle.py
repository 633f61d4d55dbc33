"""How much one token may ask: a bucket that fills steadily and allows bursts."""

import math

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ninja.errors import Throttled

from accounts.models import RateLimit


def take(request: HttpRequest, key: str) -> None:
    """Let a request through, or raise Throttled with the seconds to wait.

    `key` names whose bucket it is. What is left of it is noted for the answer's headers.
    """
    per_second, burst = settings.API_RATE / 60, settings.API_BURST
    left = RateLimit.take(key, per_second=per_second, burst=burst, now=timezone.now())
    request.rate_limit = {  # type: ignore[attr-defined]  # read by the middleware
        "RateLimit-Limit": str(burst),
        "RateLimit-Remaining": str(max(0, math.floor(left))),
        "RateLimit-Reset": str(math.ceil((burst - max(left, 0)) / per_second)),
    }
    if left < 0:
        raise Throttled(wait=math.ceil(-left / per_second))
