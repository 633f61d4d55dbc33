"""Reminders: for each lead a cursor says up to which start they have been made.

A pass takes what starts between the cursor and now + lead, makes the deliveries and moves the
cursor, in one transaction. There is no row to keep right for each meeting: one that is moved
starts at another time, and is met there. After an outage the next pass is longer, no more.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.db import transaction
from django.db.models import DateTimeField, Exists, F, Func, OuterRef, Q, QuerySet

from meetings.drafts import REMINDER_LEADS
from meetings.events import by_date
from meetings.models import Change, Invitation, Meeting, Occurrence
from meetings.models.invitation import on_date
from meetings.wallclock import midnight
from notifications.hooks import hook_reminders
from notifications.models import Delivery, ReminderCursor
from notifications.routing import Routing, Way

BATCH = 500
# Every midnight of the world falls on a quarter of an hour, within a day of that in UTC.
QUARTER = timedelta(minutes=15)
A_DAY_AND_MORE = timedelta(days=1, hours=1)
INSTANT = timedelta(microseconds=1)  # the smallest step of the database's clock
# How far a cursor may lag behind where nothing is due, before it is moved all the same.
LAG = timedelta(minutes=1)

STARTS_AT = Func(F("during"), function="lower", output_field=DateTimeField())


def remind(now: datetime) -> bool:
    """Make one batch of reminders for each lead, if any is due; whether something was found."""
    if not reminders_due(now):
        return False
    kinds = [(lead, all_day) for lead in REMINDER_LEADS for all_day in (False, True)]
    if ReminderCursor.objects.count() < len(kinds):
        _begin(kinds, now)
    found = [_pass(lead, now, all_day=all_day) for lead, all_day in kinds]  # each has its turn
    return any(found)


def _begin(kinds: Sequence[tuple[int, bool]], now: datetime) -> None:
    """The cursors that are missing; the first start reminds of nothing that has gone by."""
    ReminderCursor.objects.bulk_create(
        [
            ReminderCursor(lead=lead, all_day=all_day, served_until=now + timedelta(minutes=lead))
            for lead, all_day in kinds
        ],
        ignore_conflicts=True,
    )


def reminders_due(now: datetime) -> bool:
    """Whether something starts where no pass has looked, or a cursor has to be moved. Two queries.

    A pass says whether anybody is to be reminded of it, and moves on if not: that is a question of
    many parts, which would cost more than all the rest if it were asked several times a second.
    """
    cursors = list(ReminderCursor.objects.filter(lead__in=REMINDER_LEADS))
    if len(cursors) < 2 * len(REMINDER_LEADS):
        return True
    found = Q(pk__in=[])
    for cursor in cursors:
        until = now + timedelta(minutes=cursor.lead)
        if cursor.all_day:
            if _next_quarter(cursor.served_until) < until:
                return True
        elif until - cursor.served_until > LAG:
            return True
        else:
            found |= Q(starts_at__gte=cursor.served_until, starts_at__lt=until)
    live: QuerySet[Any] = Occurrence.objects.live()
    return bool(live.annotate(starts_at=STARTS_AT).filter(found, all_day=False).exists())


def lateness(now: datetime) -> timedelta:
    """How far the making of reminders is behind; nothing in the usual course. One query."""
    behind = [
        now
        + timedelta(minutes=cursor.lead)
        - (_next_quarter(cursor.served_until) if cursor.all_day else cursor.served_until + LAG)
        for cursor in ReminderCursor.objects.filter(lead__in=REMINDER_LEADS)
    ]
    return max([timedelta(0), *behind])


def _pass(lead: int, now: datetime, *, all_day: bool) -> bool:
    """One batch of one lead; whether something was found, so that there may be more."""
    until = now + timedelta(minutes=lead)
    cursors = ReminderCursor.objects.filter(lead=lead, all_day=all_day, served_until__lt=until)
    with transaction.atomic():
        cursor = cursors.select_for_update(skip_locked=True).first()
        if cursor is None:  # served already, or another worker is at it
            return False
        return _serve_all_day(cursor, until, now) if all_day else _serve(cursor, until, now)


def _serve(cursor: ReminderCursor, until: datetime, now: datetime) -> bool:
    """What starts between the cursor and `until`."""
    found = _dates(all_day=False).filter(_between(cursor, until), _with_lead(cursor.lead))
    dates = list(found.order_by("starts_at", "pk")[:BATCH])
    _remind_of(dates, cursor.lead, now)
    if len(dates) == BATCH:
        _move(cursor, dates[-1].start, dates[-1].pk)
    else:
        _move(cursor, until, 0)
    return bool(dates)


def _serve_all_day(cursor: ReminderCursor, until: datetime, now: datetime) -> bool:
    """What starts at the next midnight between the cursor and `until`, wherever that is midnight.

    An all-day date starts at midnight in each recipient's zone.
    """
    found = _dates(all_day=True).filter(_with_lead(cursor.lead))
    near = (cursor.served_until - A_DAY_AND_MORE, until + A_DAY_AND_MORE)
    days = found.filter(starts_at__range=near).values_list("starts_at", flat=True).distinct()
    midnights = {at for day in days for at in _midnights(day.date())}
    at = min((at for at in midnights if cursor.served_until <= at < until), default=None)
    if at is None:
        _move(cursor, until, 0)
        return False
    beginning = [day for day in days if at in _midnights(day.date())]
    after = cursor.served_pk if cursor.served_until == at else 0
    dates = list(found.filter(starts_at__in=beginning, pk__gt=after).order_by("pk")[:BATCH])
    _remind_of(dates, cursor.lead, now, at=at)
    if len(dates) == BATCH:
        _move(cursor, at, dates[-1].pk)
    else:
        _move(cursor, at + INSTANT, 0)
    return True


def make_good(meeting: Meeting, now: datetime) -> None:
    """Make the reminders of a meeting's dates that were not there as their cursors went by.

    So it is with what was called off or moved, and that undone. Those that were made stay.
    """
    for cursor in ReminderCursor.objects.filter(lead__in=REMINDER_LEADS):
        near = (now - A_DAY_AND_MORE, cursor.served_until + A_DAY_AND_MORE)
        found = _dates(all_day=cursor.all_day).filter(_with_lead(cursor.lead), meeting=meeting)
        dates = list(found.filter(starts_at__range=near))
        _remind_of(dates, cursor.lead, now, until=cursor.served_until)


def _move(cursor: ReminderCursor, until: datetime, pk: int) -> None:
    cursor.served_until, cursor.served_pk = until, pk
    cursor.save(update_fields=["served_until", "served_pk"])


def _dates(*, all_day: bool) -> QuerySet[Any]:
    """Dates that take place, with `starts_at`."""
    return (
        Occurrence.objects.live()
        .annotate(starts_at=STARTS_AT)
        .filter(all_day=all_day)
        .select_related("meeting")
    )


def _between(cursor: ReminderCursor, until: datetime) -> Q:
    here = Q(starts_at=cursor.served_until, pk__gt=cursor.served_pk)
    return Q(starts_at__gte=cursor.served_until, starts_at__lt=until) & (
        Q(starts_at__gt=cursor.served_until) | here
    )


def _with_lead(lead: int) -> Q:
    """Dates with this reminder: their own, their meeting's, or one that somebody asked wants."""
    wanted = Invitation.objects.filter(
        meeting=OuterRef("meeting"), user__wishes__reminders__contains=[lead]
    )
    return (
        Q(reminders__contains=[lead])
        | Q(reminders__isnull=True, meeting__reminders__contains=[lead])
        | Q(Exists(wanted))
    )


