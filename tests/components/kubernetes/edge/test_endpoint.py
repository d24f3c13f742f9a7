"""A model on a small box: one pod, nothing pulled, nothing fetched, and metrics that wait for the network."""

import json
import re
from pathlib import Path

import pytest
from components.kubernetes.edge.samples import (
    CASES,
    FORWARDING,
    FOUNDATION,
    IN_IMAGE,
    LABELS,
    LEAST,
    MOST,
    args,
    objects,
    pod_of,
)  # fmt: skip

from modelberth import runtimes
from modelberth.core.endpoint import ServingEndpoint
from modelberth.core.errors import ConfigError
from modelberth.kubernetes.backends import RoutedEndpoint
from modelberth.kubernetes.edge.endpoint import EdgeEndpoint
from modelberth_policies.evaluate import evaluate
from modelberth_policies.limits import DEFAULTS
from modelberth_policies.rule import Category
from modelberth_policies.rules import ALL
from modelberth_policies.sources.program import run_in_process

RULES = [rule for rule in ALL if rule.category is not Category.COST]


@pytest.mark.parametrize("case", CASES)
def test_the_one_rule_that_it_breaks_in_production_is_the_one_that_wants_two_pods(case):
    given = {**CASES[case], "labels": LABELS}
    found = evaluate(run_in_process(lambda: EdgeEndpoint("ranker", given), stack="prod"), RULES, DEFAULTS["prod"])
    assert {each.rule for each in found} == {"k8s-prod-replicas-and-pdb"}, [str(each) for each in found]


@pytest.mark.parametrize("case", CASES)
def test_no_image_is_ever_pulled(case):
    for each in objects(CASES[case]).values():
        if each["kind"] != "Deployment":
            continue
        pod = each["spec"]["template"]["spec"]
        assert "initContainers" not in pod
        assert {container["imagePullPolicy"] for container in pod["containers"]} == {"Never"}
        assert all(volume["image"]["pullPolicy"] == "Never" for volume in pod["volumes"] if "image" in volume)


def test_there_is_one_pod_and_nothing_that_would_make_a_second():
    made = objects(MOST)
    spec = made["ranker"]["spec"]
    assert (spec["replicas"], spec["strategy"]) == (1, {"type": "Recreate"})
    assert {each["kind"] for each in made.values()} & {"PodDisruptionBudget", "HorizontalPodAutoscaler"} == set()


def test_a_model_is_an_image_volume_by_its_digest_or_in_the_image_of_the_server():
    [volume] = [each for each in pod_of(objects())["volumes"] if each["name"] == "model"]
    assert volume["image"]["reference"] == f"ghcr.io/acme/models/ranker@sha256:{'1' * 64}"
    inside = pod_of(objects(IN_IMAGE))
    assert [each["name"] for each in inside["volumes"]] == ["tmp"]
    assert [each["name"] for each in inside["containers"][0]["volumeMounts"]] == ["tmp"]
    command = inside["containers"][0]["command"]
    assert command[command.index("--model") + 1] == "/mnt/models"


def test_the_pod_reaches_nothing_but_names():
    egress = objects(IN_IMAGE)["ranker-network"]["spec"]["egress"]
    assert [[port["port"] for port in rule["ports"]] for rule in egress] == [[53, 53]]


def test_another_version_is_the_same_object():
    newer = {"uri": "models:/ranker/1.5.0", "digest": f"sha256:{'2' * 64}"}
    before, after = objects()["ranker"], objects(model=newer)["ranker"]
    assert before["metadata"]["name"] == after["metadata"]["name"] == "ranker"
    assert before["spec"]["selector"] == after["spec"]["selector"]
    assert before["spec"]["template"] != after["spec"]["template"]


def test_it_is_an_endpoint_before_which_a_route_can_stand():
    made = []
    run_in_process(lambda: made.append(EdgeEndpoint("ranker", LEAST)))
    assert isinstance(made[0], ServingEndpoint)
    assert isinstance(made[0], RoutedEndpoint)
    assert {version: each.weight for version, each in made[0].backends.items()} == {"1.4.0": 100}


def configuration(**forwarding):
    made = objects({**IN_IMAGE, "forwarding": {**FORWARDING, **forwarding}})
    return made, json.loads(made["ranker-metrics-configuration"]["data"]["vector.json"])


