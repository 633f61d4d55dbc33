"""What a form does about conflicts: as the installation's default says."""

from meetings.models import Installation

ANYWAY = (Installation.OnConflict.ASK, Installation.OnConflict.OVERRIDE)


def form_policy() -> str:
    """The name of the policy under which forms are saved.

    A room is taken from others by a button of its own; all else is then as with `ask`.
    """
    policy = Installation.current().on_conflict
    return Installation.OnConflict.ASK.value if policy in ANYWAY else policy


def says_anyway(policy: str) -> bool:
    """Whether what warns can be saved once it was seen."""
    return policy in ANYWAY