def _remind_of(
    dates: Sequence[Occurrence],
    lead: int,
    now: datetime,
    *,
    at: datetime | None = None,
    until: datetime | None = None,
) -> None:
    """Make the deliveries for everybody who comes; all-day dates for those whose day begins `at`.

    With `until`, for those only for whom it starts before.

    Not for who wants other leads. Nor for who heard of the date inside the lead: the invitation
    or the change was reminder enough. Nor for what has begun.
    """
    if not dates:
        return
    ahead = timedelta(minutes=lead)
    people = _people(dates)
    routing = Routing.of(row.user for rows in people.values() for row in rows)
    first = at or min(date_.start for date_ in dates) - A_DAY_AND_MORE
    news = _news(dates, since=first - ahead)
    rows = [
        _delivery(date_, invitation, start, lead, way, now)
        for date_ in dates
        for invitation in _who_come(people[date_.meeting_id], date_)
        if lead in routing.leads(invitation.user, date_.shown_reminders)
        for start in [date_.occupied_in(_zone(invitation, date_)).start]
        if start > now and (at is None or start == at) and (until is None or start < until)
        if not any(_heard(c, invitation, date_, start - ahead) for c in news[date_.meeting_id])
        for way in routing.ways_before(invitation.user, invitation.address, start, now)
    ]
    rows += hook_reminders(dates, lead, now)
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)


