"""What the company does again and again: its series, as people have them."""

from meetings.demo.entries import Moment, Series, all_day, timed
from meetings.demo.people import PEOPLE
from meetings.demo.story import LISBON, MEET, PRIVATE, REMIND

TEAM = "+ben +lena +jonas +mira +emre"
# Everybody who may meet Ana and Ben; late in the evening in Singapore.
EVERYBODY = " ".join(
    f"+({person.key})" if person.city == "Singapore" else f"+{person.key}"
    for person in PEOPLE
    if person.key not in ("cy", "rae")
)

SERIES: list[Series] = [
    Series(
        timed(0, "9:00", 15, "Stand-up", "ana", TEAM, join_link=f"{MEET}stand-up"),
        "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
        since=-8,
        moments=(
            Moment(8, answers="-jonas", note="At the dentist."),
            Moment(18, called_off="Nobody is here on that Friday."),
        ),
    ),
    Series(
        timed(0, "9:30", 60, "Week planning", "ana", TEAM, room="green-room", **REMIND),
        "FREQ=WEEKLY",
        since=-8,
        moments=(
            Moment(7, fields={"title": "Week planning, with the budget"}, also="greta"),
            Moment(14, answers="?emre", note="From the train, if the line holds."),
        ),
    ),
    Series(
        timed(0, "15:00", 60, "Roadmap with New York", "ana", "+ben +omar +nadia ?grace",
              join_link=f"{MEET}roadmap"),
        "FREQ=WEEKLY",
        since=-6,
        moments=(Moment(7, to=(8, "15:30")), Moment(14, answers="-nadia")),
    ),
    Series(
        timed(1, "9:30", 30, "1:1 with Ben", "ana", "+ben", room="quiet-box"),
        "FREQ=WEEKLY;INTERVAL=2",
        since=-8,
    ),
    Series(
        timed(2, "9:30", 30, "1:1 with Lena", "ana", "+lena", room="quiet-box"),
        "FREQ=WEEKLY;INTERVAL=2",
        since=-6,
    ),
    Series(
        timed(2, "16:30", 60, "Office hours", "ana", room="nook", transparency="free",
              description="Drop in, no need to say so before."),
        "FREQ=WEEKLY;COUNT=20",
        since=-4,
    ),
    Series(
        timed(3, "14:00", 45, "Singapore hand-over", "yuki", "+ana +wei +priya ?ben",
              city="Singapore", join_link=f"{MEET}hand-over"),
        "FREQ=WEEKLY",
        since=-8,
    ),
    # Atlas can be booked eight weeks ahead; on the date in two weeks somebody else has it.
    Series(
        timed(3, "16:00", 60, "Retrospective", "ana", "+lena +ben +jonas +mira ?emre",
              room="atlas"),
        "FREQ=WEEKLY;INTERVAL=2",
        since=-6,
        moments=(Moment(17, answers="-mira", note="On holiday."),),
    ),
    Series(
        timed(3, "15:00", 60, "Partner call Lisbon", "ana",
              "+ben +marta.silva@partner.example ?rui.costa@partner.example", join_link=LISBON),
        "FREQ=WEEKLY;INTERVAL=4;COUNT=13",
        since=-4,
    ),
    Series(
        timed(0, "14:15", 45, "All hands", "rae", EVERYBODY, room="canteen",
              description="Recorded for whoever is asleep."),
        "FREQ=MONTHLY;BYDAY=1TH",
        since=-8,
    ),
    Series(
        timed(0, "15:15", 90, "Quarterly review", "greta", "+ana +felix +rae ?omar", room="atlas"),
        "FREQ=YEARLY;BYMONTH=3,6,9,12;BYDAY=2TU",
        since=0,
    ),
    Series(
        all_day(8, 1, "Ben's birthday", "ana", transparency="free", **PRIVATE),
        "FREQ=YEARLY",
        since=0,
    ),
    Series(
        timed(1, "13:30", 30, "Money round", "greta", "+felix +ida", room="nook"),
        "FREQ=WEEKLY",
        since=-6,
    ),
    Series(
        timed(4, "9:00", 45, "Research round", "vera", "+cy +paul", room="blue-room"),
        "FREQ=WEEKLY",
        since=-6,
    ),
    Series(
        timed(0, "10:00", 60, "Sales week", "omar", "+grace +diego +zoe ?(nadia)",
              city="New York", room="hudson"),
        "FREQ=WEEKLY",
        since=-8,
    ),
    Series(
        timed(3, "10:30", 30, "1:1 with Zoe", "omar", "+zoe", city="New York", room="booth"),
        "FREQ=WEEKLY;INTERVAL=2",
        since=-2,
    ),
    # The site is shut on the Wednesday in two weeks.
    Series(
        timed(2, "10:00", 60, "Engineering week", "wei", "+yuki +priya +arun +mei ?farid",
              city="Singapore", room="banyan"),
        "FREQ=WEEKLY",
        since=-8,
        skipped=(16,),
    ),
    Series(
        timed(1, "8:45", 45, "Reading circle", "lena", "ana ben +clara", room="nook",
              announced=True),
        "FREQ=WEEKLY;COUNT=8",
        since=1,
    ),
]  # fmt: skip
