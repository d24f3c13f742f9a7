"""What can be asked of a service is valid PromQL, about its own pods, and only about what its server counts."""

import pulumi
import pytest
from components.kubernetes.monitoring.samples import PLACE, SETTLED, WITH_METRICS, foundation, known, parsed, series_in
from hypothesis import given, settings
from hypothesis import strategies as st

from modelberth.core.endpoint import for_version
from modelberth.kubernetes.manifest import Place
from modelberth.kubernetes.monitoring import PLAIN, Watching, expressions, promql, queries, series_of
from modelberth.kubernetes.monitoring.promql import ANY_VERSION, Pods
from modelberth.runtimes import load
from modelberth.runtimes.series import Latency, Selection, Series
from modelberth.serving.metrics import Metrics

PODS = Pods("models", "ranker", ANY_VERSION)
OTHERS = {"up", "container_cpu_usage_seconds_total", "kube_pod_container_resource_requests"}
"""What the cluster's own exporters show."""


def asked(runtime, watching=PLAIN, place=PLACE, **given):
    """What an endpoint's `metrics` resolve to."""
    return known(lambda: queries(foundation(**given), place, runtime, watching))


@pytest.mark.parametrize("runtime", WITH_METRICS)
class TestEachRuntime:
    def test_every_question_is_promql(self, runtime):
        found = expressions(series_of(runtime, SETTLED), PODS)
        assert {"requests", "error_rate", "saturation"} <= set(found)
        for query in found.values():
            parsed(query)

    def test_only_what_is_documented_is_asked_of_it(self, runtime):
        metrics = load(runtime).metrics
        assert metrics is not None
        documented = set(metrics.series.names())
        suffixed = {f"{name}{end}" for name in documented for end in ("_bucket", "_count")}
        for query in expressions(series_of(runtime, SETTLED), PODS).values():
            assert series_in(query) <= documented | suffixed | OTHERS

    def test_every_question_is_about_one_version_of_one_service(self, runtime):
        for query in expressions(series_of(runtime, SETTLED), PODS).values():
            assert 'app_kubernetes_io_instance="ranker"' in query
            assert query.count(ANY_VERSION) >= 1
            assert 'namespace="models"' in query

    def test_a_scaler_always_gets_a_number(self, runtime):
        query = promql.in_flight(series_of(runtime, SETTLED), PODS)
        assert (query is None) is (runtime in ("tensorflow-serving", "torchserve"))
        assert query is None or query.endswith(" or vector(0)")
        assert query is None or parsed(query)


@pytest.mark.parametrize(
    ("runtime", "lacks"),
    [
        ("serving", set()),
        ("mlserver", set()),
        ("vllm", set()),
        ("triton", set()),
        ("tensorflow-serving", set()),
        ("torchserve", {"p50", "p95", "p99"}),
    ],
)
def test_a_signal_that_a_server_does_not_show_is_absent(runtime, lacks):
    everything = {"requests", "error_rate", "p50", "p95", "p99", "saturation"}
    assert everything - set(asked(runtime, SETTLED)) == lacks


@pytest.mark.parametrize("runtime", ["fastapi", "flask"])
def test_of_a_server_without_metrics_nothing_is_asked(runtime):
    assert asked(runtime) == {}


@pytest.mark.parametrize("runtime", ["tensorflow-serving", "torchserve"])
def test_a_page_that_must_be_switched_on_is_not_counted_on(runtime):
    assert asked(runtime) == {}
    assert asked(runtime, Watching(settled=True)) != {}


def test_without_a_prometheus_nothing_is_asked():
    assert asked("serving", prometheus=None) == {}


def test_the_questions_of_an_endpoint_say_where_and_in_what_unit():
    found = asked("serving")
    assert {query.source for query in found.values()} == {"http://prometheus.monitoring.svc:9090"}
    assert {query.language for query in found.values()} == {"prometheus"}
    assert {signal: query.unit for signal, query in found.items()} == {
        "requests": "count", "error_rate": "share", "saturation": "share",
        "p50": "seconds", "p95": "seconds", "p99": "seconds",
    }  # fmt: skip
    assert 'app_kubernetes_io_version="1.4.0"' in for_version(found["p95"], "1.4.0")


