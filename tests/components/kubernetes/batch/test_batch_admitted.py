"""Every object of a batch, with every option, is accepted by a real API server, strictly, and so are its pods; and the
Job controller really runs its shards."""

import copy

import pytest
from cluster_fixtures import addons, api, cluster, namespace  # noqa: F401
from components.kubernetes.batch.samples import ALL, LEAST, MOST, NIGHTLY, args, job, objects
from components.kubernetes.deployment.samples import ACCELERATORS, EVERYTHING

from cluster.admission import strictly_admitted
from modelberth.kubernetes.batch.job import longest_name, workload
from modelberth.kubernetes.manifest import Place

CRONS = ["*/5 * * * *", "0,30 8-18/2 ? jan-mar MON-FRI", "59 23 31 12 6", "5/15 * * * sun"]
OPTIONS = {
    "the least": {},
    "the most": MOST,
    "one by one": {"shards": {"count": 3, "retries": 0}},
    "by the clock": {"timing": NIGHTLY},
    "by the clock, in a queue": {"foundation": ALL, "timing": {**NIGHTLY, "queue": "batch"}},
    "the new run wins": {"timing": {"schedule": {"cron": "0 3 * * *", "overlap": "Replace", "start_within": 10}}},
    "as long as can be": {"timing": {"deadline": 2**31 - 1, "keep": 2**31 - 1}},
    "devices": {"foundation": EVERYTHING, "devices": {"accelerator": ACCELERATORS["slice"]}},
    "a registry": {"foundation": {**EVERYTHING, "models": {"mlflow": "https://mlflow.example"}}},
    "at a cloud": {"foundation": {**EVERYTHING, "identity": {"role_arn": "arn:aws:iam::123456789012:role/models"}}},
    **{f"at {cron}": {"timing": {"schedule": {"cron": cron}}} for cron in CRONS},
}


def pods(made, index):
    """A pod, as the Job controller makes it."""
    spec = made["spec"]["jobTemplate"]["spec"] if made["kind"] == "CronJob" else made["spec"]
    template = copy.deepcopy(spec["template"])
    template["spec"]["containers"][0]["env"].append({"name": "JOB_COMPLETION_INDEX", "value": str(index)})
    return {"apiVersion": "v1", "kind": "Pod", **template, "metadata": {**template["metadata"], "name": "scoring-0"}}


@pytest.mark.parametrize("option", OPTIONS)
def test_it_is_admitted_with_its_pods(option, api, namespace):  # noqa: F811
    made = objects(**{**LEAST, **OPTIONS[option]})
    refused = strictly_admitted(api, made.values(), namespace)
    api.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "scoring", "namespace": namespace}})
    refused += strictly_admitted(api, [pods(made["scoring"], 0)], namespace)
    assert [str(each) for each in refused] == []


@pytest.mark.parametrize("fields", [{}, {"shards": {"count": 100_000}}, {"timing": NIGHTLY}], ids=str)
def test_the_longest_name_is_taken_and_one_longer_is_not(fields, api, namespace):  # noqa: F811
    given = args(**fields)
    # Beyond what a service may be called, so that the API server is asked and not this library.
    places = [Place("models", "n" * length) for length in (longest_name(given), longest_name(given) + 1)]
    taken, too_long = (workload(given, place) for place in places)
    assert strictly_admitted(api, [taken], namespace) == []
    [refused] = strictly_admitted(api, [too_long], namespace)
    assert "metadata.name" in refused.message


def test_shards_run_to_their_end(api, namespace):  # noqa: F811
    made = objects(shards={"count": 3, "parallel": 2})
    for each in made.values():
        api.apply({**each, "metadata": {**each["metadata"], "namespace": namespace}})
    name = made["scoring"]["metadata"]["name"]
    done = api.wait_for("batch/v1", "Job", name, namespace, until=lambda found: _over(found) is not None, seconds=60)
    assert _over(done) == "Complete"
    assert done["status"]["completedIndexes"] == "0-2"


def test_what_a_job_runs_cannot_be_changed_so_another_takes_its_place(api, namespace):  # noqa: F811
    before, after = job(), job(command=["score"])
    api.apply({**before, "metadata": {**before["metadata"], "namespace": namespace}})
    changed = {**after, "metadata": {**before["metadata"], "namespace": namespace}}
    with pytest.raises(Exception, match="field is immutable"):
        api.apply(changed)
    assert strictly_admitted(api, [after], namespace) == []


def _over(found):
    conditions = (found.get("status") or {}).get("conditions") or []
    return next((each["type"] for each in conditions if each["type"] in ("Complete", "Failed")), None)
