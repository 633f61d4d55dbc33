"""What is decided before any page is asked."""

from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from scheduler_site.middleware import HeadersOnly


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("Grüezi")


def test_head_is_answered_like_get_without_the_body() -> None:
    answer = HeadersOnly(page)(RequestFactory().head("/"))
    assert (answer.content, answer.headers["Content-Length"]) == (b"", "7")


def test_other_methods_have_their_body() -> None:
    assert HeadersOnly(page)(RequestFactory().get("/")).content == "Grüezi".encode()
