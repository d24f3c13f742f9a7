"""Every object of a small box is accepted by a real API server, strictly; a bundle of them is what becomes ready."""

import json

import pytest
from cluster_fixtures import api, cluster, namespace  # noqa: F401
from components.kubernetes.edge.boxes import UPDATER
from components.kubernetes.edge.samples import CASES, DIGEST, IN_IMAGE, objects

from cluster.admission import strictly_admitted
from modelberth.kubernetes.edge.bundle import MANIFESTS, bundle_of
from modelberth.kubernetes.edge.updater import EdgeUpdaterArgs, updater_objects

DROPPED = "spec.template.spec.volumes[0]: Required value: must specify a volume type"
"""Before Kubernetes 1.35 image volumes are off by default: the API server drops the field, and what is left has no
source."""


@pytest.mark.parametrize("case", CASES)
def test_it_is_admitted(case, api, namespace):  # noqa: F811
    made = objects(CASES[case])
    refused = strictly_admitted(api, made.values(), namespace)
    mounted = CASES[case].get("files", "volume") == "volume"
    print([str(each) for each in refused])
    assert [str(each) for each in refused if not (mounted and DROPPED in each.message)] == []


@pytest.mark.parametrize("proof", ["key", "pinned"])
def test_the_updater_is_admitted(proof, api, namespace):  # noqa: F811
    given = {**UPDATER, "key": None, "pinned": DIGEST} if proof == "pinned" else UPDATER
    made = updater_objects(EdgeUpdaterArgs.parse(given), "updates")
    assert [str(each) for each in strictly_admitted(api, made.values(), namespace)] == []


def test_what_is_in_a_bundle_becomes_ready_and_a_newer_one_takes_its_place(api, namespace):  # noqa: F811
    def carried(version):
        foundation = {**IN_IMAGE["foundation"], "namespace": namespace}
        model = {"uri": f"models:/ranker/{version}", "digest": f"sha256:{version[2] * 64}"}
        made = objects({**IN_IMAGE, "foundation": foundation, "model": model})
        for each in json.loads(bundle_of(made.values()).files[MANIFESTS])["items"]:
            api.apply(each, manager="edge", force=True)

    def serves(version):
        def ready(found):
            told, status = found["spec"]["template"]["metadata"]["labels"], found.get("status", {})
            settled = status.get("observedGeneration") == found["metadata"]["generation"]
            current = status.get("updatedReplicas") == status.get("readyReplicas") == 1
            return told["app.kubernetes.io/version"] == version and settled and current

        return api.wait_for("apps/v1", "Deployment", "ranker", namespace, until=ready, seconds=60)

    carried("1.4.0")
    assert serves("1.4.0")["spec"]["replicas"] == 1
    carried("1.5.0")
    assert serves("1.5.0")["status"]["replicas"] == 1
