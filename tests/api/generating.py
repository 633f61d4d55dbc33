"""Values that the API's document names by their format; read by schemathesis."""

from zoneinfo import available_timezones

import schemathesis
from hypothesis import strategies as st

schemathesis.openapi.format("iana-zone", st.sampled_from(sorted(available_timezones())))
