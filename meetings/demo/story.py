"""Weeks written by hand: mostly Ana's and Ben's. Cy meets neither of them."""

from typing import Any

from meetings.demo.entries import Entry, all_day, timed

REVIEW = (
    "Walk through the booking flow as it stands on Wednesday morning."
    " Bring one thing you would remove."
)
MEET = "https://meet.halden.example/"
LISBON = f"{MEET}lisbon"
PRIVATE: dict[str, Any] = {"visibility": "private"}
REMIND: dict[str, Any] = {"reminders": (15,)}

LAST_WEEK: list[Entry] = [
    timed(0, "13:00", 60, "Customer interviews", "lena", "+ana +ben +clara", room="blue-room"),
    timed(1, "11:00", 60, "Budget first look", "greta", "+ana +felix", room="green-room"),
    timed(1, "14:00", 90, "Booking flow, first sketches", "clara", "+ana +theo ?ben +nele",
          room="blue-room", notes={"ben": "Only for the first hour."}),
    timed(2, "11:00", 45, "Vendor shortlist", "ana", "+greta +felix -jonas", room="green-room"),
    timed(3, "13:30", 60, "Release rehearsal", "emre", "+ana +ben +wei +priya", room="blue-room"),
    timed(4, "10:00", 60, "Support numbers", "maya", "?ana +omar +victor"),
    timed(4, "14:30", 30, "Eye doctor", "ana", **PRIVATE),
]  # fmt: skip

THIS_WEEK: list[Entry] = [
    all_day(0, 2, "Lena away", "lena", "+ana +ben +jonas", transparency="free"),
    all_day(3, 2, "Quarter close", "greta", "+ana +felix +ida", transparency="free"),
    all_day(5, 2, "Omar in Berlin", "omar", "?ana +ben", transparency="free"),
    timed(0, "10:30", 60, "Month close", "greta", "+felix +ida", room="room-101"),
    timed(0, "11:00", 30, "Supplier call", "felix", "-ana +greta",
          notes={"ana": "Felix decides this without me."}),
    timed(0, "13:00", 90, "Research readout", "mira", "+ana +ben +clara +theo", room="blue-room"),
    timed(0, "13:30", 45, "Data sync", "wei", "?ana +jonas +priya"),
    timed(0, "16:15", 45, "Interview notes", "ben", "+ana +hanna", room="nook"),
    timed(1, "10:00", 120, "Design workshop", "ana", "+ben +clara +theo ?nele +mira",
          room="blue-room", reminders=(60, 15), description="Sketch first, talk afterwards."),
    timed(1, "10:30", 60, "Vendor demo", "felix", "?ana +greta +contact@vendor.example",
          room="green-room"),
    timed(1, "13:00", 30, "Dentist", "ana", **PRIVATE),
    timed(1, "14:00", 60, "Hiring panel", "hanna", "+ana +ben +rae", room="atlas", **PRIVATE),
    timed(1, "16:00", 45, "Press check-in", "nadia", "-ana +liam +ruth"),
    timed(2, "10:00", 60, "Contract review", "ana", "+greta +felix", room="green-room", **PRIVATE),
    timed(2, "11:00", 60, "Candidate talk", "hanna", "?ana +ben +jonas +mira +lena", room="atlas"),
    timed(2, "12:00", 60, "Lunch and learn: calendars", "emre",
          "+(ben) +(nele) (clara) +(theo) -(mira)", room="canteen", priority=1),
    timed(2, "14:00", 60, "Design review", "ana",
          "+ben ?lena +omar (yuki) -marta.silva@partner.example", room="blue-room",
          description=REVIEW, join_link=f"{MEET}review", reminders=(1440, 15), priority=3,
          notes={"lena": "Ten minutes late, the school run.",
                 "marta.silva@partner.example": "On a train, send me the notes please."}),
    timed(2, "15:00", 90, "Customer visit", "rae", "+hanna +greta", room="room-101"),
    timed(2, "15:30", 30, "Release notes", "ana", "+emre", room="nook"),
    timed(3, "9:15", 45, "Numbers before the numbers", "felix", "+ana", room="nook"),
    timed(3, "10:00", 60, "Quarter numbers", "greta", "+ana +felix +rae", room="atlas", **REMIND),
    timed(3, "11:00", 60, "Onboarding Clara", "ana", "+clara +nele", room="green-room"),
    timed(3, "12:00", 60, "Lunch with the board", "rae", "+ana", room="room-101", **PRIVATE),
    timed(3, "13:00", 30, "Vendor follow-up", "felix", "+ana +greta"),
    timed(3, "13:30", 90, "Budget workshop", "greta", "+ana +felix ?rae", room="green-room"),
    timed(3, "17:00", 30, "Yoga", "nele", "?(ana) +(clara) +(mira)", room="canteen"),
    timed(4, "9:30", 60, "Fire drill briefing", "rae", "+hanna +ana +greta", room="room-101"),
    timed(4, "11:00", 90, "Press briefing", "ana", "+nadia +liam ?ben", room="blue-room",
          description="Zoe brings the questions we expect."),
    timed(4, "13:00", 60, "Demo for everyone", "ben",
          "+ana +lena +jonas +mira +emre +clara +theo +(omar) (yuki)", room="canteen"),
    timed(4, "16:30", 90, "Drinks on the roof", "hanna", "?ana +ben +lena +theo",
          location="Roof terrace"),
    timed(6, "17:00", 100, "Train to Hamburg", "ana", **PRIVATE),
    timed(0, "10:45", 45, "Access rights", "ben", "+emre +hanna", room="nook"),
    timed(1, "13:00", 60, "Lunch run", "ben", **PRIVATE),
    timed(3, "9:30", 90, "Threat model", "ben", "+emre +jonas ?wei", room="blue-room"),
    timed(4, "15:00", 60, "Hiring debrief", "hanna", "+ben +rae", room="nook", **PRIVATE),
]  # fmt: skip

