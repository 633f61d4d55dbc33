"""Every page speaks in its reader's zone."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from accounts.middleware import ReaderZone
from accounts.models import User


def seen_by(reader: User | AnonymousUser) -> str:
    """The zone in which a page is made for `reader`."""

    def page(request: HttpRequest) -> HttpResponse:
        return HttpResponse(timezone.get_current_timezone_name())

    request = RequestFactory().get("/")
    request.user = reader
    return ReaderZone(page)(request).content.decode()


def test_each_reader_has_their_own_zone() -> None:
    assert seen_by(User(timezone="Asia/Tokyo")) == "Asia/Tokyo"
    assert seen_by(AnonymousUser()) == "UTC"


def test_a_zone_does_not_stay_behind() -> None:
    seen_by(User(timezone="Asia/Tokyo"))
    assert timezone.get_current_timezone_name() == "UTC"

    def broken(request: HttpRequest) -> HttpResponse:
        raise RuntimeError

    request = RequestFactory().get("/")
    request.user = User(timezone="Asia/Tokyo")
    with pytest.raises(RuntimeError):
        ReaderZone(broken)(request)
    assert timezone.get_current_timezone_name() == "UTC"
