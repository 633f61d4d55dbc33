"""Other times as they go out: what to send instead."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from pydantic import Field

from meetings.described.when_out import WhenOut, when_out
from meetings.slots import Alternative, SeriesAlternative


class AlternativeOut(WhenOut):
    """A time to take instead, with these rooms: at once, or so that fewest dates collide."""

    room_ids: list[str]
    colliding: int = Field(0, description="How many dates of a series collide all the same.")


def alternatives_out(
    alternatives: Sequence[Alternative | SeriesAlternative], zone: ZoneInfo | None
) -> list[AlternativeOut]:
    """The alternatives in their order, best first; of a series, its first date."""
    return [
        AlternativeOut(
            **when_out(alternative.when, zone),
            room_ids=[room.code for room in alternative.rooms],
            colliding=getattr(alternative, "colliding", 0),
        )
        for alternative in alternatives
    ]
