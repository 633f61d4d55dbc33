"""A meeting for a page: 404 for who may see nothing of it, 403 for who may not change it."""

import uuid
from http import HTTPStatus

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.models import User
from meetings.models import Meeting
from meetings.permissions import get_meeting_for, require_edit
from meetings.problems import NotAllowed


def editable_meeting(user: User, uid: uuid.UUID) -> Meeting:
    """The meeting, for its organizer's side. Raises Http404 or PermissionDenied."""
    try:
        meeting = get_meeting_for(user, uid)
        require_edit(user, meeting)
    except Meeting.DoesNotExist:
        raise Http404 from None
    except NotAllowed as refusal:
        raise PermissionDenied(str(refusal)) from refusal
    return meeting


def no_such_date(request: HttpRequest, uid: uuid.UUID | str) -> HttpResponse:
    """The page that says so, for a meeting that the reader may see."""
    return render(request, "meetings/no_date.html", {"uid": uid}, status=HTTPStatus.NOT_FOUND)
