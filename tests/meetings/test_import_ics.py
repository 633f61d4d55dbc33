"""Taking in calendars, by the command line, against the real database."""

import json
import sys
import threading
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connections

from accounts.models import User
from meetings import scheduler
from meetings.events import Message, recipients
from meetings.models import Booking, Change, Invitation, Meeting, Occurrence
from meetings.permissions import may_edit
from meetings.problems import WrongState
from tests.factories import (
    NOW,
    RoomFactory,
    ana,
    answer,
    at,
    ben,
    cy,
    days,
    draft,
    invitation_of,
    stretch,
)
from tests.meetings.calendars import DATA, calendar, read

pytestmark = pytest.mark.django_db

TEN = "DTSTART;TZID=Europe/Berlin:20270310T100000\nDURATION:PT1H"
ELEVEN = "DTSTART;TZID=Europe/Berlin:20270310T110000\nDURATION:PT1H"
EVENT = f"UID:1@example.org\nSUMMARY:Design review\nSEQUENCE:0\n{TEN}"
GUESTS = (
    "ATTENDEE;CN=Ben;PARTSTAT=ACCEPTED:mailto:ben@example.com\n"
    "ATTENDEE;CN=Eve;ROLE=OPT-PARTICIPANT;PARTSTAT=DECLINED:mailto:eve@elsewhere.example\n"
    "ATTENDEE:mailto:dan@elsewhere.example"
)
BOSS = "ORGANIZER;CN=The Boss:mailto:boss@elsewhere.example"


def bring(by: User, *events: str, invite: bool = False) -> list[str]:
    """Take events in; says what became of each."""
    reading = read(*events)
    assert reading.left_out == ()
    entries = scheduler.take_in(reading.events, by=by, now=NOW, invite=invite)
    return [str(entry.outcome) for entry in entries]


def reasons(by: User, *events: str) -> list[str]:
    return [entry.reason for entry in scheduler.plan_take_in(read(*events).events, by=by)]


def answers(meeting: Meeting) -> dict[str, str]:
    return {i.address: i.status for i in meeting.invitations.current()}


def command(path: Path, *options: str, organizer: str = "ana@example.com") -> list[str]:
    """Run import_ics; the lines it prints."""
    out = StringIO()
    call_command("import_ics", str(path), "--organizer", organizer, *options, stdout=out)
    return out.getvalue().splitlines()


@pytest.fixture
def file(tmp_path: Path):
    """Writes events to a file."""

    def write(*events: str, head: str = "") -> Path:
        path = tmp_path / "calendar.ics"
        path.write_bytes(calendar(*events, head=head))
        return path

    return write


def everything() -> tuple[list[tuple], ...]:
    """All rows that an import could touch."""
    return tuple(
        list(model.objects.order_by("pk").values_list())
        for model in (Meeting, Occurrence, Invitation, Change, Booking)
    )


# What an event becomes -----------------------------------------------------


def test_an_event_without_organizer_is_a_meeting_of_the_importer():
    organizer, invited = ana(), ben()
    assert bring(organizer, f"{EVENT}\n{GUESTS}\nLOCATION:Room 101\nDESCRIPTION:Bring tea") == [
        "new"
    ]
    meeting = Meeting.objects.get()
    assert (meeting.organizer, meeting.created_by) == (organizer, organizer)
    assert (meeting.ical_uid, meeting.title, meeting.location, meeting.description) == (
        "1@example.org",
        "Design review",
        "Room 101",
        "Bring tea",
    )
    assert meeting.occurrence.stretch == stretch("2027-03-10 10:00", "2027-03-10 11:00")
    assert meeting.occurrence.recurrence_id == "2027-03-10T10:00:00"
    assert answers(meeting) == {
        "ana@example.com": "accepted",
        "ben@example.com": "accepted",
        "eve@elsewhere.example": "declined",
        "dan@elsewhere.example": "needs-action",
    }
    assert invitation_of(meeting, invited).name == ""  # an account has its own
    eve = invitation_of(meeting, "eve@elsewhere.example")
    assert (eve.name, eve.role, eve.responded_at) == ("Eve", "optional", None)
    assert eve.span.lower == at("2027-03-10 10:00")
    assert not meeting.rooms.exists()


