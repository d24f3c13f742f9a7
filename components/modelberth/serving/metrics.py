"""What the server counts, for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """The measures of one server, in a registry of its own."""

    def __init__(self, model: str, version: str) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._requests = Counter("modelberth_requests", "Requests answered.", ["path", "code"], registry=self._registry)
        self._seconds = Histogram(
            "modelberth_predict_seconds",
            "Seconds per request for a prediction.",
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._rows = Counter("modelberth_rows", "Rows predicted.", registry=self._registry)
        self.in_flight = Gauge("modelberth_predictions_in_flight", "Predictions under way.", registry=self._registry)
        self.ready = Gauge("modelberth_ready", "1 while the server takes traffic.", registry=self._registry)
        info = Gauge("modelberth_model_info", "The model served.", ["name", "version"], registry=self._registry)
        info.labels(model, version).set(1)
        self._by_code: dict[tuple[str, int], Counter] = {}

    def answered(self, path: str, status: int, seconds: float, rows: int) -> None:
        """Count one answer; `path` is one of the server's own, so that the number of series stays small."""
        counter = self._by_code.get((path, status))
        if counter is None:
            counter = self._by_code[path, status] = self._requests.labels(path, str(status))
        counter.inc()
        if path == "/predict":
            self._seconds.observe(seconds)
            self._rows.inc(rows)

    def page(self) -> bytes:
        """All of it in Prometheus' text format."""
        return generate_latest(self._registry)
