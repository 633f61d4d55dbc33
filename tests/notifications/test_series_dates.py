"""What people are told of single dates of a series: mended, added, left out, taken back."""

from email.message import EmailMessage

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from meetings.drafts import Attendee
from meetings.scheduler import Keep, OtherRooms, OtherTime, Scope, Skip, TryAgain
from notifications.announcing import announce
from notifications.channels.email.mail import mail_of
from notifications.models import Delivery
from notifications.telling import telling, with_everything
from tests.factories import RoomFactory, at, book, cy, rae, timed
from tests.notifications.conftest import calendar_method, html_of, text_of
from tests.notifications.series import FOURTH, SECOND, THIRD, Series, events_in

pytestmark = pytest.mark.django_db


def to(mails: list[EmailMessage]) -> list[str]:
    return sorted(mail["To"].addresses[0].addr_spec for mail in mails)


def lines(mail: EmailMessage) -> list[str]:
    return [line.strip() for line in text_of(mail).splitlines() if line.strip()]


def test_several_mended_dates_are_one_message_that_names_each(known: Series) -> None:
    red = RoomFactory.create(name="Red")
    known.mend(
        {
            SECOND: Skip(),
            THIRD: OtherTime(timed("2027-03-25 14:00")),
            FOURTH: OtherRooms((red.pk,)),
        }
    )
    (mail,) = known.mails()
    said = lines(mail)
    assert "Ana Berger changed dates of this series" in said
    assert "Wed 17 March, 10:00–11:00 CET: does not take place" in said
    moved = said.index("Thu 25 March, 14:00–15:00 CET: moved")
    assert said[moved + 1] == "before: Wed 24 March, 10:00–11:00 CET"
    assert "Wed 31 March, 10:00–11:00 CEST: Room: Red (before: none)" in said
    whole, third, fourth = events_in(mail)
    assert whole["EXDATE"].dts[0].dt == at("2027-03-17 10:00")
    assert third.decoded("DTSTART") == at("2027-03-25 14:00")
    assert "Red" in fourth["LOCATION"]
    assert known.mails() == []


def test_one_mended_date_is_told_as_that_date(known: Series) -> None:
    known.mend({SECOND: OtherTime(timed("2027-03-18 14:00"))})
    (mail,) = known.mails()
    assert mail["Subject"] == "Changed: Design review, Thu 18 March, 14:00–15:00 CET"
    assert "before: Wed 17 March, 10:00–11:00 CET" in text_of(mail)
    (event,) = events_in(mail)
    assert event.decoded("RECURRENCE-ID") == at("2027-03-17 10:00")
    known.mend({SECOND: Skip()})
    (mail,) = known.mails()
    assert mail["Subject"] == "Cancelled: Design review, Thu 18 March, 14:00–15:00 CET"
    assert (calendar_method(mail), len(events_in(mail))) == ("CANCEL", 1)


def test_a_skipped_date_that_takes_place_again_comes_back_into_calendars(known: Series) -> None:
    known.mend({SECOND: Skip(), THIRD: Skip()})
    (mail,) = known.mails()
    assert "These dates do not take place. The others do." in text_of(mail)
    known.mend({SECOND: TryAgain()})
    (mail,) = known.mails()
    assert mail["Subject"] == "Changed: Design review, Wed 17 March, 10:00–11:00 CET"
    assert "lets this date of a series take place" in text_of(mail)
    (whole,) = events_in(mail)
    assert [d.dt for d in whole["EXDATE"].dts] == [at("2027-03-24 10:00")]


def test_what_was_mended_back_before_it_left_is_told_to_nobody(known: Series) -> None:
    known.mend({SECOND: Skip()})
    known.mend({SECOND: TryAgain()})
    assert known.mails() == []


def test_only_who_is_on_a_mended_date_hears_of_it(known: Series) -> None:
    known.edit(Scope.THIS, SECOND, attendees=())
    known.edit(Scope.THIS, THIRD, attendees=(Attendee(known.ben.email), Attendee(cy().email)))
    known.mails()
    known.mend({SECOND: Skip()})
    assert known.mails() == []
    known.mend({THIRD: OtherTime(timed("2027-03-25 14:00"))})
    mails = known.mails()
    assert to(mails) == ["ben@example.com", "cy@example.com"]
    assert all("before: Wed 24 March, 10:00–11:00 CET" in text_of(mail) for mail in mails)


