"""Which cluster everything talks to: the Pulumi provider and every direct call are built from the same value."""

from typing import TYPE_CHECKING, Annotated, Any

import pulumi
import pulumi_kubernetes as kubernetes
from pydantic import AfterValidator, StringConstraints

from modelberth.core.config import Config, In
from modelberth.core.errors import ModelberthError
from modelberth.kubernetes.peers import Dns, Egress
from modelberth.kubernetes.reachable import refuse_unreachable

if TYPE_CHECKING:
    from kubernetes.client import ApiClient


def _path(value: str) -> str:
    if "\n" in value or value.lstrip().startswith("{"):
        raise ValueError("holds a kubeconfig itself, and with it credentials; write its path, or hand a secret Output")
    return value


def _kept(contents: Any) -> pulumi.Output[str]:
    return pulumi.Output.secret(contents)


class Cluster(Config):
    """One cluster, and as whom it is entered. Never whatever kubectl happens to point at."""

    kubeconfig: Annotated[
        In[str], AfterValidator(lambda value: _path(value) if isinstance(value, str) else _kept(value))
    ]
    """Path of a kubeconfig file; or, as an Output, its contents, where another stack made the cluster: these are secret
    from here on."""

    context: Annotated[str, StringConstraints(min_length=1)]
    """The context in it; never the one that happens to be current."""

    dns: Dns = Dns()
    """Where its pods ask for names; network policies let them. Left out: CoreDNS in kube-system."""

    api_server: Egress | None = None
    """Where its API server is, for the pods that ask it: Ray's autoscaler. Left out: no pod can."""


def provider_of(name: str, cluster: Cluster, opts: pulumi.ResourceOptions | None = None) -> kubernetes.Provider:
    """The one explicit provider of a stack.

    What a cut-off run had made and not recorded is taken over by the next one (`upsert`): every object has a name of
    its own, so nothing is made twice. So two stacks must not share a namespace: one would take over the other's. What
    somebody changed by hand is set back (`patch_force`). Texts of a ConfigMap or a Secret change in place: a replaced
    one would be missing from running pods for a moment.
    Source: https://www.pulumi.com/registry/packages/kubernetes/api-docs/provider/

    Raises `ModelberthError` where something is about to be changed in a cluster that does not answer.
    """
    refuse_unreachable(cluster.kubeconfig, cluster.context)
    return kubernetes.Provider(
        name,
        kubeconfig=cluster.kubeconfig,
        context=cluster.context,
        enable_server_side_apply=True,
        upsert_existing_objects=True,
        enable_patch_force=True,
        enable_config_map_mutable=True,
        enable_secret_mutable=True,
        opts=opts,
    )


def client(cluster: Cluster) -> "ApiClient":
    """A client of the cluster's API, for what Pulumi cannot ask. Raises `ModelberthError` for a bad kubeconfig."""
    from kubernetes import config  # where nothing is asked, nothing of it is loaded
    from kubernetes.client import Configuration
    from urllib3 import Retry

    if not isinstance(cluster.kubeconfig, str):
        raise ModelberthError("cluster: its kubeconfig is an output of a stack; read it there and give its path")
    # A server that does not answer is not asked again; one that says when it can be is.
    patience = Retry(connect=0, read=0, other=0, status=5, status_forcelist=[429], raise_on_status=False)
    settings = Configuration(retries=patience)
    try:
        made: Any = config.new_client_from_config(
            cluster.kubeconfig, cluster.context, persist_config=False, client_configuration=settings
        )
    except config.ConfigException as error:
        raise ModelberthError(f"cluster {cluster.context}: {error}; look into the kubeconfig") from None
    return made
