"""`/metrics`: what the processes of this machine have counted, and how things are now.

A middleware and no page, so that it answers whatever the Host header, without a session, and also
when the database does not.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector

from accounts import meters, processes
from scheduler_site import insiders
from scheduler_site.environment import LOOPBACK
from scheduler_site.gauges import DatabaseGauges, ProcessGauges

Handler = Callable[[HttpRequest], HttpResponse]

database = DatabaseGauges()


class Metrics:
    """Answers the address to who may read it; for all others there is no such page."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info != "/metrics" or request.method != "GET" or not may_read(request):
            return self.get_response(request)
        return HttpResponse(
            output(),
            content_type=CONTENT_TYPE_PLAIN_0_0_4,
            headers={"Cache-Control": "no-store"},
        )


def may_read(request: HttpRequest) -> bool:
    """Whether it is this machine that asks, by a name of its own, or somebody with a token.

    By another name it may be a browser here that was led astray, or a proxy that says nothing.
    """
    name, _port = split_domain_port(request.META.get("HTTP_HOST", ""))
    if name.strip("[]") in LOOPBACK and insiders.is_local(request):
        return True
    return insiders.has_token(request, timezone.now())


def output() -> bytes:
    """All metrics, as Prometheus reads them."""
    processes.living()  # no gauges of those that are gone
    meters.begin()
    registry = CollectorRegistry()
    MultiProcessCollector(registry, str(processes.directory()))  # type: ignore[no-untyped-call]
    registry.register(database)
    registry.register(ProcessGauges())
    return generate_latest(registry)