def test_an_event_of_another_organizer_comes_in_as_theirs():
    importer = ana()
    guests = "ATTENDEE;PARTSTAT=TENTATIVE:mailto:Ana@Example.com"
    assert bring(importer, f"{EVENT}\n{BOSS}\n{guests}") == ["new"]
    meeting = Meeting.objects.get()
    assert (meeting.organizer, meeting.created_by) == (None, None)
    assert (meeting.organizer_email, meeting.organizer_name) == (
        "boss@elsewhere.example",
        "The Boss",
    )
    assert answers(meeting) == {
        "boss@elsewhere.example": "accepted",
        "ana@example.com": "tentative",
    }
    assert not may_edit(importer, meeting)


def test_an_organizer_with_an_account_is_that_person():
    importer, organizer = ana(), ben()
    bring(importer, f"{EVENT}\nORGANIZER:MAILTO:BEN@example.com\nATTENDEE:mailto:ana@example.com")
    meeting = Meeting.objects.get()
    assert (meeting.organizer, meeting.created_by) == (organizer, None)
    assert answers(meeting) == {"ben@example.com": "accepted", "ana@example.com": "needs-action"}


def test_whose_calendar_it_is_attends_even_if_no_list_says_so():
    bring(ana(), f"{EVENT}\n{BOSS}")
    assert answers(Meeting.objects.get())["ana@example.com"] == "accepted"


def test_one_event_in_two_people_s_calendars_is_one_meeting():
    first, second = ana(), ben()
    bring(first, f"{EVENT}\n{BOSS}\nATTENDEE;PARTSTAT=ACCEPTED:mailto:ana@example.com")
    # Ben's calendar shows him alone: Ana and her answer stay.
    assert bring(second, f"{EVENT}\n{BOSS}\nATTENDEE;PARTSTAT=DECLINED:mailto:ben@example.com") == [
        "changed"
    ]
    assert answers(Meeting.objects.get()) == {
        "boss@elsewhere.example": "accepted",
        "ana@example.com": "accepted",
        "ben@example.com": "declined",
    }
    # His calendar does not know that she has accepted.
    both = "ATTENDEE;PARTSTAT=DECLINED:mailto:ben@example.com\nATTENDEE:mailto:ana@example.com"
    assert bring(second, f"{EVENT}\n{BOSS}\n{both}") == ["unchanged"]


def test_a_meeting_that_its_organizer_looks_after_here_is_not_changed_by_others():
    organizer, invited, stranger = ana(), ben(), cy()
    meeting = scheduler.schedule(
        draft("2027-03-10 10:00", 60, invited), by=organizer, now=NOW
    ).meeting
    before = everything()
    forged = (
        f"UID:{meeting.ical_uid}\nSUMMARY:Forged\n{ELEVEN}\nSEQUENCE:99\n"
        "ORGANIZER:mailto:ana@example.com\nATTENDEE;PARTSTAT=ACCEPTED:mailto:{}"
    )
    assert bring(invited, forged.format("ben@example.com")) == ["unchanged"]
    assert bring(stranger, forged.format("cy@example.com")) == ["left out"]
    assert reasons(stranger, forged.format("cy@example.com")) == [
        "Ana Berger organizes it here and has not invited Cy Young."
    ]
    assert everything() == before
    bring(organizer, EVENT)
    assert bring(stranger, f"{EVENT}\nORGANIZER:mailto:ana@example.com") == ["left out"]


def test_the_same_uid_of_two_organizers_is_two_meetings():
    assert bring(ana(), EVENT) == ["new"]
    assert bring(ben(), EVENT) == ["new"]
    assert Meeting.objects.count() == 2


@pytest.mark.parametrize(
    ("line", "field", "expected"),
    [
        ("TRANSP:TRANSPARENT", "transparency", "free"),
        ("TRANSP:OPAQUE", "transparency", "busy"),
        ("CLASS:PRIVATE", "visibility", "private"),
        ("STATUS:TENTATIVE", "tentative", True),
        ("PRIORITY:1", "priority", 3),
        ("PRIORITY:9", "priority", 1),
        ("CONFERENCE:https://meet.example.org/1", "join_link", "https://meet.example.org/1"),
        ("URL:https://example.org/e", "description", "https://example.org/e"),
        ("SEQUENCE:7", "sequence", 7),
    ],
)
def test_fields(line: str, field: str, expected: object):
    bring(ana(), f"UID:1\nSUMMARY:A\n{TEN}\n{line}")
    assert getattr(Meeting.objects.get(), field) == expected


def test_all_day_and_busy_unless_it_says_free():
    bring(ana(), "UID:1\nSUMMARY:Fair\nDTSTART;VALUE=DATE:20270310\nDTEND;VALUE=DATE:20270313")
    meeting = Meeting.objects.get()
    assert meeting.when == days("2027-03-10", 3)
    assert meeting.transparency == "busy"
    assert meeting.occurrence.recurrence_id == "2027-03-10"


