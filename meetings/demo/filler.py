"""What the rest of the company does: drawn by lot, but the same lots on every machine."""

from random import Random

from meetings.demo.entries import Entry, Guest
from meetings.demo.people import OFFICE, PEOPLE, Person

TITLES = {
    "Product": ["Backlog", "Scope of the next release", "Bug triage", "Story mapping"],
    "Design": ["Icons", "Crit", "Colour in the dark", "Prototype walk"],
    "Finance": ["Invoices", "Forecast", "Audit questions", "Travel costs"],
    "Research": ["Reading group", "Interview guide", "Survey results", "Field trip"],
    "Office": ["Deliveries", "Desk moves", "Visitors this week"],
    "Sales": ["Pipeline", "Call with a customer", "Renewals", "Territory plan"],
    "Marketing": ["Newsletter", "Launch plan", "Press list", "Trade fair"],
    "Support": ["Escalations", "Hand-over", "Macros", "Ticket review"],
    "Engineering": ["Design of the queue", "Incident review", "Upgrade plan", "Pairing"],
    "Operations": ["Capacity", "On-call rota", "Cost of hosting", "Change board"],
}
LENGTHS = (30, 30, 45, 60, 60, 60, 90)
ANSWERS = ("accepted",) * 8 + ("tentative", "declined")
A_DAY = {0: 4}  # meetings per city and day: this week is fuller
OTHERWISE = 1
# Composed by hand, so that their weeks look as they should; Cy meets neither.
COMPOSED = {"ana", "ben"}


def fillers(week: int) -> list[Entry]:
    """Meetings of everybody else in that week (0 is this one)."""
    return [
        _meeting(Random(f"{week} {city} {day} {number}"), city, day, is_past=week < 0)
        for city in OFFICE
        for day in range(5)
        for number in range(A_DAY.get(week, OTHERWISE))
    ]


def _meeting(lot: Random, city: str, day: int, *, is_past: bool) -> Entry:
    here = [p for p in PEOPLE if p.city == city and day in p.days and p.key not in COMPOSED]
    organizer = lot.choice(here)
    team = [p for p in here if p.team == organizer.team and p != organizer]
    others = [p for p in here if p.team != organizer.team]
    asked = [*team[: lot.randint(1, 4)], *lot.sample(others, lot.randint(0, 2))]
    begins = OFFICE[city][0][0] // 15
    start = 15 * lot.randrange(begins, begins + 30, 2)
    return Entry(
        day,
        f"{start // 60}:{start % 60:02}",
        lot.choice(LENGTHS),
        lot.choice(TITLES[organizer.team]),
        organizer.key,
        tuple(_guest(lot, person, is_past=is_past) for person in asked),
        room=lot.choice(("any", "any", "any", "")),
        fields={"visibility": "private"} if lot.random() < 0.15 else {},
        yields=True,
        city=city,
    )


def _guest(lot: Random, person: Person, *, is_past: bool) -> Guest:
    """Before a date some have not answered yet; afterwards hardly anybody."""
    silent = lot.random() < (0.05 if is_past else 0.25)
    answer = "needs-action" if silent else lot.choice(ANSWERS)
    return Guest(person.key, answer, optional=lot.random() < 0.15)
