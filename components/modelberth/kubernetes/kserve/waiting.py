"""How the engine waits for what KServe makes: for what, and for how long. Pure."""

import pulumi

from modelberth.kubernetes.quantities import Resources
from modelberth.kubernetes.server import ModelServer, timeouts_of

WAIT = {"pulumi.com/waitFor": 'jsonpath={.status.conditions[?(@.type=="Ready")].status}=True'}
"""Pulumi calls a custom resource done as soon as it is stored; with this it waits until KServe says that it serves.

Not `condition=Ready`: for that the provider also compares the generation that the status names with the object's own,
and KServe writes there the generation of the Deployment or Knative Service that it made, which has nothing to do with
it. So nobody can tell here whether the status is about the newest change: an update of an object that is ready may be
called done before KServe has begun it. A new object is not ready before it is.
Sources: pulumi/pulumi-kubernetes@v4.34.2:provider/pkg/await/condition/kubectl.go and provider/pkg/jsonpath/jsonpath.go;
kserve/kserve@v0.16.0:pkg/apis/serving/v1beta1/inference_service_status.go."""

UNSAID = ModelServer(resources=Resources(cpu=1, memory_gib=1))
"""What says nothing of its times: KServe's own runtimes, the router of a graph."""


def patience(server: ModelServer | None) -> pulumi.CustomTimeouts:
    """How long the engine waits for pods of a server. None: for those of something of KServe's own."""
    return timeouts_of(UNSAID if server is None else server)
