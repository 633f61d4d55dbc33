"""The operations of the REST API that are about meetings, people's calendars and rooms."""

from ninja import Router

from meetings.api import (  # noqa: F401 - operations join their routers
    changing,
    finder,
    finding,
    history,
    invitations,
    listing,
    meetings,
    people,
    proposals,
    recurring,
    roombooking,
    rooms,
    routing,
    series,
)

routers: tuple[tuple[Router, str], ...] = (
    (recurring.router, "Meetings"),  # before /meetings/{meeting_id}
    (routing.meetings, "Meetings"),
    (routing.people, "People"),
    (routing.rooms, "Rooms"),
    (routing.invitations, "Invitations"),
    (routing.proposals, "Proposals"),
)
"""Each with the name it has in the documentation."""
