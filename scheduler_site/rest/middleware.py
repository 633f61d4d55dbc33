"""What every answer under the API's address has, also those that no operation gave."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from scheduler_site.rest.refusals import PROBLEM_JSON, problem

PLACE = "/api/"
Handler = Callable[[HttpRequest], HttpResponse]


class Rest:
    """Adds what is left of the rate limit; a refusal by the framework becomes a problem."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.path.startswith(PLACE):
            return response
        if response.status_code >= 400 and response.get("Content-Type") != PROBLEM_JSON:
            response = _as_problem(response)
        for name, value in getattr(request, "rate_limit", {}).items():
            response[name] = value
        response.setdefault("Cache-Control", "no-store")
        return response


def _as_problem(answer: HttpResponse) -> HttpResponse:
    if answer.status_code == 405:
        found = problem(405, _("This address does not know that method."))
        found["Allow"] = answer["Allow"]
        return found
    if answer.status_code == 404:
        return problem(404, _("There is no such address; /api/v1/docs lists them."))
    return problem(answer.status_code, _("The request could not be read."))
