"""How long requests and queries take."""

import time
from collections.abc import Callable
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.http import HttpRequest, HttpResponse
from prometheus_client import Histogram

from accounts import meters, processes

Handler = Callable[[HttpRequest], HttpResponse]

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
OPERATIONS = ("select", "insert", "update", "delete", "with")


class Timing:
    """Times every request, by route and name of the page, never by its address."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        with meters.requests_in_progress.labels(processes.role()).track_inprogress():
            response = self.get_response(request)
        requests, place = place_of(request)
        method = request.method if request.method in METHODS else "other"
        requests.labels(method, place, f"{response.status_code // 100}xx").observe(
            time.perf_counter() - began
        )
        return response


def place_of(request: HttpRequest) -> tuple[Histogram, str]:
    """Where a request is counted, and its route or page; the administration counts as one."""
    match = request.resolver_match
    if request.path.startswith("/api/"):
        return meters.api_requests, "/" + match.route if match else "none"
    if match is None:
        return meters.page_requests, "none"
    if "admin" in match.app_names:
        return meters.page_requests, "admin"
    return meters.page_requests, match.view_name if match.url_name else "none"


def listen() -> None:
    """Time the queries of every connection from now on."""
    connection_created.connect(time_queries, dispatch_uid="scheduler_site.time_queries")


def time_queries(*, connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Time the queries of a connection."""
    if time_query not in connection.execute_wrappers:
        # First, as who adds one for a while takes away the last.
        connection.execute_wrappers.insert(0, time_query)


def time_query(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
    """Run one query and note how long it took, by its first word."""
    began = time.perf_counter()
    try:
        return execute(sql, params, many, context)
    finally:
        took = time.perf_counter() - began
        word = sql[:6].lower().rstrip() if isinstance(sql, str) else ""
        operation = word if word in OPERATIONS else "other"
        meters.queries.labels(processes.role(), operation).observe(took)