def test_what_does_not_fit_is_shortened_or_dropped_and_said(file):
    ana()
    lines = command(
        file(
            f"UID:1\nSUMMARY:{'x' * 400}\n{TEN}\n"
            "ATTENDEE;CN=Studio;CUTYPE=ROOM:mailto:studio@example.com\n"
            "ATTENDEE;CN=Local:mailto:me@localhost\n"
            "ATTENDEE;CN=Nobody:invalid:nomail",
            f"UID:2\n{TEN}",
        )
    )
    first, second = Meeting.objects.order_by("pk")
    assert len(first.title) == 300
    assert first.title.endswith("x…")
    assert second.title == "No title"
    assert list(answers(first)) == ["ana@example.com"]
    assert lines[1:5] == [
        "           Attendee “Nobody” has no e-mail address and was left out.",
        "           “Studio” is not booked.",
        "           “me@localhost” is no e-mail address and was left out.",
        "           Its title was shortened to 300 characters.",
    ]


@pytest.mark.parametrize(
    ("guest", "expected"),
    [("ben@example.com", [10, 240]), ("eve@elsewhere.example", [])],
)
def test_reminders_are_the_nearest_of_ours_and_never_reach_outside(guest: str, expected: list[int]):
    ben()
    alarms = "".join(f"\nBEGIN:VALARM\nTRIGGER:-PT{m}M\nEND:VALARM" for m in (10, 11, 300))
    bring(ana(), f"{EVENT}\nATTENDEE:mailto:{guest}{alarms}")
    assert Meeting.objects.get().reminders == expected


# Again ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "new"),
    [
        ("exceptions.ics", 1),
        ("exchange-moved-all-day.ics", 1),
        ("exchange-windows-zones.ics", 4),
        ("fablab-feed.ics", 28),
        ("google-clock-change.ics", 13),
        ("google-holidays-australia.ics", 53),
        ("google-moved.ics", 2),
        ("holidays-germany.ics", 34),
        ("makerspace.ics", 58),
        ("only-overrides.ics", 496),
        ("outlook-2010.ics", 1),
        ("outlook-web.ics", 4),
    ],
)
def test_real_calendars_twice(name: str, new: int):
    ana()
    planned = command(DATA / name, "--dry-run")
    assert not Meeting.objects.exists()
    first = command(DATA / name)
    assert planned == [*first, "Nothing was written."]
    assert first[-1] == f"{new} new, 0 changed, 0 cancelled, 0 unchanged; 0 left out."
    assert Meeting.objects.count() == new
    before = everything()
    assert command(DATA / name)[-1].startswith(f"0 new, 0 changed, 0 cancelled, {new} unchanged")
    assert everything() == before


def test_a_second_time_changes_nothing_though_the_importer_has_moved():
    organizer = ana()
    events = [EVENT, "UID:2\nSUMMARY:UTC\nDTSTART:20270310T090000Z\nDURATION:PT1H"]
    bring(organizer, *events)
    before = everything()
    organizer.timezone = "America/New_York"
    organizer.save()
    assert bring(organizer, *events) == ["unchanged", "unchanged"]
    assert everything() == before


def test_what_changed_in_the_calendar_changes_here():
    organizer = ana()
    bring(organizer, f"{EVENT}\n{GUESTS}")
    changed = EVENT.replace(TEN, ELEVEN).replace("Design", "Budget")
    assert bring(organizer, f"{changed}\nATTENDEE;PARTSTAT=DECLINED:mailto:dan@elsewhere.example")
    meeting = Meeting.objects.get()
    assert (meeting.title, meeting.version) == ("Budget review", 2)
    assert meeting.occurrence.stretch == stretch("2027-03-10 11:00", "2027-03-10 12:00")
    assert meeting.occurrence.recurrence_id == "2027-03-10T11:00:00"
    assert answers(meeting) == {
        "ana@example.com": "accepted",
        "dan@elsewhere.example": "declined",
    }
    assert {i.span.lower for i in meeting.invitations.current()} == {at("2027-03-10 11:00")}
    change = meeting.changes.last()
    assert (change.kind, change.by) == ("imported", organizer)
    assert set(change.fields) == {"title", "when", "attendees"}


