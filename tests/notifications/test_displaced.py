"""What is mailed to those whose room somebody took."""

import pytest

from meetings import scheduler
from meetings.models import Meeting
from meetings.scheduler import Override
from notifications.models import Delivery
from rooms.models import Room
from tests.factories import NOW, RoomFactory, ana, ben, book, cy
from tests.meetings.test_override import allowed, take
from tests.notifications.conftest import calendar_in, calendar_method, html_of, text_of

pytestmark = pytest.mark.django_db

GUEST = "marta@silva.example"
WHY = Override("The board <meets> here")


@pytest.fixture
def blue() -> Room:
    return RoomFactory.create(name="Blue Room")


def told_of(meeting: Meeting, sent: list) -> dict:
    """The mails by address; each person gets one at most."""
    found = {mail["To"].addresses[0].addr_spec: mail for mail in sent}
    assert len(found) == len(sent)
    return found


def test_each_is_told_once_what_happened_why_and_who_to_talk_to(blue, work):
    RoomFactory.create(name="Green Room", site=blue.site)
    meeting = book(ana(), "2027-03-10 10:00", 60, ben(), GUEST, rooms=(blue,), title="Sync")
    work(NOW)
    take(allowed(cy()), blue, policy=WHY)
    mails = told_of(meeting, work(NOW))
    assert set(mails) == {"ana@example.com", "ben@example.com", GUEST}
    for mail in mails.values():
        text = text_of(mail)
        assert str(mail["Subject"]).startswith("Changed: Sync, Wed 10 March")
        assert "Cy Young took the room for another meeting" in text
        assert "Room: Green Room\n  before: Blue Room" in text
        assert "“The board <meets> here”\nTalk to Cy Young, cy@example.com." in text
        assert "The board &lt;meets&gt; here" in html_of(mail)
        assert "Board" not in text  # what the other meeting is, is nobody's business
    link = f"{meeting.get_absolute_url()}edit/"
    assert link in text_of(mails["ana@example.com"])
    assert link in html_of(mails["ana@example.com"])
    for guest in ("ben@example.com", GUEST):
        assert "edit/" not in text_of(mails[guest])
        event = calendar_in(mails[guest])
        assert (event["SEQUENCE"], event["LOCATION"]) == (1, "Green Room")
        assert calendar_method(mails[guest]) == "REQUEST"
    assert calendar_in(mails["ana@example.com"]) is None
    assert work(NOW) == []


def test_one_called_off_is_cancelled_for_all_of_them(blue, work):
    meeting = book(ana(), "2027-03-10 10:00", 60, ben(), GUEST, rooms=(blue,), title="Sync")
    work(NOW)
    take(allowed(cy()), blue, policy=Override("The board", cancel=True))
    mails = told_of(meeting, work(NOW))
    assert set(mails) == {"ana@example.com", "ben@example.com", GUEST}
    for address, mail in mails.items():
        text = text_of(mail)
        assert str(mail["Subject"]).startswith("Cancelled: Sync")
        assert "The meeting does not take place." in text
        assert "“The board”\nTalk to Cy Young, cy@example.com." in text
        own = address == "ana@example.com"
        assert (calendar_method(mail) == "CANCEL") != own
        assert ("/find-a-time/?with=ben@example.com&with=marta@silva.example" in text) == own
        assert ("invite.ics" in html_of(mail)) != own


def test_of_a_series_only_the_date_and_who_is_on_it(blue, work):
    RoomFactory.create(name="Green Room", site=blue.site)
    meeting = book(
        ana(),
        "2027-03-08 10:00",
        60,
        ben(),
        rooms=(blue,),
        title="Sync",
        rrule="FREQ=DAILY;COUNT=5",
    )
    work(NOW)
    take(allowed(cy()), blue, policy=WHY)
    mails = told_of(meeting, work(NOW))
    assert set(mails) == {"ana@example.com", "ben@example.com"}
    text = text_of(mails["ana@example.com"])
    assert "Cy Young took the room of one date of a series for another meeting" in text
    assert "Room: Green Room\n  before: Blue Room" in text
    assert "edit/?date=2027-03-10T10:00:00" in text
    event = calendar_in(mails["ben@example.com"])
    assert event["LOCATION"] == "Green Room"
    assert "RECURRENCE-ID" in event
    delivered = Delivery.objects.filter(change__kind="displaced")
    assert set(delivered.values_list("status", flat=True)) == {Delivery.Status.SENT}


def test_of_several_dates_in_one_message(blue, work):
    meeting = book(
        ana(),
        "2027-03-08 10:00",
        60,
        ben(),
        rooms=(blue,),
        title="Sync",
        rrule="FREQ=DAILY;COUNT=5",
    )
    work(NOW)
    taker = allowed(cy())
    take(taker, blue, policy=Override("Why", cancel=True), rrule="FREQ=DAILY;COUNT=2")
    mails = told_of(meeting, work(NOW))
    assert set(mails) == {"ana@example.com", "ben@example.com"}
    for mail in mails.values():
        text = text_of(mail)
        assert "Cy Young took the room of dates of this series for another meeting" in text
        assert text.count("does not take place") == 2
        assert "These dates do not take place. The others do." in text
        assert "Talk to Cy Young" in text
    assert scheduler.draft_of(meeting).rrule == "FREQ=DAILY;COUNT=5"


def test_who_was_not_told_of_it_yet_gets_the_invitation_with_the_other_room(blue, work):
    RoomFactory.create(name="Green Room", site=blue.site)
    meeting = book(ana(), "2027-03-10 10:00", 60, ben(), rooms=(blue,), title="Sync")
    take(allowed(cy()), blue, policy=WHY)
    mails = told_of(meeting, work(NOW))
    assert str(mails["ben@example.com"]["Subject"]).startswith("Invitation: Sync")
    assert "Room: Green Room" in text_of(mails["ben@example.com"])
    assert "before: Blue Room" in text_of(mails["ana@example.com"])
