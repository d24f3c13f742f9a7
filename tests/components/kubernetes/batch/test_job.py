"""The Job of a run: its shards, its program, its name."""

import pytest
from components.kubernetes.batch.samples import ALL, IMAGE, LEAST, MOST, NIGHTLY, args, job, objects, pod_of
from components.kubernetes.deployment.samples import EVERYTHING, LABELS
from hypothesis import given
from hypothesis import strategies as st

from modelberth.kubernetes.batch.job import longest_name
from modelberth.models import fetch, score


def expanded(container, **more):
    """The command line of a container, as the kubelet makes it."""
    values = {each["name"]: each["value"] for each in container["env"]} | more
    line = [*container["command"], *container["args"]]
    for name, value in values.items():
        line = [word.replace(f"$({name})", value) for word in line]
    return line


def test_the_program_takes_the_command_line_that_it_gets(monkeypatch):
    [container] = pod_of(job(shards={"count": 8}))["containers"]
    program, arguments = expanded(container)[:3], expanded(container)[3:]
    assert program == ["python", "-m", score.__name__]
    monkeypatch.setenv("JOB_COMPLETION_INDEX", "5")
    told = vars(score._parser().parse_args(arguments))
    assert {name: str(value) for name, value in told.items()} == {
        "model": "/mnt/models", "source": "s3://shop/tables", "target": "s3://shop/predictions/1.4.0",
        "shard": "5", "shards": "8",
    }  # fmt: skip


def test_what_fetches_takes_the_command_line_that_it_gets(monkeypatch, capsys):
    [starter] = pod_of(job())["initContainers"]
    asked = []
    monkeypatch.setattr(fetch, "fetch", lambda *given: asked.append([str(each) for each in given]))
    assert expanded(starter)[:3] == ["python", "-m", fetch.__name__]
    assert fetch.main(expanded(starter)[3:]) == 0
    digest = LEAST["model"]["digest"]
    address = f"s3://models/prod/ranker/1.4.0/{digest.replace(':', '-')}"
    assert asked == [[address, digest, "/mnt/models"]]
    assert address in capsys.readouterr().out


def test_a_command_of_one_s_own_knows_its_shard():
    [container] = pod_of(job(**MOST))["containers"]
    line = expanded(container, JOB_COMPLETION_INDEX="7")
    assert line == ["python", "-m", "mine", "/mnt/models", "7", "100000"]
    assert container["image"] == IMAGE


def test_each_shard_is_tried_again_by_itself_and_a_lost_node_does_not_count():
    spec = job(shards={"count": 20, "parallel": 5, "retries": 2})["spec"]
    assert (spec["completionMode"], spec["completions"], spec["parallelism"]) == ("Indexed", 20, 5)
    assert (spec["backoffLimitPerIndex"], spec["maxFailedIndexes"]) == (2, 0)
    [rule] = spec["podFailurePolicy"]["rules"]
    assert rule == {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget"}]}
    assert spec["template"]["spec"]["restartPolicy"] == "Never"


CHANGES = {
    "another version": {"model": {**LEAST["model"], "version": "1.4.1"}},
    "other files": {"model": {**LEAST["model"], "digest": f"sha256:{'3' * 64}"}},
    "an image": {"image": IMAGE.replace("a" * 64, "b" * 64)},
    "a command": {"command": ["score"]},
    "tables": {"input": "s3://shop/other"},
    "an output": {"output": "s3://shop/elsewhere"},
    "a size": {"resources": {"cpu": 3, "memory_gib": 4}},
    "devices": {"devices": MOST["devices"]},
    "shards": {"shards": {"count": 2}},
    "retries": {"shards": {"retries": 4}},
    "room": {"shards": {"scratch_gib": 2}},
    "a deadline": {"timing": {"deadline": "1h"}},
    "a store": {"foundation": {**EVERYTHING, "models": {"prefix": "s3://models/other"}}},
    "an identity": {"foundation": {**EVERYTHING, "identity": {"client_id": "00000000-0000-0000-0000-000000000000"}}},
    "secrets to pull with": {"foundation": {**EVERYTHING, "pull_secrets": ["other"]}},
    "an owner": {"labels": LABELS},
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_changes_of_a_run_it_has_another_name(change):
    before = {"foundation": EVERYTHING}
    name, other = (job(**fields)["metadata"]["name"] for fields in (before, {**before, **CHANGES[change]}))
    assert name.startswith("scoring-")
    assert name != other
    assert job(**before)["metadata"]["name"] == name


def test_who_it_is_and_where_it_may_go_change_no_run():
    assert job(egress=[{"cidr": "10.0.0.0/8"}])["metadata"]["name"] == job()["metadata"]["name"]


def test_in_a_queue_it_is_made_suspended_and_not_waited_for():
    queued = job(foundation=ALL, timing={"queue": "batch"})
    assert queued["spec"]["suspend"] is True
    assert queued["metadata"]["labels"]["kueue.x-k8s.io/queue-name"] == "batch"
    assert queued["metadata"]["annotations"] == {"pulumi.com/skipAwait": "true"}
    assert "suspend" not in job()["spec"]


def test_by_the_clock_each_run_waits_in_the_queue_and_not_the_clock():
    clock = job(foundation=ALL, timing={**NIGHTLY, "queue": "batch"})
    assert clock["kind"] == "CronJob"
    assert clock["metadata"]["name"] == "scoring"
    assert (clock["spec"]["schedule"], clock["spec"]["timeZone"]) == ("0 3 * * *", "Europe/Berlin")
    template = clock["spec"]["jobTemplate"]
    assert template["metadata"]["labels"]["kueue.x-k8s.io/queue-name"] == "batch"
    assert template["spec"]["suspend"] is True
    assert "suspend" not in clock["spec"]


def test_nobody_asks_it_and_it_reaches_names_models_and_what_is_declared():
    spec = objects(**MOST)["scoring-network"]["spec"]
    assert spec["ingress"] == []
    reached = [peer["ipBlock"]["cidr"] for rule in spec["egress"] for peer in rule["to"] if "ipBlock" in peer]
    assert reached == ["10.0.0.0/8", "10.1.0.0/16"]


def test_its_room_is_asked_for_and_bounded():
    pod = pod_of(job(shards={"scratch_gib": 3}))
    [volume] = [each for each in pod["volumes"] if each["name"] == "tmp"]
    assert volume["emptyDir"] == {"sizeLimit": "3072Mi"}
    assert pod["containers"][0]["resources"]["requests"]["ephemeral-storage"] == "7168Mi"


@given(shards=st.integers(min_value=1, max_value=100_000), clock=st.booleans())
def test_the_longest_name_leaves_room_for_the_last_pod_and_one_more_does_not(shards, clock):
    made = args(shards={"count": shards}, timing=NIGHTLY if clock else {})
    name = "n" * longest_name(made)
    suffix = "-29384756" if clock else "-abcdefgh"
    last = f"{name}{suffix}-{shards - 1}"
    assert len(last) == 63 or (clock and len(name) == 52 and len(last) < 63)
