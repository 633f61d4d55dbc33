"""Answers to what went wrong, where Django has none of its own."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

# The accounts library counts what it refuses as a page per minute.
WAIT_SECONDS = 60


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """The page for somebody who tried too often; says when to try again."""
    response = render(request, "429.html", status=HTTPStatus.TOO_MANY_REQUESTS)
    response["Retry-After"] = str(WAIT_SECONDS)
    return response
