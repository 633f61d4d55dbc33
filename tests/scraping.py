"""What `/metrics` says, as a program reads it."""

from prometheus_client.parser import text_string_to_metric_families

from scheduler_site.metrics import output


def samples(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Every line, by its name and labels."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def scraped(name: str, **labels: str) -> float:
    """One figure as it is now; nought if it is not there."""
    return samples(output().decode()).get((name, frozenset(labels.items())), 0.0)
