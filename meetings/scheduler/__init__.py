"""The commands: the only code that changes a calendar.

Each takes who acts (`by`) and when (`now`), opens the outermost transaction, and either does
all of it or raises a Refusal and does nothing.
"""

from meetings.scheduler.absent import decline_during, decline_for_absent
from meetings.scheduler.cancel import cancel, plan_cancel
from meetings.scheduler.decisions import (
    Decision,
    Decisions,
    Keep,
    OtherRooms,
    OtherTime,
    Skip,
    TryAgain,
)
from meetings.scheduler.differences import draft_of
from meetings.scheduler.edit import edit, plan_edit
from meetings.scheduler.end import end_now
from meetings.scheduler.instead import first_date, instead
from meetings.scheduler.mend import mend, plan_mend
from meetings.scheduler.people import adopt_invitations
from meetings.scheduler.places import close_place, plan_closing, release_expired_holds
from meetings.scheduler.plans import (
    Conflicted,
    Done,
    Place,
    Plan,
    PlannedDate,
    Scope,
    plan_schedule,
)
from meetings.scheduler.policies import Override, taking_over
from meetings.scheduler.propose import (
    accept_proposal,
    decline_proposal,
    plan_accept_proposal,
    propose,
    withdraw,
)
from meetings.scheduler.respond import resend, respond
from meetings.scheduler.schedule import schedule
from meetings.scheduler.take_in import plan_take_in, take_in
from meetings.scheduler.undo import undo

__all__ = [
    "Conflicted",
    "Decision",
    "Decisions",
    "Done",
    "Keep",
    "OtherRooms",
    "OtherTime",
    "Override",
    "Place",
    "Plan",
    "PlannedDate",
    "Scope",
    "Skip",
    "TryAgain",
    "accept_proposal",
    "adopt_invitations",
    "cancel",
    "close_place",
    "decline_during",
    "decline_for_absent",
    "decline_proposal",
    "draft_of",
    "edit",
    "end_now",
    "first_date",
    "instead",
    "mend",
    "plan_accept_proposal",
    "plan_cancel",
    "plan_closing",
    "plan_edit",
    "plan_mend",
    "plan_schedule",
    "plan_take_in",
    "propose",
    "release_expired_holds",
    "resend",
    "respond",
    "schedule",
    "take_in",
    "taking_over",
    "undo",
    "withdraw",
]