def test_a_namespace_that_is_made_later_is_in_the_questions():
    found = known(lambda: queries(foundation(), Place(pulumi.Output.from_input("later"), "ranker"), "serving"))
    assert 'namespace="later"' in found["p95"].query


def test_our_own_server_shows_every_series_with_every_label_that_is_asked_for():
    metrics = Metrics("ranker", "1.4.0")
    metrics.answered("/predict", 500, 0.2, 3)
    page = metrics.page().decode()
    series = series_of("serving")
    assert series.latency is not None
    for selection in (*series.requests, *series.failed, *series.in_flight, *series.work.values()):
        [line] = [line for line in page.splitlines() if line.startswith(selection.series) and "_created" not in line]
        assert all(f'{label}="' in line for label in selection.where)
    shown = {line.split('le="')[1].split('"')[0] for line in page.splitlines() if "predict_seconds_bucket" in line}
    assert {float(bound) for bound in shown - {"+Inf"}} == set(series.latency.bounds)


def test_failures_that_have_not_happened_are_none_of_the_requests():
    query = expressions(series_of("serving"), PODS)["error_rate"]
    assert " or 0 * sum(" in query
    assert query.endswith("> 0)")


def test_counters_of_one_thing_are_added_up_without_losing_one():
    query = promql.rate(series_of("triton").requests, PODS)
    assert "label_replace(rate(nv_inference_request_success{" in query
    assert '"counter", "1", "", "")' in query
    parsed(query)


def test_the_quantile_of_a_summary_is_the_worst_pods_in_seconds():
    latency = series_of("triton").latency
    assert latency is not None
    query = promql.quantile(latency, 0.95, Pods("models", "ranker"))
    assert query == (
        'max(nv_inference_request_summary_us{namespace="models",app_kubernetes_io_instance="ranker",quantile="0.95"})'
        " * 1e-06"
    )
    assert promql.quantile(latency, 0.6, PODS) is None


def test_microseconds_of_a_histogram_become_seconds():
    assert expressions(series_of("tensorflow-serving", SETTLED), PODS)["p99"].endswith(" * 1e-06")


def test_what_a_server_says_runs_out_is_its_saturation():
    assert series_in(expressions(series_of("vllm"), PODS)["saturation"]) == {"vllm:kv_cache_usage_perc"}


@pytest.mark.parametrize(
    ("bounds", "unit", "seconds", "matcher"),
    [
        ((0.1, 0.25, 1), "s", 0.25, 'le=~"0[.]25"'),
        ((0.1, 0.25, 1), "s", 1, 'le=~"1([.]0)?"'),
        ((100, 250), "ms", 0.25, 'le=~"250([.]0)?"'),
        ((100, 250), "ms", 0.3, None),
        ((), "s", 0.25, None),
    ],
)
def test_slower_requests_are_counted_only_where_a_bucket_ends_at_the_limit(bounds, unit, seconds, matcher):
    latency = Latency(series="seconds", kind="histogram", unit=unit, bounds=bounds)
    query = promql.slower_share(latency, seconds, PODS)
    assert query is None if matcher is None else matcher in (query or "")


@settings(derandomize=True, deadline=None)
@given(st.text(max_size=40))
def test_no_text_breaks_out_of_its_quotes(text):
    selection = Selection(series="some_total", where={"path": text})
    # A namespace is none of it: the API server lets only letters, digits and hyphens in.
    query = promql.rate((selection,), Pods("models", "ranker"))
    [matcher] = (
        [each for each in parsed(query).expr.args[0].vector_selector.matchers.matchers if each.name == "path"]
        if _is_regular(text)
        else [None]
    )
    assert matcher is None or matcher.value == text


def _is_regular(text):
    """Whether it is a regular expression to the parser; another is refused when a runtime's file is tried."""
    try:
        parsed(f"some_total{{path=~{promql.quoted(text)}}}")
    except ValueError:
        return False
    return True


@pytest.mark.parametrize(
    ("label", "name"),
    [("app.kubernetes.io/version", "app_kubernetes_io_version"), ("a-b.c/d_e", "a_b_c_d_e"), ("x1", "x1")],
)
def test_a_pods_label_is_found_under_the_name_that_prometheus_gives_it(label, name):
    assert promql.label_of(label) == name


def test_a_runtime_without_documented_series_answers_nothing():
    assert not Series()
    assert expressions(Series(), PODS) == {}
