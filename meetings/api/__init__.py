"""The operations of the REST API that are about meetings, people's calendars and rooms."""

from ninja import Router

from meetings.api import listing, meetings, routing  # noqa: F401 - operations join their routers

routers: tuple[tuple[Router, str], ...] = ((routing.meetings, "Meetings"),)
"""Each with the name it has in the documentation."""
