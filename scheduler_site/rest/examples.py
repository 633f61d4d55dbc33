"""What bodies of requests look like, by operation; docs/api.md has each, with its answer."""

from typing import Any

Body = dict[str, Any]

MEETING: Body = {
    "title": "Q4 Planning",
    "start_time": "2027-12-01T14:00:00Z",
    "end_time": "2027-12-01T15:30:00Z",
    "attendees": ["user1@email.com", "user2@email.com"],
    "room_id": "room-101",
    "description": "Quarterly planning session",
    "reminders": [15, 60],
}
SERIES: Body = {
    "title": "Weekly",
    "start_time": "2027-03-10T10:00:00+01:00",
    "end_time": "2027-03-10T11:00:00+01:00",
    "frequency": "weekly",
    "count": 5,
    "attendees": ["ben@example.com"],
    "room_id": "room-101",
    "on_conflict": "ask",
    "decisions": [{"recurrence_id": "2027-03-24T10:00:00", "choice": "skip"}],
}
REPLACED: Body = {
    "title": "Q4 Planning",
    "start_time": "2027-12-01T14:00:00Z",
    "end_time": "2027-12-01T15:00:00Z",
    "attendees": ["ben@example.com", {"email": "user1@email.com", "role": "optional"}],
    "room_id": "room-102",
}
MENDED: Body = {
    "decisions": [
        {
            "recurrence_id": "2027-03-24T10:00:00",
            "choice": "other_time",
            "start_time": "2027-03-25T10:00:00+01:00",
            "end_time": "2027-03-25T11:00:00+01:00",
        }
    ]
}
ROOM_BOOKED: Body = {
    "title": "Focus",
    "start_time": "2027-03-11T10:00:00+01:00",
    "end_time": "2027-03-11T11:00:00+01:00",
}
BUSY: Body = {
    "start": "2027-03-24T08:00:00Z",
    "end": "2027-03-24T10:00:00Z",
    "users": ["ana@example.com"],
    "rooms": ["room-101"],
}
SLOTS: Body = {
    "required": ["ben@example.com"],
    "minutes": 45,
    "start": "2027-03-24T08:00:00Z",
    "end": "2027-03-24T16:00:00Z",
    "room": {"seats": 4},
    "limit": 3,
}
ROOM_WANTED: Body = {
    "start_time": "2027-03-24T10:00:00+01:00",
    "end_time": "2027-03-24T11:00:00+01:00",
    "seats": 6,
}
ACCEPTING: Body = {"note": "Gladly"}
DECLINING: Body = {
    "note": "I am in Lisbon that week.",
    "recurrence_id": "2027-03-31T10:00:00",
}
PROPOSED: Body = {
    "times": [{"start_time": "2027-03-17T16:00:00+01:00", "end_time": "2027-03-17T17:00:00+01:00"}],
    "note": "After my flight",
    "recurrence_id": "2027-03-17T10:00:00",
}
TIME_OFF: Body = {
    "first_day": "2027-07-05",
    "last_day": "2027-07-16",
    "declines": True,
    "message": "Back on 19 July.",
}
PROFILE: Body = {
    "timezone": "Europe/Berlin",
    "working_hours": {"monday": "9:00–12:00, 13:00–17:30", "friday": "9:00–14:00"},
}

EXAMPLES: dict[str, Body] = {
    "create_meeting": MEETING,
    "create_recurring_meeting": SERIES,
    "replace_meeting": REPLACED,
    "update_meeting": {"location": "Second floor"},
    "mend_series": MENDED,
    "book_room": ROOM_BOOKED,
    "find_busy_times": BUSY,
    "find_times": SLOTS,
    "find_a_room": ROOM_WANTED,
    "accept_invitation": ACCEPTING,
    "answer_tentatively": ACCEPTING,
    "decline_invitation": DECLINING,
    "propose_times": PROPOSED,
    "accept_proposed_time": {"number": 0},
    "decline_proposed_times": {"note": "We all fly that day."},
    "create_time_off": TIME_OFF,
    "change_time_off": TIME_OFF,
    "change_profile": PROFILE,
}
"""By operationId."""
