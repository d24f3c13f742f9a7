"""What servers count is data that hangs together, and what does not is refused."""

import pytest
from pydantic import ValidationError

from modelberth.runtimes import Latency, Selection, Series, load, names

WITH_METRICS = [name for name in names() if load(name).metrics is not None]


def test_the_servers_that_show_metrics_say_which():
    wanted = {"mlserver", "serving", "tensorflow-serving", "torchserve", "triton", "vllm"}
    assert wanted <= {name for name in WITH_METRICS if load(name).metrics.series}


@pytest.mark.parametrize("name", WITH_METRICS)
def test_each_counts_failures_as_part_of_its_requests(name):
    series = load(name).metrics.series
    whole = {selection.series: selection.where for selection in series.requests}
    for failed in series.failed:
        assert failed.series in whole
        # Whatever holds for all requests holds for those that failed.
        assert whole[failed.series].items() <= failed.where.items()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"kind": "summary"}, "give quantiles"),
        ({"kind": "summary", "quantiles": [0.5], "bounds": [1]}, "no bounds"),
        ({"kind": "histogram", "quantiles": [0.5]}, "no quantiles of its own"),
        ({"kind": "histogram", "bounds": [2, 1]}, "bounds do not rise"),
        ({"kind": "histogram", "bounds": [1, 1]}, "bounds do not rise"),
        ({"kind": "summary", "quantiles": [1]}, "less than 1"),
        ({"kind": "gauge"}, "'histogram' or 'summary'"),
        ({"kind": "histogram", "unit": "ns"}, "'s', 'ms' or 'us'"),
    ],
)
def test_a_latency_that_cannot_be_is_refused(fields, message):
    with pytest.raises(ValidationError, match=message):
        Latency.model_validate({"series": "seconds", "unit": "s", **fields})


@pytest.mark.parametrize("name", ["", "1a", "a-b", "a{", "a b", 'a"'])
def test_a_name_that_prometheus_would_refuse_is_refused(name):
    with pytest.raises(ValidationError, match="string_pattern_mismatch"):
        Selection(series=name)
    with pytest.raises(ValidationError, match="string_pattern_mismatch"):
        Selection.model_validate({"series": "a", "where": {name: "x"}})


def test_failures_without_requests_are_a_share_of_nothing():
    with pytest.raises(ValidationError, match="give requests too"):
        Series(failed=(Selection(series="errors_total"),))
