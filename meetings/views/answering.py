"""What the pages with answer buttons share: the one way from a posted answer to a given one."""

from datetime import datetime, timedelta

from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.models import User
from meetings import scheduler
from meetings.models import Change, Invitation
from meetings.problems import Refusal

# Each answer mails the organizer; nobody changes his mind more often than that.
MOST_ANSWERS = 30
PER = timedelta(hours=1)


def give_answer(
    invitation: Invitation, posted: QueryDict, *, by: User | None, now: datetime
) -> str:
    """Answer `invitation` with the posted `status` and `note` (`by` None: through its token).

    Returns what stands against it, as a sentence; empty once it is done. Without a `note` the
    one that was given stays.
    """
    recent = Change.objects.filter(
        invitation=invitation, kind=Change.Kind.ANSWERED, created_at__gt=now - PER
    )
    if recent.count() >= MOST_ANSWERS:
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
