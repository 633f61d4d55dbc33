"""What people are told of a series, of one of its dates, and of a series that is split."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from meetings import scheduler
from meetings.drafts import Attendee
from meetings.models import Change, Meeting
from meetings.scheduler import Scope, Skip
from meetings.wallclock import When
from notifications.ledger import ledger
from tests.factories import RoomFactory, ana, at, ben, book, cy, days, invitation_of, timed
from tests.notifications.conftest import Round, calendar_method, html_of, text_of
from tests.notifications.series import SECOND, THIRD, Series, events_in

pytestmark = pytest.mark.django_db

UNDO = timedelta(seconds=10)


def test_invitation_says_the_rule_and_the_next_date(series: Series) -> None:
    (mail,) = series.mails()
    rule = "Every Wednesday at 10:00, Europe/Berlin"
    assert mail["Subject"] == f"Invitation: Design review, {rule}"
    assert f"{rule}\nNext: Wednesday 10 March, 10:00–11:00" in text_of(mail)
    assert rule in html_of(mail)
    (event,) = events_in(mail)
    assert event["RRULE"].to_ical() == b"FREQ=WEEKLY"
    assert event["ATTENDEE"] == "mailto:ben@example.com"
    assert calendar_method(mail) == "REQUEST"


def test_one_moved_date_is_told_as_such(known: Series) -> None:
    known.edit(Scope.THIS, SECOND, when=timed("2027-03-18 14:00"))
    (mail,) = known.mails()
    assert mail["Subject"] == "Changed: Design review, Thu 18 March, 14:00–15:00 CET"
    assert "before: Wed 17 March, 10:00–11:00 CET" in text_of(mail)
    assert f"date={SECOND}" in text_of(mail)
    (event,) = events_in(mail)
    assert event.decoded("RECURRENCE-ID") == at("2027-03-17 10:00")
    assert event.decoded("DTSTART") == at("2027-03-18 14:00")
    assert event["LOCATION"] == "the attic"
    assert known.mails() == []


def test_one_cancelled_date_and_then_the_series(known: Series) -> None:
    known.cancel(Scope.THIS, SECOND)
    (mail,) = known.mails()
    assert mail["Subject"] == "Cancelled: Design review, Wed 17 March, 10:00–11:00 CET"
    assert "This date does not take place. The others do." in text_of(mail)
    (event,) = events_in(mail)
    assert (calendar_method(mail), event["STATUS"]) == ("CANCEL", "CANCELLED")
    assert event.decoded("RECURRENCE-ID") == at("2027-03-17 10:00")
    known.edit(Scope.ALL, location="the cellar")
    (mail,) = known.mails()
    assert "17 March" not in text_of(mail)
    assert "before: the attic" in text_of(mail)
    (event,) = events_in(mail)
    assert event["EXDATE"].dts[0].dt == at("2027-03-17 10:00")


def test_news_of_a_date_and_of_the_series_neither_swallow_nor_repeat(known: Series) -> None:
    known.edit(Scope.THIS, SECOND, title="With guests")
    known.edit(Scope.ALL, location="the cellar")
    (mail,) = known.mails()
    assert "before: the attic" in text_of(mail)
    assert "Wed 17 March, 10:00–11:00 CET: Title: With guests" in text_of(mail)
    whole, one = events_in(mail)
    assert whole["SUMMARY"] == "Design review"
    assert (one["SUMMARY"], one["UID"]) == ("With guests", whole["UID"])
    assert known.mails() == []


def test_a_split_tells_the_end_and_what_goes_on(known: Series) -> None:
    later = known.edit(Scope.FOLLOWING, THIRD, location="the cellar")
    ends, goes_on = sorted(known.mails(), key=lambda m: "cellar" in text_of(m))
    said = "Ana Berger changed this series from Wed 24 March on"
    assert said in text_of(ends)
    assert "This mail ends the series before that day. Another mail brings" in text_of(ends)
    assert ("Accept" in text_of(ends), "Accept" in text_of(goes_on)) == (False, True)
    (event,) = events_in(ends)
    assert b"UNTIL=20270317T090000Z" in event["RRULE"].to_ical()
    assert said in text_of(goes_on)
    assert "before: the attic" in text_of(goes_on)
    (event,) = events_in(goes_on)
    assert event["UID"] == later.ical_uid
    assert event.decoded("DTSTART") == at("2027-03-24 10:00")
    assert ends["References"].split()[0] == goes_on["References"].split()[0]


def test_who_is_not_on_the_later_part_is_told_that(known: Series) -> None:
    known.edit(Scope.FOLLOWING, THIRD, attendees=())
    (mail,) = known.mails()
    assert "took you off this series from Wed 24 March" in text_of(mail)
    assert "You need not come to what follows." in text_of(mail)
    assert b"UNTIL=20270317T090000Z" in events_in(mail)[0]["RRULE"].to_ical()


def test_a_changed_date_kept_by_itself(known: Series) -> None:
    known.edit(Scope.THIS, SECOND, when=timed("2027-03-18 14:00"))
    known.mails()
    known.edit(Scope.ALL, rrule="FREQ=WEEKLY;INTERVAL=2", orphans="keep")
    mails = sorted(known.mails(), key=lambda m: "of its own" in text_of(m))
    assert [m["To"] for m in mails] == ["Ben Okafor <ben@example.com>"] * 2
    series, single = mails
    assert "keeps this date of a series as a meeting of its own" in text_of(single)
    assert single["Subject"] == "Changed: Design review, Thu 18 March, 14:00–15:00 CET"
    assert "before:" not in text_of(single)
    assert "before: Every Wednesday at 10:00" in text_of(series)
    (event,) = events_in(single)
    assert event["UID"] != events_in(series)[0]["UID"]
    assert ("RRULE" in event, "RECURRENCE-ID" in event) == (False, False)
    assert event.decoded("DTSTART") == at("2027-03-18 14:00")
    assert [e["RRULE"].to_ical() for e in events_in(series)] == [b"FREQ=WEEKLY;INTERVAL=2"]
    assert known.mails() == []


def test_all_called_off(known: Series) -> None:
    known.cancel(Scope.ALL)
    (mail,) = known.mails()
    assert mail["Subject"].startswith("Cancelled: Design review, Every Wednesday")
    (event,) = events_in(mail)
    assert (calendar_method(mail), event["STATUS"]) == ("CANCEL", "CANCELLED")
    assert "RECURRENCE-ID" not in event


def test_the_rest_called_off(known: Series) -> None:
    known.cancel(Scope.FOLLOWING, THIRD)
    (mail,) = known.mails()
    assert "Ana Berger lets this series end" in text_of(mail)
    assert calendar_method(mail) == "REQUEST"


@pytest.mark.parametrize(
    "act",
    [
        lambda s: s.cancel(Scope.THIS, SECOND, undo=UNDO),
        lambda s: s.cancel(Scope.FOLLOWING, SECOND, undo=UNDO),
        lambda s: s.mend({SECOND: Skip(), THIRD: Skip()}, undo=UNDO),
        lambda s: s.edit(Scope.THIS, SECOND, title="Other", undo=UNDO).changes.last(),
        lambda s: s.edit(Scope.ALL, location="the cellar", undo=UNDO).changes.last(),
        lambda s: s.edit(Scope.FOLLOWING, THIRD, location="the cellar", undo=UNDO).changes.last(),
    ],
    ids=["one cancelled", "rest cancelled", "mended", "one edited", "all edited", "split"],
)
def test_what_was_undone_is_told_to_nobody(known: Series, act: Callable[[Series], Change]) -> None:
    scheduler.undo(act(known), by=known.ana, now=known.tick())
    known.now += timedelta(minutes=1)
    assert known.mails() == []
    meeting = Meeting.objects.with_people().get(pk=known.meeting.pk)
    (line,) = ledger(meeting, known.now)
    assert [entry.kind for entry in line.entries] == ["invitation"]


def test_somebody_asked_to_one_date_hears_of_that_alone(known: Series) -> None:
    people = (Attendee(known.ben.email), Attendee(cy().email))
    known.edit(Scope.THIS, SECOND, attendees=people)
    (mail,) = known.mails()
    assert mail["To"] == "Cy Young <cy@example.com>"
    assert mail["Subject"] == "Invitation: Design review, Wed 17 March, 10:00–11:00 CET"
    (event,) = events_in(mail)
    assert "RRULE" not in event
    assert event.decoded("RECURRENCE-ID") == at("2027-03-17 10:00")
    known.cancel(Scope.THIS, THIRD)
    assert [m["To"] for m in known.mails()] == ["Ben Okafor <ben@example.com>"]


def test_somebody_taken_off_one_date(known: Series) -> None:
    known.edit(Scope.THIS, SECOND, attendees=())
    (mail,) = known.mails()
    assert "You need not come." in text_of(mail)
    assert calendar_method(mail) == "CANCEL"
    known.edit(Scope.THIS, SECOND, title="Without Ben")
    assert known.mails() == []


def test_rooms_that_were_missed_are_told_to_the_organizer_alone(known: Series) -> None:
    blue = RoomFactory.create(name="Blue")
    RoomFactory.create(name="Green", site=blue.site)
    RoomFactory.create(name="Narrow", site=blue.site, capacity=1)
    RoomFactory.create(name="Far away")
    taken = RoomFactory.create(name="Grey", site=blue.site)
    book(cy(), "2027-03-17 10:30", 60, rooms=(blue, taken))
    known.meeting.occurrences.filter(recurrence_id=SECOND).update(missed_rooms=[blue.pk])
    now = known.tick()
    Change.objects.create(
        meeting=known.meeting,
        kind=Change.Kind.ROOMS,
        dates=[SECOND],
        fields={"rooms_missed": [[], ["Blue"]]},
        version=1,
        created_at=now,
        not_before=now,
    )
    (mail,) = known.mails()
    assert mail["To"] == "Ana Berger <ana@example.com>"
    assert mail["Subject"].startswith("No room: Design review, Wed 17 March")
    assert "Blue was not to be had. Free then: Green\n" in text_of(mail)
    assert "Blue was not to be had. Free then: Green<" in html_of(mail)
    assert f"/meetings/{known.meeting.uid}/series/" in text_of(mail)
    assert events_in(mail) == []


@pytest.mark.parametrize("why", ["declined", "cancelled", "taken off", ""])
def test_reminders_go_by_the_answer_for_the_date(known: Series, why: str) -> None:
    known.edit(Scope.ALL, reminders=(15,))
    if why == "declined":
        scheduler.respond(
            invitation_of(known.meeting, known.ben),
            "declined",
            by=known.ben,
            now=known.tick(),
            recurrence_id=SECOND,
        )
    elif why == "cancelled":
        known.cancel(Scope.THIS, SECOND)
    elif why:
        known.edit(Scope.THIS, SECOND, attendees=())
    known.mails()
    reminded = known.work(at("2027-03-17 09:46"))
    assert any("ben@" in m["To"] for m in reminded) == (not why)
    for mail in reminded:
        assert mail["Subject"] == "Reminder: Design review, Wed 17 March, 10:00–11:00 CET"


def test_answer_for_one_date_names_it(known: Series) -> None:
    row = invitation_of(known.meeting, known.ben)
    scheduler.respond(row, "declined", by=known.ben, now=known.tick(), recurrence_id=SECOND)
    (mail,) = known.mails()
    assert mail["To"] == "Ana Berger <ana@example.com>"
    assert mail["Subject"] == (
        "Declined by Ben Okafor: Design review, Wed 17 March, 10:00–11:00 CET"
    )
    assert f"date={SECOND}" in text_of(mail)


def test_new_rules_of_a_zone_are_told_to_all(known: Series) -> None:
    now = known.tick()
    Change.objects.create(
        meeting=known.meeting,
        kind=Change.Kind.CLOCKS,
        dates=[SECOND, THIRD],
        version=1,
        created_at=now,
        not_before=now,
    )
    mails = {m["To"].split()[0]: m for m in known.mails()}
    assert set(mails) == {"Ana", "Ben"}
    assert "New rules of a time zone" in text_of(mails["Ben"])
    assert "Wed 24 March, 10:00–11:00 CET: is at this time now" in text_of(mails["Ben"])
    assert [e["RRULE"].to_ical() for e in events_in(mails["Ben"])] == [b"FREQ=WEEKLY"]


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("FREQ=WEEKLY;COUNT=5", "lets this series end"),
        ("FREQ=WEEKLY;INTERVAL=2;COUNT=5", "changed this series"),
    ],
)
def test_only_a_series_that_stays_as_it_is_till_then_is_said_to_end(
    known: Series, rule: str, said: str
) -> None:
    known.edit(Scope.ALL, rrule=rule)
    (mail,) = known.mails()
    assert f"Ana Berger {said}" in text_of(mail)
    assert "before: Every Wednesday at 10:00, Europe/Berlin\n" in text_of(mail)


WEDNESDAYS = "Every Wednesday at 10:00, Europe/Berlin"


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (
            timed("2027-03-10 10:00"),
            timed("2027-03-10 10:00", 90),
            [f"When: {WEDNESDAYS} (90 min)", f"  before: {WEDNESDAYS} (60 min)"],
        ),
        (
            days("2027-03-10"),
            days("2027-03-10", 2),
            ["When: Every Wednesday (2 days)", "  before: Every Wednesday (1 day)"],
        ),
        (
            timed("2027-03-10 10:00"),
            timed("2027-03-17 10:00"),
            [
                f"When: {WEDNESDAYS}, from Wed 17 March",
                f"  before: {WEDNESDAYS}, from Wed 10 March",
            ],
        ),
    ],
)
def test_a_series_says_what_of_its_time_is_new(
    work: Round, before: When, after: When, said: list[str]
) -> None:
    series = Series(work, ana(), ben(), when=before)
    series.mails()
    series.edit(Scope.ALL, when=after)
    (mail,) = series.mails()
    lines = text_of(mail).splitlines()
    at_line = lines.index(said[0])
    assert lines[at_line : at_line + 2] == said
