"""The page on which the operations can be read and tried."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from ninja import NinjaAPI
from ninja.openapi.docs import DocsBase


class Docs(DocsBase):
    """Swagger UI in a page of the site: all of it from here, with the CSRF token of a session."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        """For everybody: what operations there are is no secret."""
        url = self.get_openapi_url(api, kwargs)
        return render(request, "api/docs.html", {"description_url": url})