def test_somebody_removed_comes_back_with_a_new_token():
    organizer = ana()
    bring(organizer, f"{EVENT}\n{GUESTS}")
    token = invitation_of(Meeting.objects.get(), "eve@elsewhere.example").token
    bring(organizer, EVENT)
    bring(organizer, f"{EVENT}\n{GUESTS}")
    eve = invitation_of(Meeting.objects.get(), "eve@elsewhere.example")
    assert eve.removed_at is None
    assert eve.status == "declined"
    assert eve.token != token


def test_a_new_answer_in_the_calendar_is_no_new_version():
    organizer = ana()
    bring(organizer, f"{EVENT}\n{GUESTS}")
    assert bring(organizer, f"{EVENT}\n{GUESTS.replace('DECLINED', 'ACCEPTED')}") == ["changed"]
    meeting = Meeting.objects.get()
    assert meeting.version == 1
    assert answers(meeting)["eve@elsewhere.example"] == "accepted"


def test_an_answer_given_here_stays_until_the_meeting_moves():
    organizer, invited = ana(), ben()
    bring(organizer, f"{EVENT}\n{GUESTS}")
    answer(Meeting.objects.get(), invited, "declined")
    assert bring(organizer, f"{EVENT}\n{GUESTS}") == ["unchanged"]
    assert bring(organizer, f"{EVENT}\n{GUESTS.replace('=DECLINED', '=ACCEPTED')}") == ["changed"]
    assert answers(Meeting.objects.get())["ben@example.com"] == "declined"
    bring(organizer, f"{EVENT.replace(TEN, ELEVEN)}\n{GUESTS}")
    assert answers(Meeting.objects.get())["ben@example.com"] == "accepted"


def test_what_was_changed_here_stays_until_the_calendar_is_newer_for_certain():
    organizer = ana()
    bring(organizer, EVENT)
    meeting = Meeting.objects.get()
    wanted = draft("2027-03-10 10:00", title="Design review, renamed")
    scheduler.edit(meeting, wanted, by=organizer, now=NOW, version=1)
    before = everything()
    assert reasons(organizer, EVENT) == ["It was changed here since, and stays as it is here."]
    bring(organizer, EVENT)
    assert everything() == before
    assert bring(organizer, f"{EVENT}\nLAST-MODIFIED:20270228T000000Z") == ["left out"]
    assert bring(organizer, f"{EVENT}\nLAST-MODIFIED:20270302T000000Z") == ["changed"]
    assert Meeting.objects.get().title == "Design review"


def test_a_higher_sequence_is_newer_and_a_lower_one_older():
    organizer = ana()
    bring(organizer, EVENT.replace("SEQUENCE:0", "SEQUENCE:3"))
    older = EVENT.replace("SEQUENCE:0", "SEQUENCE:2").replace("Design", "Old")
    assert reasons(organizer, older) == ["What is kept here is a newer version of it."]
    meeting = Meeting.objects.get()
    wanted = draft("2027-03-10 10:00", title="Renamed")
    scheduler.edit(meeting, wanted, by=organizer, now=NOW, version=1)
    assert bring(organizer, EVENT.replace("SEQUENCE:0", "SEQUENCE:4")) == ["changed"]
    assert (Meeting.objects.get().title, Meeting.objects.get().sequence) == ("Design review", 4)


# Cancelled -----------------------------------------------------------------


def test_a_cancelled_event_comes_in_as_cancelled():
    assert bring(ana(), f"{EVENT}\n{GUESTS}\nSTATUS:CANCELLED") == ["new"]
    meeting = Meeting.objects.get()
    assert meeting.occurrence.is_cancelled
    assert set(meeting.invitations.values_list("span", flat=True)) == {None}


def test_an_event_that_is_cancelled_later_is_cancelled_and_can_come_back():
    organizer = ana()
    bring(organizer, f"{EVENT}\n{GUESTS}")
    cancelled = f"{EVENT}\n{GUESTS}\nSTATUS:CANCELLED".replace("SEQUENCE:0", "SEQUENCE:1")
    assert bring(organizer, cancelled) == ["cancelled"]
    assert Meeting.objects.get().occurrence.is_cancelled
    assert not Invitation.objects.filter(span__isnull=False).exists()
    again = f"{EVENT}\n{GUESTS}".replace("SEQUENCE:0", "SEQUENCE:2")
    assert bring(organizer, again) == ["changed"]
    assert not Meeting.objects.get().occurrence.is_cancelled
    assert not Invitation.objects.filter(span=None).exists()


