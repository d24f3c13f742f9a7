"""Whether a cluster can be talked to at all, asked before anything is sent there: one message, in seconds.

The provider says it too, once for each object and after its own patience. A plan is never asked: it needs no cluster.
"""

import os
import socket
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pulumi
import yaml

from modelberth.core.errors import ModelberthError

SECONDS = 3.0
"""How long an API server may take to accept a connection. Kubernetes' own clients wait up to half a minute."""

LEFT_OUT = ("PULUMI_K8S_DELETE_UNREACHABLE", "PULUMI_K8S_SKIP_UPDATE_UNREACHABLE")
"""With these, whoever runs it knows that the cluster is gone.
Source: https://www.pulumi.com/registry/packages/kubernetes/installation-configuration/"""

PROXIES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")
"""With these, the way to the API server is not ours to try. Source: https://pkg.go.dev/net/http#ProxyFromEnvironment"""


def refuse_unreachable(kubeconfig: Any, context: str, variables: Mapping[str, str] = os.environ) -> None:
    """Ends a run that is about to change a cluster which cannot be talked to. Raises `ModelberthError`.

    Nothing is asked in a preview, nor of a kubeconfig that is an output of a stack.
    """
    if pulumi.runtime.is_dry_run() or not isinstance(kubeconfig, str):
        return
    if any(variables.get(name, "").lower() == "true" for name in LEFT_OUT):
        return
    server, proxied = server_of(kubeconfig, context)
    if proxied or any(name in variables for name in PROXIES):
        return
    if why := _silence(server):
        fix = "is it running, and are you in its network? A preview does without it"
        raise ModelberthError(f"cluster {context}: {server} does not answer: {why}; {fix}")


def server_of(kubeconfig: str, context: str) -> tuple[str, bool]:
    """The address of a context's API server, and whether a proxy stands before it. Raises `ModelberthError`."""
    try:
        read = yaml.safe_load(Path(kubeconfig).expanduser().read_text())
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text"
        raise ModelberthError(f"cluster.kubeconfig: {kubeconfig}: {why}; write the path of a kubeconfig") from None
    except yaml.YAMLError:
        raise ModelberthError(f"cluster.kubeconfig: {kubeconfig} is no YAML; write the path of a kubeconfig") from None
    contexts = _named(read, "contexts", "context")
    if context not in contexts:
        known = ", ".join(sorted(contexts)) or "none"
        raise ModelberthError(
            f"cluster.context: {context} is not in {kubeconfig}, which has: {known}; write one of them"
        )
    name = str(contexts[context].get("cluster"))
    cluster = _named(read, "clusters", "cluster").get(name, {})
    if not urlsplit(str(cluster.get("server", ""))).hostname:
        raise ModelberthError(
            f"cluster.kubeconfig: {kubeconfig} has no address of the cluster {name}; write its server"
        )
    return str(cluster["server"]), "proxy-url" in cluster


def _named(config: Any, plural: str, kind: str) -> dict[str, dict[str, Any]]:
    entries = (config.get(plural) or []) if isinstance(config, dict) else []
    return {str(one.get("name")): one.get(kind) or {} for one in entries if isinstance(one, dict)}


def _silence(server: str) -> str:
    """Why nobody accepts a connection there; empty where somebody does."""
    address = urlsplit(server)
    port = address.port or (443 if address.scheme == "https" else 80)
    why: list[str] = []
    # In a thread of its own: a name may take the resolver longer than anybody would wait.
    thread = threading.Thread(target=_knock, args=(address.hostname, port, why), daemon=True)
    thread.start()
    thread.join(SECONDS)
    return f"nothing in {SECONDS:g} s" if thread.is_alive() else "".join(why)


def _knock(host: str, port: int, why: list[str]) -> None:
    try:
        socket.create_connection((host, port), timeout=SECONDS).close()
    except OSError as error:
        why.append((error.strerror or str(error) or "no connection").lower())
