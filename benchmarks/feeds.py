"""Feeds: a long calendar asked for, and asked for again with nothing new."""

from django.test import Client
from django.utils import timezone

from benchmarks.data import Company
from benchmarks.measuring import Timing, measure
from notifications import feeds
from notifications.models import Feed


def subscribing(data: Company) -> list[tuple[Timing, Timing | None]]:
    """The whole calendar of somebody with 5,000 meetings, inside the server."""
    feeds.AT_ONCE = 1_000_000  # nobody else asks as often
    feed = Feed.objects.create(
        user=data.busiest, past_days=1000, future_days=1000, created_at=timezone.now()
    )
    client = Client(headers={"host": "127.0.0.1"})

    def ask(code: int, **headers: str) -> str:
        response = client.get(feed.get_absolute_url(), headers=headers)
        assert response.status_code == code, response.status_code
        assert code == 304 or response.content.count(b"BEGIN:VEVENT") == 5_000
        return str(response["ETag"])

    etag = ask(200)
    return [
        (measure("feed, 5,000 meetings", lambda n: ask(200), runs=5), None),
        (
            measure(
                "feed, 5,000 meetings, nothing new (304)",
                lambda n: ask(304, **{"if-none-match": etag}),
                runs=50,
            ),
            None,
        ),
    ]
