"""What `/metrics` says, as a program reads it."""

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.parser import text_string_to_metric_families

from accounts import processes
from scheduler_site import bounded, gauges

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def samples(text: str) -> Samples:
    """Every line, by its name and labels."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def counted(name: str, **labels: str) -> float:
    """What processes have counted until now; nought if that is nothing."""
    registry = CollectorRegistry()
    processes.number()  # so that there is a folder
    MultiProcessCollector(registry, str(processes.directory()))
    return registry.get_sample_value(name, labels) or 0.0


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine takes its time to answer."""
    monkeypatch.setattr(bounded, "CONNECT_SECONDS", 60)
    monkeypatch.setattr(bounded, "STATEMENT_SECONDS", 60)
    monkeypatch.setattr(gauges, "ANSWER_SECONDS", 100)