def test_a_cancelled_event_gives_its_rooms_back_and_one_with_rooms_is_not_moved():
    organizer, room = ana(), RoomFactory.create()
    bring(organizer, EVENT)
    wanted = draft("2027-03-10 10:00", rooms=(room,))
    scheduler.edit(Meeting.objects.get(), wanted, by=organizer, now=NOW, version=1)
    moved = EVENT.replace(TEN, ELEVEN).replace("SEQUENCE:0", "SEQUENCE:9")
    assert reasons(organizer, moved) == ["It has another time here, and holds rooms. Move it here."]
    bring(organizer, f"{EVENT}\nSTATUS:CANCELLED".replace("SEQUENCE:0", "SEQUENCE:9"))
    assert not Booking.objects.unreleased().exists()


# Nobody is told ------------------------------------------------------------


def test_nobody_is_told():
    organizer = ana()
    bring(organizer, f"{EVENT}\n{GUESTS}")
    bring(organizer, f"{EVENT.replace(TEN, ELEVEN)}\nATTENDEE:mailto:new@elsewhere.example")
    bring(organizer, f"{EVENT}\n{GUESTS}\nSTATUS:CANCELLED")
    assert Change.objects.count() == 3
    assert not Change.objects.to_announce(NOW).exists()
    assert [recipients(change) for change in Change.objects.all()] == [[], [], []]


def test_with_invite_those_new_on_own_coming_meetings_are_invited():
    organizer = ana()
    over = f"UID:2\nSUMMARY:Over\nDTSTART:20270101T100000\nDURATION:PT1H\n{GUESTS}"
    off = f"UID:3\nSUMMARY:Off\n{TEN}\nSTATUS:CANCELLED\n{GUESTS}"
    others = f"UID:4\nSUMMARY:Of others\n{TEN}\n{BOSS}\n{GUESTS}"
    bring(organizer, f"{EVENT}\n{GUESTS}", over, off, others, invite=True)
    told = [
        (told.message, told.person.address)
        for change in Change.objects.to_announce(NOW)
        for told in recipients(change)
    ]
    assert sorted(told) == [
        (Message.INVITATION, "ben@example.com"),
        (Message.INVITATION, "dan@elsewhere.example"),
        (Message.INVITATION, "eve@elsewhere.example"),
    ]
    before = everything()
    bring(organizer, f"{EVENT}\n{GUESTS}", over, off, others, invite=True)
    assert everything() == before


# The command line ----------------------------------------------------------


@time_machine.travel(NOW, tick=False)
def test_it_says_line_by_line_what_became_of_each(file):
    ana(), ben()
    path = file(
        f"{EVENT}\n{GUESTS}",
        f"UID:2\nSUMMARY:Theirs\n{BOSS}\n{TEN}\nTRANSP:TRANSPARENT\nSTATUS:TENTATIVE",
        "UID:3\nSUMMARY:Fair\nDTSTART:20280310\nDTEND:20280313\nCLASS:PRIVATE",
        f"UID:4\nSUMMARY:Weekly\n{TEN}\nRRULE:FREQ=WEEKLY",
        "UID:5\nSUMMARY:Backwards\nDTSTART:20270310T100000\nDTEND:20270310T093000",
        f"UID:6\nSUMMARY:Off\n{TEN}\nSTATUS:CANCELLED",
    )
    assert command(path) == [
        "new        Wed 10 March, 10:00–11:00 Europe/Berlin · Design review · 4 people",
        "new        Wed 10 March, 10:00–11:00 Europe/Berlin · Theirs · of The Boss, 2 people,"
        " free, tentative",
        "new        Fri 10 – Sun 12 March 2028, all day · Fair · private",
        "new        Wed 10 March, 10:00–11:00 Europe/Berlin · Weekly · Every Wednesday at 10:00",
        "new        Wed 10 March, 10:00–11:00 Europe/Berlin · Off · cancelled",
        "left out   Backwards (line 37): It ends before it starts.",
        "5 new, 0 changed, 0 cancelled, 0 unchanged; 1 left out.",
    ]
    path = file(f"{EVENT.replace(TEN, ELEVEN)}\n{GUESTS}\nLOCATION:Studio")
    assert command(path)[0].endswith("· Design review · 4 people, other location, time")


def test_a_broken_file_changes_nothing(file):
    ana()
    whole = file(EVENT, "UID:2\nSUMMARY:B\nDTSTART:20270310")
    whole.write_bytes(whole.read_bytes()[:-30])
    with pytest.raises(CommandError, match=r"calendar.ics was not taken in\. The file is cut off"):
        command(whole)
    with pytest.raises(CommandError, match="cut off"):
        command(DATA / "broken.ics")
    assert everything() == ([], [], [], [], [])


