"""What every request of a signed-in person brings along."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

Handler = Callable[[HttpRequest], HttpResponse]


class ReaderZone:
    """Shows every time in the reader's zone; strangers get the site's until a page knows better."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        zone = request.user.timezone if request.user.is_authenticated else None
        with timezone.override(zone):
            return self.get_response(request)
