"""The operations that are about oneself: who one is, when one works and when one is away."""

import uuid
from datetime import time
from typing import Annotated, Any, Literal

from django.forms import BaseForm
from django.utils import timezone as clock
from django.utils.translation import gettext as _
from ninja import Router, Schema, Status
from pydantic import Field, PlainValidator, WithJsonSchema

from accounts.forms import HoursForm, ProfileForm, TimeOffForm
from accounts.hours import hours_words, week_of
from accounts.models import TimeOff, User
from accounts.rest import (
    REFUSALS,
    Day,
    DayOut,
    Flag,
    Refused,
    RestRequest,
    Strict,
    Text,
    Zone,
    not_found,
)
from meetings import scheduler

me = Router()

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _time_of_day(value: object) -> time:
    try:
        found = time.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise ValueError(_("Write a time of day like 13:30.")) from None
    if found.tzinfo or found.microsecond:
        raise ValueError(_("Write a time of day like 13:30."))
    return found


TimeOfDay = Annotated[
    time,
    PlainValidator(_time_of_day),
    WithJsonSchema({"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$"}),
]


class Hours(Strict):
    """Working hours by weekday, on the clocks of one's own zone: `9:00–12:00, 13:00–17:30`.

    A weekday that is not sent has none.
    """

    monday: Text = ""
    tuesday: Text = ""
    wednesday: Text = ""
    thursday: Text = ""
    friday: Text = ""
    saturday: Text = ""
    sunday: Text = ""


class ProfileOut(Schema):
    """Oneself. Without working hours one is asked at any time."""

    user_id: str
    email: str
    name: str
    timezone: str
    theme: str
    working_hours: Hours


class ProfileIn(Strict):
    """What is to change; the rest stays."""

    name: Text | None = None
    timezone: Zone | None = None
    theme: Literal["", "light", "dark"] | None = Field(None, description="Empty: as the system.")
    working_hours: Hours | None = None


@me.get("/me", response={200: ProfileOut, **REFUSALS})
def get_profile(request: RestRequest) -> ProfileOut:
    """Who the token acts for."""
    return _profile(request.user)


@me.patch("/me", response={200: ProfileOut, **REFUSALS})
def change_profile(request: RestRequest, body: ProfileIn) -> ProfileOut:
    """Change name, zone, appearance or working hours. Another zone moves no meeting."""
    user = User.objects.get(pk=request.user.pk)
    sent = body.model_dump(exclude_none=True, exclude={"working_hours"})
    hours = None
    if body.working_hours is not None:
        week = {f"day{n}": getattr(body.working_hours, day) for n, day in enumerate(WEEKDAYS)}
        names = {f"day{n}": f"working_hours.{day}" for n, day in enumerate(WEEKDAYS)}
        hours = HoursForm(week, user=user)
        _require(hours, names)
    profile = ProfileForm(
        {"name": user.name, "timezone": user.zone.key, "theme": user.theme, **sent}, instance=user
    )
    _require(profile)
    profile.save()
    if hours is not None:
        hours.save()
    return _profile(user)


def _profile(user: User) -> ProfileOut:
    week = week_of(user)
    hours = {day: hours_words(week.get(n, [])) for n, day in enumerate(WEEKDAYS)}
    return ProfileOut(
        user_id=str(user.uid),
        email=user.email,
        name=user.name,
        timezone=user.zone.key,
        theme=user.theme,
        working_hours=Hours(**hours),
    )


class TimeOffIn(Strict):
    """Days off, both ends included, in one's own zone; with times, from and until then."""

    first_day: Day
    last_day: Day | None = Field(None, description="The first day, if there is none.")
    from_time: TimeOfDay | None = Field(None, description="When it begins on the first day.")
    until_time: TimeOfDay | None = Field(None, description="When it is over on the last day.")
    note: Annotated[Text, Field(max_length=200)] = Field("", description="For you alone.")
    declines: Flag = Field(False, description="Decline what one is asked to in it.")
    message: Annotated[Text, Field(max_length=1000)] = Field(
        "", description="What organizers read with the answer."
    )
    decline_existing: Flag = Field(False, description="Decline what is in it already.")


