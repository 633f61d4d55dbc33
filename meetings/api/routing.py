"""One router for each subject, which operations of several files share.

Operations at one address have to be on one router. A fixed address (`/meetings/recurring`) comes
before one with a place in it (`/meetings/{meeting_id}`): files are imported in that order.
"""

from ninja import Router

meetings = Router()
people = Router()
rooms = Router()
invitations = Router()
proposals = Router()