def _people(dates: Sequence[Occurrence]) -> dict[int, list[Invitation]]:
    """Everybody's rows, by meeting; those for these dates and for all dates."""
    people: dict[int, list[Invitation]] = defaultdict(list)
    for invitation in Invitation.objects.filter(
        meeting__in={date_.meeting_id for date_ in dates},
        recurrence_id__in={"", *(date_.recurrence_id for date_ in dates)},
    ).select_related("user"):
        people[invitation.meeting_id].append(invitation)
    return people


def _who_come(rows: Sequence[Invitation], date_: Occurrence) -> list[Invitation]:
    """Those who come to one date, each by the row that her messages hang on."""
    whole = {row.person: row for row in on_date(rows, "")}
    coming = [row for row in on_date(rows, date_.recurrence_id) if not row.declined]
    return [whole.get(row.person, row) for row in coming]


def _news(dates: Sequence[Occurrence], *, since: datetime) -> dict[int, list[Change]]:
    """What was changed lately, by meeting."""
    news: dict[int, list[Change]] = defaultdict(list)
    for change in Change.objects.filter(
        meeting__in={date_.meeting_id for date_ in dates},
        kind__in=[Change.Kind.CREATED, Change.Kind.UPDATED, Change.Kind.CLOCKS],
        undone_at__isnull=True,
        created_at__gt=since,
    ):
        news[change.meeting_id].append(change)
    return news


def _heard(change: Change, invitation: Invitation, date_: Occurrence, since: datetime) -> bool:
    """Whether this change told the person of the date after `since`."""
    if change.created_at <= since:
        return False
    if change.dates and date_.recurrence_id not in change.dates:
        return False
    fields = by_date(change)[1].get(date_.recurrence_id, {}).keys() | change.fields.keys()
    moved = change.kind == Change.Kind.CLOCKS or {"when", "rrule"} & fields
    new = change.kind == Change.Kind.CREATED or moved or "status" in fields
    added = date_.recurrence_id in change.fields.get("rdates", ((), ()))[1]
    return bool(new) or added or invitation.pk in change.added


def _delivery(
    date_: Occurrence, invitation: Invitation, start: datetime, lead: int, way: Way, now: datetime
) -> Delivery:
    return Delivery(
        meeting_id=date_.meeting_id,
        invitation=invitation,
        recipient=invitation.user,
        address=way.address,
        channel=way.channel,
        kind=Delivery.Kind.REMINDER,
        lane=Delivery.Lane.REMINDERS,
        recurrence_id=date_.recurrence_id,
        start=start,
        lead=lead,
        not_before=start - timedelta(minutes=lead),
        next_attempt_at=now,
        created_at=now,
    )


def _zone(invitation: Invitation, date_: Occurrence) -> ZoneInfo:
    return invitation.user.zone if invitation.user else date_.meeting.zone


def _next_quarter(at: datetime) -> datetime:
    """The first quarter of an hour that is not before `at`."""
    past = timedelta(seconds=at.timestamp() % QUARTER.total_seconds())
    return at + (QUARTER - past) if past else at


@lru_cache(maxsize=64)
def _midnights(day: date) -> frozenset[datetime]:
    """The instants at which this date begins, in all the zones of the world."""
    return frozenset(midnight(day, ZoneInfo(name)) for name in available_timezones())
