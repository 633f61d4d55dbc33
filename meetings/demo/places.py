"""The company's sites and rooms."""

from dataclasses import dataclass

AMENITIES = ["camera", "phone", "screen", "speakers", "step-free access", "whiteboard"]

WORKDAYS = range(5)
SITES = {
    "Berlin": ("Köpenicker Straße 40, 10179 Berlin", (7 * 60, 20 * 60)),
    "New York": ("85 Broad Street, New York, NY 10004", (8 * 60, 19 * 60)),
    "Singapore": ("12 Marina View, Singapore 018961", (8 * 60, 19 * 60)),
}


@dataclass(frozen=True, slots=True)
class Place:
    """A room. `hours` are its own on workdays, in minutes; () for those of its site."""

    code: str
    name: str
    site: str
    floor: str
    seats: int
    amenities: str = ""
    hours: tuple[int, int] | tuple[()] = ()
    always: bool = False
    after: int = 0
    days_ahead: int | None = None
    description: str = ""


ROOMS = [
    Place("canteen", "Canteen", "Berlin", "Ground floor", 60, "screen, speakers, step-free access",
          hours=(12 * 60, 20 * 60), description="Tables can be moved; please put them back."),
    Place("room-101", "Room 101", "Berlin", "1st floor", 12, "screen, whiteboard, step-free access",
          always=True, description="Beside the reception, also at night and on weekends."),
    Place("blue-room", "Blue Room", "Berlin", "3rd floor", 8, "camera, screen"),
    Place("green-room", "Green Room", "Berlin", "3rd floor", 10, "screen, whiteboard"),
    Place("nook", "Nook", "Berlin", "3rd floor", 4, "screen"),
    Place("quiet-box", "Quiet Box", "Berlin", "3rd floor", 2, "phone"),
    Place("atlas", "Atlas", "Berlin", "4th floor", 14, "camera, screen, step-free access",
          hours=(8 * 60, 18 * 60), after=15, days_ahead=56,
          description="The camera is set up by the reception."),
    Place("workshop", "Workshop", "Berlin", "4th floor", 20, "whiteboard"),
    Place("hudson", "Hudson", "New York", "11th floor", 12, "camera, screen, whiteboard"),
    Place("liberty", "Liberty", "New York", "11th floor", 6, "screen"),
    Place("booth", "Booth", "New York", "11th floor", 2, "phone"),
    Place("greenhouse", "Greenhouse", "New York", "12th floor", 20, "camera, screen, speakers",
          after=10),
    Place("merlion", "Merlion", "Singapore", "8th floor", 10, "camera, screen, step-free access"),
    Place("orchid", "Orchid", "Singapore", "8th floor", 4, "screen"),
    Place("banyan", "Banyan", "Singapore", "9th floor", 16, "camera, screen, whiteboard"),
]  # fmt: skip