NEXT_WEEK: list[Entry] = [
    timed(1, "10:00", 90, "Pricing workshop", "ana", "+greta +omar ben lena", room="blue-room"),
    timed(1, "14:00", 60, "Portfolio talk", "clara", "?ana +theo nele", room="green-room"),
    timed(2, "11:00", 60, "Board papers", "rae", "+ana greta", room="atlas", **PRIVATE),
    timed(3, "13:00", 60, "Architecture talk", "emre", "+ben +wei -priya ?ana", room="green-room"),
    timed(4, "10:00", 120, "Usability test", "nele", "+clara ?ben ana", room="blue-room"),
]  # fmt: skip

LATER: list[Entry] = [
    all_day(4, 1, "Day off", "ana", **PRIVATE),
    timed(1, "13:00", 120, "Half-year plan", "ana", "+ben +lena +greta omar", room="green-room"),
    timed(2, "13:00", 180, "Sketching afternoon", "theo", "+clara +nele ?mira", room="workshop"),
    timed(3, "15:30", 120, "Works council", "rae", "+hanna +greta", room="atlas"),
]

# Invitations that wait for Ben and Ana, on the workdays after today; these are mailed.
ASKING: list[Entry] = [
    timed(1, "11:15", 45, "Floor plan walk", "rae", "ana ben +hanna", room="any", announced=True),
    timed(2, "14:00", 60, "Budget preview", "greta", "ana felix", room="any", announced=True),
    timed(2, "15:30", 30, "Pricing page, last look", "ana", "ben clara (nele)", room="any",
          announced=True, **REMIND),
    timed(3, "9:30", 60, "Security briefing", "lena", "ana ben emre", room="any", announced=True),
    timed(4, "15:00", 60, "What we learned from support", "ana", "ben +maya (tessa)",
          announced=True, join_link=f"{MEET}support"),
    timed(5, "14:00", 45, "Partner check-in", "ana", "ben marta.silva@partner.example",
          announced=True, join_link=LISBON),
]  # fmt: skip

WEEKS: dict[int, list[Entry]] = {
    -1: LAST_WEEK,
    0: THIS_WEEK,
    1: NEXT_WEEK,
    2: LATER,
    -2: [],
}