def test_a_failure_half_way_leaves_nothing(monkeypatch):
    organizer = ana()
    command_module = sys.modules["meetings.scheduler.take_in"]
    real = command_module.create

    def fails_at_the_second(arrival, **options):
        if arrival.ical_uid == "2":
            raise WrongState("Half way.")
        return real(arrival, **options)

    monkeypatch.setattr(command_module, "create", fails_at_the_second)
    with pytest.raises(WrongState):
        bring(organizer, EVENT, f"UID:2\nSUMMARY:B\n{TEN}")
    assert everything() == ([], [], [], [], [])


def test_wrong_arguments_get_one_sentence(tmp_path, file):
    ana(), cy(is_active=False)
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        command(tmp_path / "none.ics")
    with pytest.raises(CommandError, match="cannot be read: Is a directory"):
        command(tmp_path)
    with pytest.raises(CommandError, match=r"Nobody here has the address nobody@example\.com"):
        command(file(EVENT), organizer="nobody@example.com")
    with pytest.raises(CommandError, match=r"The account of cy@example\.com is closed"):
        command(file(EVENT), organizer="cy@example.com")


def test_programs_read_what_became_of_each_event(file):
    ana()
    lines = command(file(EVENT, "UID:2\nSUMMARY:No time"), "--dry-run", "--json")
    taken, left_out = json.loads("\n".join(lines))
    assert (taken["outcome"], taken["title"]) == ("new", "Design review")
    assert (left_out["outcome"], left_out["ical_uid"]) == ("left out", "2")
    assert left_out["reason"]
    assert left_out["line"] > taken["line"] > 0


def test_an_answer_to_an_invitation_is_no_calendar(file):
    organizer = ana()
    bring(organizer, f"{EVENT}\n{GUESTS}")
    before = everything()
    with pytest.raises(CommandError, match=r"an answer to an invitation \(METHOD:REPLY\)"):
        command(file(EVENT, head="METHOD:REPLY"))
    assert everything() == before


def test_what_cannot_be_kept_is_left_out(file):
    organizer = ana()
    assert reasons(organizer, EVENT.replace("1@example.org", "x" * 501)) == [
        "Its UID or its organizer’s address is too long."
    ]
    crowd = "\n".join(f"ATTENDEE:mailto:p{n}@example.org" for n in range(501))
    assert reasons(organizer, f"{EVENT}\n{crowd}") == ["At most 500 people can be invited."]
    twice = file(EVENT)
    twice.write_bytes(twice.read_bytes() * 2)
    assert command(twice)[1] == "left out   Design review (line 15): The file has it twice."


def test_a_changed_date_alone_is_shown_where_it_is_and_a_bad_rule_with_its_line(file):
    ana()
    moved = "UID:2\nSUMMARY:Moved\nRECURRENCE-ID;TZID=Europe/Berlin:20270310T100000\n" + ELEVEN
    seconds = EVENT.replace("Design review", "Ticks") + "\nRRULE:FREQ=SECONDLY"
    assert command(file(moved, seconds)) == [
        "new        Wed 10 March 2027, 11:00–12:00 Europe/Berlin · Moved · 1 date",
        "left out   Ticks (line 11): A meeting repeats once a day at most: instead of SECONDLY,"
        " write DAILY, WEEKLY, MONTHLY or YEARLY.",
        "1 new, 0 changed, 0 cancelled, 0 unchanged; 1 left out.",
    ]


def test_a_plan_costs_the_same_few_queries_however_many_events(django_assert_num_queries):
    organizer = ana()
    for many in (3, 30):
        events = read(*(f"UID:{n}\nSUMMARY:A\n{TEN}\n{GUESTS}" for n in range(many))).events
        scheduler.take_in(events, by=organizer, now=NOW)
        with django_assert_num_queries(8):
            scheduler.plan_take_in(events, by=organizer)


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_make_one_meeting():
    importers = [ana(), cy()]
    events = read(f"{EVENT}\n{BOSS}\n{GUESTS}").events
    together = threading.Barrier(2)
    outcomes: list[str] = []

    def run(by: User) -> None:
        together.wait()
        try:
            outcomes.extend(e.outcome for e in scheduler.take_in(events, by=by, now=NOW))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[by]) for by in importers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["changed", "new"]
    assert Meeting.objects.count() == 1
    assert {"ana@example.com", "cy@example.com"} <= set(answers(Meeting.objects.get()))
