"""What a form does about conflicts: as the installation's default says, or as is chosen in it."""

from django.utils.translation import gettext as _

from meetings.models import Installation
from meetings.views.formchoices import Option

Default = Installation.OnConflict
ANYWAY = (Default.ASK, Default.OVERRIDE)


def form_policy() -> str:
    """The name of the policy under which forms are saved, unless another is chosen.

    A room is taken from others by a button of its own; all else is then as with `ask`.
    """
    policy = Installation.current().on_conflict
    return Default.ASK.value if policy in ANYWAY else policy


def says_anyway(policy: str) -> bool:
    """Whether what warns can be saved once it was seen."""
    return policy in ANYWAY


def policy_options(chosen: str) -> list[Option]:
    """What can be chosen in a form."""
    words = {
        Default.ASK: _("ask me before it is saved"),
        Default.REJECT: _("do not save it"),
        Default.PROPOSE: _("do not save it, name other times"),
        Default.ALLOW: _("save it all the same"),
    }
    return [Option(name.value, label, name.value == chosen) for name, label in words.items()]
