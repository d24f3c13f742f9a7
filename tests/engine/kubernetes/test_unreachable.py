"""The environment `kubernetes` without its cluster: a preview works, an `up` ends at once with one message."""

import time

import pytest
import yaml
from clouds.wire import type_of
from environments import alone
from kubernetes_workspace import WorkspaceFactory
from test_stand_in_unreachable import nowhere

from cluster.control_plane import Cluster
from modelberth.stack.files import read_yaml

pytestmark = pytest.mark.engine


def test_preview_works_and_up_says_it_once_in_no_time(kubernetes_workspace: WorkspaceFactory, cluster: Cluster) -> None:
    place = alone(kubernetes_workspace, "iris")
    content = dict(read_yaml(place.config))
    where = content["config"]["modelberth:stack"]["foundation"]["kubernetes"]["cluster"]
    where["kubeconfig"] = str(nowhere(place.folder, cluster.kubeconfig))
    place.config.write_text(yaml.safe_dump(content))
    began = time.monotonic()
    said = place.preview()
    previewed = time.monotonic()
    assert "to create" in said and "configured Kubernetes cluster is unreachable" in said
    said = place.fails()
    took = time.monotonic() - previewed
    print(f"up without a cluster: {took:.1f} s; a preview: {previewed - began:.1f} s")
    # Engine and program take as long as in a preview, and the machine may be busy.
    assert took < 5 + previewed - began
    diagnostics = said.partition("Diagnostics:")[2]
    words = "does not answer: connection refused; is it running, and are you in its network?"
    assert diagnostics.count(words) == 1, said
    assert "Traceback" not in said and "unreachable" not in said
    assert [urn for urn in place.urns() if type_of(urn).startswith("kubernetes:")] == [], "nothing was made"

    where["context"] = "elsewhere"
    place.config.write_text(yaml.safe_dump(content))
    assert "cluster.context: elsewhere is not in " in place.fails()
