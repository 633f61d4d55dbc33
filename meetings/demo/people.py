"""The company's people."""

from dataclasses import dataclass

OFFICE = {
    "Berlin": [(9 * 60, 17 * 60 + 30)],
    "New York": [(9 * 60, 17 * 60)],
    "Singapore": [(9 * 60, 12 * 60 + 30), (13 * 60 + 30, 18 * 60)],
}
ZONES = {"Berlin": "Europe/Berlin", "New York": "America/New_York", "Singapore": "Asia/Singapore"}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the company. `key` is the address before the @; `days` are worked, 0 = Monday."""

    key: str
    name: str
    city: str
    team: str
    days: tuple[int, ...] = (0, 1, 2, 3, 4)

    @property
    def email(self) -> str:
        """Their address."""
        return f"{self.key}@example.com"


def _people(city: str, teams: dict[str, str]) -> list[Person]:
    """A city's people by team; the key is the first name, which nobody shares."""
    return [
        Person(key, name, city, team, PART_TIME.get(key, (0, 1, 2, 3, 4)))
        for team, names in teams.items()
        for name in names.split(", ")
        for key in (name.split()[0].lower(),)
    ]


PART_TIME = {"ida": (0, 1, 2), "ruth": (1, 2, 3), "jasmine": (0, 2, 4)}


PEOPLE = [
    *_people(
        "Berlin",
        {
            "Product": "Ana Berger, Ben Okafor, Lena Vogt, Jonas Keller, Mira Adler, Emre Yilmaz",
            "Design": "Clara Engel, Theo Brandt, Nele Hartmann",
            "Finance": "Greta Lindner, Felix Sommer, Ida Krause",
            "Research": "Cy Novak, Paul Winter, Vera Stein",
            "Office": "Rae Castellano, Hanna Busch",
        },
    ),
    *_people(
        "New York",
        {
            "Sales": "Omar Haddad, Grace Kim, Diego Ramos, Zoe Carter",
            "Marketing": "Nadia Brooks, Liam Walsh, Ruth Feldman, Andre Bell",
            "Support": "Maya Patel, Victor Hughes, Tessa Quinn, Sam Rivera",
        },
    ),
    *_people(
        "Singapore",
        {
            "Engineering": "Yuki Tan, Wei Lim, Priya Nair, Arun Das, Mei Chua, Farid Rahman",
            "Operations": "Siti Aziz, Kenji Sato, Hui Goh, Jasmine Ong, Ravi Menon",
        },
    ),
]

BY_KEY = {person.key: person for person in PEOPLE}

# Guests from outside, who have no account.
OUTSIDE = {
    "marta.silva@partner.example": "Marta Silva",
    "rui.costa@partner.example": "Rui Costa",
    "contact@vendor.example": "",
}
