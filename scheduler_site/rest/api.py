"""The assembled API, and the document that describes it."""

from collections.abc import Iterator
from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from accounts.api import me
from meetings.api import routers
from scheduler_site.rest.docs import Docs
from scheduler_site.rest.examples import EXAMPLES
from scheduler_site.rest.refusals import PROBLEM_JSON, answer_refusals
from scheduler_site.rest.signing_in import Bearer, Session

DESCRIPTION = """\
Everything that a person can do in the browser. Sign in with `Authorization: Bearer <token>`
(made under Settings, Tokens), or use it from a page of this site while signed in.

Times in are ISO 8601 with an offset, times out are UTC or in the zone named by `timezone`.
Refusals are `application/problem+json` (RFC 9457). A retried POST with the same
`Idempotency-Key` is done once. `ETag` is a meeting's version, for `If-Match`.
"""


class Api(NinjaAPI):
    """Describes itself as it is, with examples: refusals have a media type of their own."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """The OpenAPI document."""
        document = super().get_openapi_schema(**options)
        for operation in _operations(document):
            for parameter in operation["parameters"]:
                if parameter["in"] == "header":
                    parameter["name"] = parameter["name"].replace("_", "-").title()
                if isinstance(examples := parameter.pop("examples", None), list):
                    parameter["example"] = examples[0]
            if example := EXAMPLES.get(operation["operationId"]):
                operation["requestBody"]["content"]["application/json"]["example"] = example
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    answer["content"] = {PROBLEM_JSON: answer["content"].popitem()[1]}
        return document

    def get_openapi_operation_id(self, operation: Any) -> str:
        """The name of its function, which is said once."""
        return str(operation.view_func.__name__)


def _operations(document: OpenAPISchema) -> Iterator[dict[str, Any]]:
    # Methods of one path share their description, so each is given once.
    known = {id(one): one for path in document["paths"].values() for one in path.values()}
    yield from known.values()


api = Api(
    title="Scheduler",
    version="1",
    description=DESCRIPTION,
    docs=Docs(),
    docs_url="/docs",
    openapi_url="/openapi.json",
    urls_namespace="api",
    auth=[Bearer(), Session()],
)
for router, tag in (*routers, (me, "Oneself")):
    api.add_router("", router, tags=[tag])
answer_refusals(api)
