"""Numbers that the parts of the gateway keep for themselves, read whenever `/metrics` is asked for."""

from __future__ import annotations

from collections.abc import Generator, Iterable

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from gateway.intake import Intake
from gateway.kept import Answers
from models.engine import Store


class Figures(Collector):
    """What the store, the answers that are kept and the intake have counted; counting costs an addition."""

    def __init__(self, store: Store, answers: Answers, intake: Intake) -> None:
        self._store, self._answers, self._intake = store, answers, intake

    def collect(self) -> Generator[Metric]:
        """Every figure as it is now."""
        pools, faults, answers = self._store.pools(), self._store.faults, self._answers
        in_use = ((name, used) for name, (used, _) in pools.items())
        sizes = ((name, size) for name, (_, size) in pools.items())
        yield _gauge("heliograph_pool_in_use", "Connections in use.", "pool", in_use)
        yield _gauge("heliograph_pool_size", "Connections that a pool may open.", "pool", sizes)
        told = (("outage", faults[True]), ("refused", faults[False]))
        yield _counter("heliograph_store_errors", "Errors of the store, retried ones too.", "kind", told)
        made = (("kept", answers.given), ("made", answers.made))
        yield _counter("heliograph_answers", "Answers given again, and answers worked out.", "how", made)
        yield GaugeMetricFamily("heliograph_answers_kept_bytes", "Answers in memory.", answers.held)
        records = self._intake.totals.items()
        yield _counter(
            "heliograph_ingest_records", "Records taken in; rows they changed.", "outcome", records
        )


def _gauge(name: str, about: str, label: str, values: Iterable[tuple[str, float]]) -> Metric:
    return _filled(GaugeMetricFamily(name, about, labels=[label]), values)


def _counter(name: str, about: str, label: str, values: Iterable[tuple[str, float]]) -> Metric:
    return _filled(CounterMetricFamily(name, about, labels=[label]), values)


def _filled(family: GaugeMetricFamily | CounterMetricFamily, values: Iterable[tuple[str, float]]) -> Metric:
    for value, number in values:
        family.add_metric([value], number)
    return family
