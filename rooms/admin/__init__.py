"""Places in the administration."""

from rooms.admin.closures import ClosureAdmin
from rooms.admin.places import AmenityAdmin, RoomAdmin, SiteAdmin

__all__ = ["AmenityAdmin", "ClosureAdmin", "RoomAdmin", "SiteAdmin"]
