"""What people type about themselves, turned into values."""

from accounts.forms.people import (
    HoursField,
    HoursForm,
    NewPersonForm,
    PersonForm,
    ProfileForm,
    SignupForm,
    ZoneForm,
)
from accounts.forms.time_off import TimeOffForm
from accounts.forms.tokens import TokenForm

__all__ = [
    "HoursField",
    "HoursForm",
    "NewPersonForm",
    "PersonForm",
    "ProfileForm",
    "SignupForm",
    "TimeOffForm",
    "TokenForm",
    "ZoneForm",
]