def test_dates_decided_while_all_is_edited_are_named_as_well(known: Series) -> None:
    decisions = {SECOND: Skip(), THIRD: OtherTime(timed("2027-03-25 14:00"))}
    known.edit(Scope.ALL, title="Review", decisions=decisions)
    (mail,) = known.mails()
    assert "Title: Review" in lines(mail)
    assert "Wed 17 March, 10:00–11:00 CET: does not take place" in lines(mail)
    assert "Thu 25 March, 14:00–15:00 CET: moved" in lines(mail)


def test_a_date_kept_without_its_room_says_so(known: Series) -> None:
    blue = RoomFactory.create(name="Blue")
    book(rae(), "2027-03-17 10:00", rooms=(blue,))
    known.edit(Scope.ALL, room_ids=(blue.pk,), decisions={SECOND: Keep()})
    (mail,) = known.mails()
    assert "Room: Blue" in lines(mail)
    whole, one = events_in(mail)
    assert ("Blue" in whole["LOCATION"], "Blue" in one["LOCATION"]) == (True, False)


def test_added_and_left_out_dates_are_told_and_put_into_calendars(known: Series) -> None:
    known.edit(Scope.ALL, rdates=("2027-03-19T16:00:00",), exdates=(SECOND,))
    (mail,) = known.mails()
    assert "Wed 17 March, 10:00–11:00 CET: does not take place" in lines(mail)
    assert "Fri 19 March, 16:00–17:00 CET: takes place" in lines(mail)
    (whole,) = events_in(mail)
    assert whole["RDATE"].dts[0].dt == at("2027-03-19 16:00")
    known.edit(Scope.ALL, rdates=("2027-03-20T16:00:00",))
    (mail,) = known.mails()
    assert mail["Subject"] == "Changed: Design review, Sat 20 March, 16:00–17:00 CET"
    assert "lets this date of a series take place" in text_of(mail)
    assert "RRULE" in events_in(mail)[0]


def test_a_date_that_changed_before_the_time_of_all_did(known: Series) -> None:
    known.edit(Scope.THIS, SECOND, title="With guests")
    known.edit(Scope.ALL, when=timed("2027-03-10 14:00"))
    (mail,) = known.mails()
    assert "Wed 17 March, 14:00–15:00 CET: Title: With guests (before: Design review)" in lines(
        mail
    )


def test_somebody_on_one_date_hears_when_all_dates_move(known: Series) -> None:
    known.edit(Scope.THIS, SECOND, attendees=(Attendee(cy().email),))
    known.mails()
    known.edit(Scope.ALL, when=timed("2027-03-10 14:00"), attendees=())
    mails = {mail["To"].addresses[0].addr_spec: mail for mail in known.mails()}
    assert "before: Wed 17 March, 10:00–11:00 CET" in text_of(mails["cy@example.com"])
    assert "Wed 17 March, 14:00–15:00 CET" in mails["cy@example.com"]["Subject"]
    known.cancel(Scope.THIS, SECOND.replace("T10", "T14"))
    (mail,) = known.mails()
    assert "This date does not take place." in text_of(mail)
    assert "The others do." not in text_of(mail)  # of which she has not heard


def test_52_dates_make_one_message(known: Series) -> None:
    later = timed("2027-03-10 12:00")
    rows = known.meeting.occurrences.order_by("recurrence_id")[1:53]
    known.mend({row.recurrence_id: OtherTime(later.on(row.when.day)) for row in rows})
    (mail,) = known.mails()
    assert "42 more dates" in text_of(mail)
    assert (len(events_in(mail)), html_of(mail).count("before:")) == (53, 10)


def test_preparing_a_mail_costs_the_same_for_10_dates_and_for_52(known: Series) -> None:
    red, blue = RoomFactory.create_batch(2)
    costs = []
    for first, last, room in ((1, 11, red), (11, 63, blue)):
        rows = known.meeting.occurrences.order_by("recurrence_id")[first:last]
        known.mend({row.recurrence_id: OtherRooms((room.pk,)) for row in rows})
        announce(known.tick())
        with CaptureQueriesContext(connection) as queries:
            for delivery in with_everything(Delivery.objects.waiting()):
                told = telling(delivery, known.now)
                assert told is not None
                mail_of(told)
        costs.append(len(queries))
        known.mails()
    assert costs[0] == costs[1] < 20