class TimeOffOut(Schema):
    """Days off."""

    time_off_id: str
    first_day: DayOut
    last_day: DayOut
    from_time: str | None
    until_time: str | None
    note: str
    declines: bool
    message: str


class TimeOffSaved(TimeOffOut):
    """Days off as they were saved, and what became of the meetings in them."""

    declined: int = Field(description="How many meetings were declined.")


class TimeOffList(Schema):
    """All one's time off, the earliest first; what is over too."""

    time_off: list[TimeOffOut]


@me.get("/me/time-off", response={200: TimeOffList, **REFUSALS})
def list_time_off(request: RestRequest) -> TimeOffList:
    """When one is out of office."""
    rows = TimeOff.objects.filter(user=request.user)
    return TimeOffList(time_off=[TimeOffOut(**_time_off(row)) for row in rows])


@me.post("/me/time-off", response={201: TimeOffSaved, **REFUSALS})
def create_time_off(request: RestRequest, body: TimeOffIn) -> Status[TimeOffSaved]:
    """Take time off: others see that one is out of office, and never the note.

    A retried request is refused, since one cannot take the same days off twice.
    """
    return Status(201, _saved(request.user, body, TimeOff()))


@me.put("/me/time-off/{time_off_id}", response={200: TimeOffSaved, **REFUSALS})
def change_time_off(request: RestRequest, time_off_id: str, body: TimeOffIn) -> TimeOffSaved:
    """Replace days off by others; what was declined stays declined."""
    return _saved(request.user, body, _mine(request.user, time_off_id))


@me.delete("/me/time-off/{time_off_id}", response={204: None, **REFUSALS})
def remove_time_off(request: RestRequest, time_off_id: str) -> Status[None]:
    """Not out of office then after all; what was declined stays declined."""
    _mine(request.user, time_off_id).delete()
    return Status(204, None)


def _mine(user: User, time_off_id: str) -> TimeOff:
    try:
        return TimeOff.objects.get(user=user, uid=uuid.UUID(time_off_id))
    except (ValueError, TimeOff.DoesNotExist):
        raise not_found() from None


def _saved(user: User, body: TimeOffIn, off: TimeOff) -> TimeOffSaved:
    now = clock.now()
    names = {"first": "first_day", "last": "last_day", "start": "from_time", "end": "until_time"}
    sent = {
        "first": body.first_day,
        "last": body.last_day or body.first_day,
        "start": body.from_time,
        "end": body.until_time,
        "note": body.note,
        "declines": body.declines,
        "message": body.message,
        "decline_existing": body.decline_existing,
    }
    form = TimeOffForm(sent, instance=off, user=user, now=now)
    _require(form, names)
    row = form.save()
    declined = scheduler.decline_during(row, now=now) if body.decline_existing else 0
    return TimeOffSaved(**_time_off(row), declined=declined)


def _time_off(row: TimeOff) -> dict[str, Any]:
    return {
        "time_off_id": str(row.uid),
        "first_day": row.first.isoformat(),
        "last_day": row.last.isoformat(),
        "from_time": row.start.isoformat() if row.start else None,
        "until_time": row.end.isoformat() if row.end else None,
        "note": row.note,
        "declines": row.declines,
        "message": row.message,
    }


def _require(form: BaseForm, names: dict[str, str] | None = None) -> None:
    """Raise Refused with the field's name out here, unless the form is right."""
    if form.is_valid():
        return
    fields = {
        (names or {}).get(name, name): " ".join(str(error) for error in errors)
        for name, errors in form.errors.items()
    }
    raise Refused(422, " ".join(fields.values()), fields=fields)
