"""What a room is now: every case on plain stretches."""

from datetime import timedelta

import pytest

from meetings.intervals import Stretch
from meetings.standing import AHEAD, Now, Standing, standing
from tests.factories import at, stretch

NOW = at("2027-03-10 12:00")
WEEK = Stretch(NOW, NOW + AHEAD)


def today(start: str, end: str) -> Stretch:
    """Hours of Wednesday."""
    return stretch(f"2027-03-10 {start}", f"2027-03-10 {end}")


LATER = stretch("2027-03-11 08:00", "2027-03-11 18:00")


@pytest.mark.parametrize(
    ("opened", "taken", "shut", "expected"),
    [
        pytest.param([WEEK], [], [], Standing(Now.FREE), id="free all week"),
        pytest.param(
            [today("12:00", "18:00")], [], [], Standing(Now.FREE, at("2027-03-10 18:00")),
            id="free until it closes",
        ),
        pytest.param(
            [WEEK], [today("14:00", "15:00")], [], Standing(Now.FREE, at("2027-03-10 14:00")),
            id="free until it is taken",
        ),
        pytest.param(
            [WEEK], [], [(today("16:00", "17:00"), "Paint")],
            Standing(Now.FREE, at("2027-03-10 16:00")), id="free until it is shut",
        ),
        pytest.param(
            [WEEK], [today("11:00", "12:00")], [], Standing(Now.FREE), id="one just ended"
        ),
        pytest.param(
            [WEEK], [today("12:00", "13:00")], [], Standing(Now.TAKEN, at("2027-03-10 13:00")),
            id="one just begins",
        ),
        pytest.param(
            [WEEK], [today("13:00", "14:00"), today("11:00", "13:00")], [],
            Standing(Now.TAKEN, at("2027-03-10 14:00")), id="two in a row",
        ),
        pytest.param(
            [today("12:00", "13:00"), LATER], [today("11:00", "13:00")], [],
            Standing(Now.TAKEN, LATER.start), id="taken until it closes",
        ),
        pytest.param([WEEK], [WEEK], [], Standing(Now.TAKEN), id="taken all week"),
        pytest.param(
            [WEEK], [today("12:00", "13:00")], [(today("11:00", "15:00"), "Paint")],
            Standing(Now.TAKEN, at("2027-03-10 15:00")), id="taken and shut at once",
        ),
        pytest.param(
            [WEEK], [], [(today("11:00", "15:00"), "Paint")],
            Standing(Now.SHUT, at("2027-03-10 15:00"), "Paint"), id="shut",
        ),
        pytest.param(
            [today("12:00", "18:00"), LATER], [], [(today("09:00", "20:00"), "Paint")],
            Standing(Now.SHUT, LATER.start, "Paint"), id="shut until it opens",
        ),
        pytest.param(
            [WEEK], [], [(Stretch(NOW, NOW + timedelta(days=30)), "New floor")],
            Standing(Now.SHUT, NOW + timedelta(days=30), "New floor"), id="shut for long",
        ),
        pytest.param([LATER], [], [], Standing(Now.NOT_OPEN, LATER.start), id="not open yet"),
        pytest.param([], [], [], Standing(Now.NOT_OPEN), id="never open"),
        pytest.param(
            [LATER], [today("09:00", "15:00")], [], Standing(Now.TAKEN, LATER.start),
            id="taken outside its hours",
        ),
    ],
)  # fmt: skip
def test_standing(
    opened: list[Stretch], taken: list[Stretch], shut: list[tuple[Stretch, str]], expected: Standing
) -> None:
    assert standing(WEEK, opened, taken, shut) == expected