def test_metrics_wait_on_the_disk_of_the_box_and_outlive_a_restart():
    made, told = configuration(queue_gib=2)
    sink = told["sinks"]["store"]
    assert sink["buffer"] == {"type": "disk", "max_size": int(2 * 0.9 * 1024**3), "when_full": "drop_newest"}
    assert sink["batch"] == {"aggregate": False}
    pod = pod_of(made, "ranker-metrics")
    [queue] = [each for each in pod["volumes"] if "persistentVolumeClaim" in each]
    [mount] = [each for each in pod["containers"][0]["volumeMounts"] if each["name"] == queue["name"]]
    assert mount["mountPath"] == told["data_dir"]
    claim = made["ranker-metrics-queue"]
    assert claim["metadata"]["name"] == queue["persistentVolumeClaim"]["claimName"]
    assert claim["spec"]["resources"]["requests"]["storage"] == "2048Mi"


def test_metrics_are_read_where_the_server_shows_them_and_carry_the_name_of_the_box():
    made, told = configuration()
    assert told["sources"]["model"]["endpoints"] == ["http://ranker-scraped:8080/metrics"]
    assert made["ranker-metrics-source"]["metadata"]["name"] == "ranker-scraped"
    assert told["transforms"]["named"]["source"].splitlines() == [
        '.tags.box = "shop-12"', '.tags.service = "ranker"', '.tags.version = "1.4.0"',
    ]  # fmt: skip


def test_the_token_is_a_file_and_its_text_is_nowhere():
    made, told = configuration()
    assert told["sinks"]["store"]["auth"] == {"strategy": "bearer", "token": "SECRET[files.token]"}
    [volume] = [each for each in pod_of(made, "ranker-metrics")["volumes"] if "secret" in each]
    assert volume["secret"]["secretName"] == "metrics"
    _, without = configuration(token=None)
    assert "auth" not in without["sinks"]["store"]
    assert "secret" not in without


def test_another_configuration_is_another_pod():
    first, _ = configuration()
    second, _ = configuration(every="2m")
    annotations = [each["ranker-metrics"]["spec"]["template"]["metadata"]["annotations"] for each in (first, second)]
    assert annotations[0] != annotations[1]


WRONG = {
    "files that would be fetched": (
        {"foundation": IN_IMAGE["foundation"]},
        "foundation.models names no OCI repository, so that files would be fetched at each start, which a box that is "
        "offline cannot do; write models: {oci: …}, or put them into the image with files: image",
    ),
    "images that would be pulled": (
        {"foundation": {**FOUNDATION, "pull_secrets": ["registry"]}},
        "foundation.pull_secrets is given, and no image is pulled on the box; leave it out",
    ),
    "a queue that Vector refuses": (
        {"forwarding": {**FORWARDING, "queue_gib": 0.2}}, "forwarding.queue_gib: "),
    "metrics in clear text": (
        {"forwarding": {**FORWARDING, "to": "http://metrics.example.com/api/v1/write"}}, "forwarding.to: "),
    "metrics for nowhere": ({"forwarding": {**FORWARDING, "reached": []}}, "forwarding.reached: "),
    "an image that could change": ({"forwarding": {**FORWARDING, "image": "timberio/vector:0.50"}},
                                   "forwarding.image: has no digest"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_could_not_work_is_refused_and_says_why(case):
    fields, told = WRONG[case]
    with pytest.raises(ConfigError) as error:
        args(**fields)
    assert told in str(error.value)


def test_forwarding_what_nobody_shows_is_refused(tmp_path):
    shown = Path(runtimes.__file__).with_name("serving.yaml").read_text()
    runtime = tmp_path / "mute.yaml"
    runtime.write_text(re.sub(r"(?m)^metrics:\n( .*\n)+|^  metrics: .*\n", "", shown))
    server = {**LEAST["server"], "runtime": str(runtime), "image": FORWARDING["image"]}
    with pytest.raises(ConfigError, match=r"forwarding is given, and .*mute\.yaml shows no metrics; leave it out"):
        args(server=server, forwarding=FORWARDING)


@pytest.mark.parametrize("fields", [LEAST, MOST], ids=["alone", "with its metrics"])
def test_a_name_that_no_label_would_hold_is_refused_and_the_longest_one_fits(fields):
    assert all(len(each["metadata"]["name"]) <= 63 for each in objects(fields, "r" * 40).values())
    with pytest.raises(ConfigError, match="40 characters at most; rename it"):
        objects(fields, "r" * 41)
