"""Calendars for other programs to subscribe to, under addresses that nobody guesses.

A person's feed holds her calendar as she reads it here, her private meetings in full: whoever has
the address reads it too, which the page that makes it says. A room's holds what any colleague may
know. Programs ask again and again, so most are told by its version alone that nothing is new.
"""

import hashlib
import math
from datetime import UTC, datetime, time, timedelta

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.http import http_date, parse_etags, parse_http_date_safe
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from accounts.models import RateLimit
from meetings.calendar_versions import version_for, version_of
from meetings.ical import write_calendar
from meetings.intervals import Stretch
from meetings.personal_calendar import personal_events
from meetings.room_calendar import room_events
from notifications.models import Feed

REFRESH = timedelta(hours=1)
DAY = timedelta(days=1)
# Of one address, or of everybody at one place who knows none: so many at once, then one each.
AT_ONCE, ONE_EACH = 30, timedelta(seconds=10)


@require_safe
@gzip_page
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar behind an address; 404 for one that was revoked as for one that never was."""
    now = timezone.now()
    found = Feed.objects.working().with_place().filter(token=token).first()
    wait = _wait(f"feed:{found.pk}" if found else _bucket_of_guesses(request), now)
    if wait:
        return _too_many(wait)
    if found is None:
        raise Http404
    found.read(now)
    with translation.override(settings.LANGUAGE_CODE):  # what asks is no reader with a language
        return _answer(request, found, now)


def _bucket_of_guesses(request: HttpRequest) -> str:
    """Whose guesses count together: those from one place, and from some others by chance.

    Of these there are so few that nobody fills a table with them.
    """
    try:
        place = str(get_adapter(request).get_client_ip(request))
    except PermissionDenied:  # nobody knows, as behind a socket without a proxy
        place = ""
    return f"feeds:{hashlib.sha256(place.encode()).hexdigest()[:4]}"


def _wait(key: str, now: datetime) -> int:
    """The seconds to wait before the next try; 0 if this one may pass."""
    each = ONE_EACH.total_seconds()
    left = RateLimit.take(key, per_second=1 / each, burst=AT_ONCE, now=now)
    return math.ceil(-left * each) if left < 0 else 0


def _too_many(wait: int) -> HttpResponse:
    words = _("Too many requests. Ask again later.")
    headers = {"Retry-After": str(wait), "Cache-Control": "no-store"}
    return HttpResponse(words, status=429, content_type="text/plain", headers=headers)


def _answer(request: HttpRequest, found: Feed, now: datetime) -> HttpResponse:
    """The calendar, or that it is as it was.

    The version is read first: if something changes before the calendar is read as well, the next
    request finds another version and gets the calendar anew.
    """
    within = window(found, now)
    etag, modified = _validators(found, within)
    response: HttpResponse
    if _is_known(request, etag, modified):
        response = HttpResponseNotModified()
    else:
        response = HttpResponse(
            calendar_text(found, within, now),
            content_type="text/calendar; charset=utf-8",
            headers={"Content-Disposition": 'inline; filename="calendar.ics"'},
        )
    response["ETag"] = etag
    response["Last-Modified"] = http_date(modified)
    response["Cache-Control"] = "private, no-cache, max-age=0"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    patch_vary_headers(response, ["Accept-Encoding"])
    return response


def window(found: Feed, now: datetime) -> Stretch:
    """What the feed holds: whole days of UTC, so that the same for a day."""
    today = datetime.combine(now.astimezone(UTC).date(), time.min, UTC)
    return Stretch(
        today - timedelta(days=found.past_days), today + timedelta(days=found.future_days + 1)
    )


def _validators(found: Feed, within: Stretch) -> tuple[str, int]:
    """What names the version: the ETag, and a time for programs that know only Last-Modified.

    Both change at midnight UTC, when the window moves; so a program never keeps for longer what
    another release of ours, or other rules of a time zone, would write otherwise. No row tells
    when a room was renamed or a meeting left the calendar, so the time is one of the day before
    that the version is dealt: it is compared for being the same, as RFC 9110, 13.1.3 allows, and
    that two versions of a day have the same is one case in 86,400.
    """
    version = version_of(found.room, within) if found.room else version_for(found.user, within)
    parts = [found.uid, found.created_at, within.start, within.end, settings.BASE_URL, version]
    digest = hashlib.sha256("\n".join(map(str, parts)).encode()).digest()
    today = int((within.start + timedelta(days=found.past_days)).timestamp())
    seconds = int(DAY.total_seconds())
    return f'"{digest.hex()[:40]}"', today - 1 - int.from_bytes(digest[:8]) % seconds


def _is_known(request: HttpRequest, etag: str, modified: int) -> bool:
    """Whether who asks has this version (RFC 9110, 13.1.2 and 13.1.3)."""
    asked = request.headers.get("If-None-Match")
    if asked is not None:
        # Compressed, it is sent with a weak one.
        return any(tag in ("*", etag) for tag in (t.removeprefix("W/") for t in parse_etags(asked)))
    return parse_http_date_safe(request.headers.get("If-Modified-Since", "")) == modified


def calendar_text(found: Feed, within: Stretch, now: datetime) -> bytes:
    """The calendar as iCalendar text: always the same bytes for the same calendar."""
    base = settings.BASE_URL
    if found.room:
        name, zone = f"{found.room.name} ({found.room.site.name})", found.room.zone
        events = room_events(found.room, within, now=now, since=found.created_at, base=base)
    else:
        name, zone = str(found.user), found.user.zone
        events = personal_events(found.user, within, base=base)
    return write_calendar(events, name=name, zone=zone, refresh=REFRESH, year=now.year)
