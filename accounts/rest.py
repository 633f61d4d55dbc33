"""What the REST operations of all apps share: the types of their values, and how they refuse."""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Schema
from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    StrictBool,
    StrictInt,
    StringConstraints,
    WithJsonSchema,
)

from accounts.models import ApiToken, User
from accounts.zones import is_zone

DATE_TIME = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?P<offset>[Zz]|[+-]\d\d:?\d\d)?"
)
DATE = re.compile(r"\d{4}-\d\d-\d\d")


class RestRequest(HttpRequest):
    """A request to an operation: somebody is there, with a token unless signed in by a browser."""

    user: User
    auth: ApiToken | User


class Strict(Schema):
    """A body: what it does not know, it refuses."""

    model_config = ConfigDict(extra="forbid")


class FieldProblem(Schema):
    """What is wrong with one field, and what to do."""

    field: str
    detail: str


class Problem(Schema):
    """Why nothing was done (RFC 9457). `errors` name the fields that are wrong."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[FieldProblem] | None = None


REFUSALS: dict[Any, Any] = {
    frozenset({400, 401, 403, 404, 405, 409, 412, 422, 429}): Problem,
}
"""How any operation may answer instead of doing what was asked."""


class Refused(Exception):
    """An answer that is not what was asked for; becomes a Problem with this status."""

    def __init__(self, status: int, detail: str, *, fields: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.fields = fields or {}


def not_found() -> Refused:
    """The one answer for what is not there and for what this person may not know of."""
    return Refused(404, _("There is nothing here that you may see."))


def invalid(field: str, detail: str) -> Refused:
    """One field is wrong."""
    return Refused(422, detail, fields={field: detail})


def _instant(value: object) -> datetime:
    """Raises ValueError with a sentence."""
    found = DATE_TIME.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError(_("Write a time as 2027-03-29T09:00:00Z or 2027-03-29T09:00:00+02:00."))
    if not found["offset"]:
        raise ValueError(_("A time needs an offset: add Z for UTC, or one like +02:00."))
    try:
        # 1900 to 2199 is the calendar of the product (see meetings.wallclock).
        instant = datetime.fromisoformat(found[0].upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(_("There is no such date or time.")) from None
    if not 1900 <= instant.year <= 2199:
        raise ValueError(_("Times lie between the years 1900 and 2199."))
    return instant


def _date(value: object) -> date:
    """Raises ValueError with a sentence."""
    if not (isinstance(value, str) and DATE.fullmatch(value)):
        raise ValueError(_("Write a date as 2027-03-29."))
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise ValueError(_("There is no such date.")) from None
    if not 1900 <= day.year <= 2199:
        raise ValueError(_("Dates lie between the years 1900 and 2199."))
    return day


def _zone(value: object) -> ZoneInfo:
    """Raises ValueError with a sentence."""
    if isinstance(value, ZoneInfo):
        return value
    if not (isinstance(value, str) and is_zone(value)):
        raise ValueError(_("Name a zone of the IANA database, for example Europe/Berlin."))
    return ZoneInfo(value)


def _storable(text: str) -> str:
    """Raises ValueError with a sentence for what PostgreSQL cannot keep."""
    if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError(_("That holds a character that cannot be stored."))
    return text


Instant = Annotated[
    datetime,
    PlainValidator(_instant),
    WithJsonSchema(
        {"type": "string", "format": "date-time", "examples": ["2027-03-29T09:00:00+02:00"]}
    ),
]
"""A time that came in: ISO 8601 with an offset. UTC from here on."""

Day = Annotated[
    date,
    PlainValidator(_date),
    WithJsonSchema({"type": "string", "format": "date", "examples": ["2027-03-29"]}),
]

Zone = Annotated[
    ZoneInfo,
    PlainValidator(_zone),
    PlainSerializer(str),
    WithJsonSchema({"type": "string", "format": "iana-zone", "examples": ["Europe/Berlin"]}),
]

Text = Annotated[str, StringConstraints(max_length=20_000), AfterValidator(_storable)]
"""Any text; what reads it may want it shorter."""

Identifier = Annotated[str, StringConstraints(max_length=300), AfterValidator(_storable)]
"""What names somebody or something."""

Flag = StrictBool
Number = StrictInt

Stamp = Annotated[
    str,
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2027-03-29T07:00:00Z"]}),
]
"""A time that goes out, made by `stamp`."""

DayOut = Annotated[str, WithJsonSchema({"type": "string", "format": "date"})]
"""A date that goes out."""


class Shown(Schema):
    """In which zone times come back; without one, in UTC."""

    timezone: Zone | None = Field(None, description="The zone of the times in the answer.")


class Keyed(Schema):
    """The header with which a retried POST is done once."""

    idempotency_key: Annotated[Text, StringConstraints(max_length=150)] | None = None

    @property
    def key(self) -> str | None:
        """The key as commands want it; those of forms are others."""
        return f"rest:{self.idempotency_key}" if self.idempotency_key else None


def stamp(instant: datetime, zone: ZoneInfo | None = None) -> str:
    """An instant as it goes out: `2027-03-29T07:00:00Z`, or with the offset of `zone`."""
    if zone is None:
        return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return instant.astimezone(zone).isoformat()
