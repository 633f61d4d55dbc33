"""What the pages with answer buttons share: the one way from a posted answer to a given one."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from meetings import scheduler
from meetings.asking import Asking, too_often
from meetings.models import Change, CounterProposal, Invitation, Occurrence
from meetings.problems import Refusal
from meetings.templatetags.answers import given_words
from meetings.views.offers import when_words

Status = Invitation.Status
SAID = {
    (Status.ACCEPTED, "date"): gettext_lazy("You accepted this date."),
    (Status.ACCEPTED, "all"): gettext_lazy("You accepted all dates."),
    (Status.ACCEPTED, "others"): gettext_lazy("You accepted the other dates."),
    (Status.TENTATIVE, "date"): gettext_lazy("You answered “maybe” for this date."),
    (Status.TENTATIVE, "all"): gettext_lazy("You answered “maybe” for all dates."),
    (Status.TENTATIVE, "others"): gettext_lazy("You answered “maybe” for the other dates."),
    (Status.DECLINED, "date"): gettext_lazy("You declined this date."),
    (Status.DECLINED, "all"): gettext_lazy("You declined all dates."),
    (Status.DECLINED, "others"): gettext_lazy("You declined the other dates."),
}
"""What was answered for which dates of a series."""


def give_answer(
    invitation: Invitation, posted: QueryDict, *, by: User | None, now: datetime
) -> str:
    """Answer `invitation` with the posted `status` and `note` (`by` None: through its token).

    Returns what stands against it, as a sentence; empty once it is done. Without a `note` the
    one that was given stays.
    """
    if too_often(invitation, [Change.Kind.ANSWERED], now):
        return _("This answer was changed very often just now. Try again in an hour.")
    # Browsers send the end of a line as two characters but count it as one.
    note = posted.get("note", invitation.note).replace("\r\n", "\n")
    try:
        scheduler.respond(
            invitation,
            posted.get("status", ""),
            by=by,
            now=now,
            note=note,
            recurrence_id=posted.get("date", invitation.recurrence_id),
        )
    except Refusal as refusal:
        return str(refusal)
    return ""


def said_words(asking: Asking, date: str) -> str:
    """`You declined this date.`: the given answer, for all dates if `date` is empty; or nothing."""
    if not asking.date:
        return str(given_words(asking.counts))
    row = asking.counts if date else asking.row
    if row.status == Status.NEEDS_ACTION:
        return ""
    for_all = "others" if asking.differs else "all"
    return str(SAID[Status(row.status), "date" if date else for_all])


def proposal_lines(proposal: CounterProposal, occurrence: Occurrence, zone: ZoneInfo) -> list[str]:
    """The proposed times, a line each: `Thu 11 March, 15:00–16:00`."""
    return [when_words(when, zone) for when in proposal.whens(occurrence)]
