"""Programs that call the API, with a token of somebody."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import ApiToken, User


@dataclass
class Answer:
    """What came back: status, headers and the JSON."""

    status: int
    headers: dict[str, str]
    json: Any


@dataclass
class Program:
    """Calls operations as somebody; `secret` is its token."""

    secret: str

    def __call__(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        names = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
        if self.secret:
            names["HTTP_AUTHORIZATION"] = f"Bearer {self.secret}"
        data = body if isinstance(body, str) else json.dumps(body)
        response = Client().generic(
            method,
            f"/api/v1{path}",
            "" if body is None else data,
            content_type="application/json",
            **names,
        )
        found = json.loads(response.content) if response.content else None
        return Answer(response.status_code, dict(response.headers), found)

    def get(self, path: str, **headers: str) -> Any:
        """The JSON of an address that has to be there."""
        answer = self("GET", path, **headers)
        assert answer.status == 200, answer
        return answer.json

    def post(self, path: str, body: object = None, *, status: int = 201, **headers: str) -> Any:
        """The JSON of a POST that has to end with `status`."""
        answer = self("POST", path, body, **headers)
        assert answer.status == status, answer
        return answer.json


ProgramOf = Callable[..., Program]


@pytest.fixture
def program(transactional_db: None) -> ProgramOf:
    """`program(ana)`: a program with a token of hers; commands need no transaction around them."""

    def program(user: User | None, *scopes: str) -> Program:
        if user is None:
            return Program("")
        _token, secret = ApiToken.issue(
            user,
            name="test",
            scopes=scopes or ("read", "write"),
            expires_at=None,
            now=timezone.now(),
        )
        return Program(secret)

    return program
