"""The rules for Prometheus do what they say, by its own tool, and know only metrics that exist."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from django.test import Client

from scheduler_site.metrics import output
from tests.scraping import patient, samples

__all__ = ["patient"]

DEPLOY = Path(__file__).resolve().parent.parent.parent / "deploy"
AGREED = (
    "meetings_created_total",
    "conflicts_detected_total",
    "api_request_duration_seconds_bucket",
    "conflict_check_duration_seconds_bucket",
    "active_meetings",
    "room_utilization_percent",
)
# What is no name of a metric in an expression: functions, and words of the language.
LANGUAGE = {
    *("sum", "avg", "max", "by", "or", "rate", "increase", "avg_over_time"),
    *("histogram_quantile", "job", "instance", "le"),
}


@pytest.fixture(scope="module")
def promtool() -> str:
    """Where Prometheus's tool is."""
    found = shutil.which("promtool")
    if found is None:
        reason = "needs promtool (on Debian it is in the package prometheus)"
        if os.environ.get("SCHEDULER_REQUIRE_PROMTOOL"):
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.fixture
def metrics(client: Client, patient: None) -> str:
    """What `/metrics` says after a page and a request to the API."""
    client.get("/accounts/login/")
    client.get("/api/v1/meetings")
    return output().decode()


def told(promtool: str, *arguments: str, text: str | None = None) -> str:
    """What the tool says; it has to be content."""
    result = subprocess.run(
        [promtool, *arguments], cwd=DEPLOY, input=text, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_rules_are_right(promtool: str) -> None:
    assert "SUCCESS" in told(promtool, "check", "rules", "alerts.yml")


def test_alerts_come_when_they_should(promtool: str) -> None:
    assert "SUCCESS" in told(promtool, "test", "rules", "alerts.test.yml")


@pytest.mark.django_db
def test_metrics_are_as_prometheus_likes_them(promtool: str, metrics: str) -> None:
    told(promtool, "check", "metrics", text=metrics)


@pytest.mark.django_db
def test_names_that_were_agreed_are_there(metrics: str) -> None:
    names = {name for name, _labels in samples(metrics)}

    assert names.issuperset(AGREED)


@pytest.mark.django_db
def test_each_metric_is_documented(metrics: str) -> None:
    page = (DEPLOY.parent / "docs" / "operation.md").read_text()
    names = re.findall(r"^# TYPE (\S+) ", metrics, re.MULTILINE)

    assert len(names) > 20
    assert [name for name in names if f"`{name}`" not in page] == []


@pytest.mark.django_db
def test_rules_know_only_metrics_that_exist(metrics: str) -> None:
    names = {name for name, _labels in samples(metrics)} | {"up"}
    (group,) = yaml.safe_load((DEPLOY / "alerts.yml").read_text())["groups"]
    recorded: set[str] = set()
    for rule in group["rules"]:
        used = set(names_in(rule["expr"]))
        assert used <= names | recorded, rule
        recorded.add(rule.get("record", ""))


def names_in(expression: str) -> list[str]:
    """The metrics that an expression asks for."""
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]", " ", expression)
    words = re.findall(r"[a-z_][a-z0-9_:]*", re.sub(r"\b\d\S*", " ", bare))
    return [word for word in words if word not in LANGUAGE]


def test_names_are_found_in_an_expression() -> None:
    expression = 'sum by (job, le) (rate(a_total{b="c"}[5m]) or x:y:rate5m) / 2 > 0.5'

    assert names_in(expression) == ["a_total", "x:y:rate5m"]


@pytest.mark.parametrize(
    "alert", ["Errors", "Slow", "Unavailable", "MessagesWait", "RemindersLate"]
)
def test_every_alert_is_tested_to_come_and_to_stay_away(alert: str) -> None:
    tests = yaml.safe_load((DEPLOY / "alerts.test.yml").read_text())["tests"]
    asked = [
        bool(case.get("exp_alerts"))
        for test in tests
        for case in test.get("alert_rule_test", ())
        if case["alertname"] == f"Scheduler{alert}"
    ]

    assert set(asked) == {True, False}
