"""An address gets an account: what was asked of the address is asked of that person."""

from datetime import datetime

from accounts.models import User
from meetings.models import Invitation, Meeting
from meetings.scheduler.committing import committed


def adopt_invitations(user: User, *, now: datetime) -> int:
    """Make the user of a verified address the one who was invited, or organizes, under it.

    Returns how many meetings that concerned. Running it again changes nothing.
    """

    def work() -> int:
        invited = Invitation.objects.filter(user=None, email__iexact=user.email)
        organized = Meeting.objects.filter(organizer=None, organizer_email__iexact=user.email)
        meetings = Meeting.objects.locked(
            [*invited.values_list("meeting_id", flat=True), *organized.values_list("pk", flat=True)]
        )
        taken = set(
            Invitation.objects.of(user).filter(meeting__in=meetings).values_list("meeting_id")
        )
        for invitation in invited.filter(meeting__in=meetings):
            if (invitation.meeting_id,) in taken:
                invitation.removed_at = invitation.removed_at or now
                invitation.save(update_fields=["removed_at"])
            else:
                invitation.user, invitation.email, invitation.name = user, "", ""
                invitation.save(update_fields=["user", "email", "name"])
        own = set(Meeting.objects.filter(organizer=user).values_list("ical_uid", flat=True))
        for meeting in organized.filter(pk__in=[m.pk for m in meetings]).exclude(ical_uid__in=own):
            meeting.organizer, meeting.organizer_email, meeting.organizer_name = user, "", ""
            meeting.save(update_fields=["organizer", "organizer_email", "organizer_name"])
        return len(meetings)

    return committed(work)
