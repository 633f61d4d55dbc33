"""The operations of the REST API that are about meetings, people's calendars and rooms."""

from ninja import Router

from meetings.api.meetings import router as meetings

routers: tuple[tuple[Router, str], ...] = ((meetings, "Meetings"),)
"""Each with the name it has in the documentation."""
