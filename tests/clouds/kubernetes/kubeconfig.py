"""Reads the kubeconfig that a program gives its provider. The ambient one is never read."""

import base64
import json
import os
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from clouds.wire import RefusedError


@dataclass(frozen=True)
class Cluster:
    """Where an API server is, how it is trusted and who asks."""

    server: str
    namespace: str
    """Of the context; `default` where it names none."""

    headers: dict[str, str]
    tls: ssl.SSLContext | None


def cluster(kubeconfig: Any, context: str | None, name: str | None = None) -> Cluster:
    """The cluster of a kubeconfig given as text, as a path or as values. Raises RefusedError."""
    config = _parsed(kubeconfig)
    chosen = context or config.get("current-context") or ""
    about = _entry(config, "contexts", "context", chosen)
    place = _entry(config, "clusters", "cluster", name or about.get("cluster", ""))
    user = _entry(config, "users", "user", about["user"]) if about.get("user") else {}
    if "exec" in user or "auth-provider" in user:
        raise RefusedError("kubeconfig: the stand-in runs no credential plugin; give a token or a client certificate")
    token = user.get("token")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    tls = _tls(place, user) if place["server"].startswith("https") else None
    return Cluster(place["server"].rstrip("/"), about.get("namespace") or "default", headers, tls)


def _parsed(kubeconfig: Any) -> dict[str, Any]:
    if not kubeconfig:
        raise RefusedError("no kubeconfig is given, and the ambient one is never used: give the provider `kubeconfig`")
    if isinstance(kubeconfig, dict):
        return kubeconfig
    # As the provider has it: what names a file is a path, anything else is the contents.
    file = Path(kubeconfig).expanduser() if "\n" not in kubeconfig and not kubeconfig.startswith("{") else None
    try:
        found = yaml.safe_load(file.read_text() if file is not None else kubeconfig)
    except (OSError, yaml.YAMLError):
        raise RefusedError("failed to parse kubeconfig: it is neither a file nor the contents of one") from None
    if not isinstance(found, dict):
        raise RefusedError("failed to parse kubeconfig: it is no map")
    return found


def _entry(config: dict[str, Any], plural: str, kind: str, name: str) -> dict[str, Any]:
    named = {one["name"]: one.get(kind) or {} for one in config.get(plural) or []}
    if name not in named:
        raise RefusedError(f'{kind} "{name}" does not exist in the kubeconfig; it has: {", ".join(sorted(named))}')
    return named[name]


def _tls(place: dict[str, Any], user: dict[str, Any]) -> ssl.SSLContext:
    authority = _bytes(place, "certificate-authority")
    context = ssl.create_default_context(cadata=authority.decode() if authority is not None else None)
    if place.get("insecure-skip-tls-verify"):
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    certificate, key = _bytes(user, "client-certificate"), _bytes(user, "client-key")
    if certificate is not None and key is not None:
        with _file(certificate + b"\n" + key) as file:
            context.load_cert_chain(file)
    return context


def _bytes(holder: dict[str, Any], name: str) -> bytes | None:
    if holder.get(f"{name}-data"):
        return base64.b64decode(holder[f"{name}-data"])
    return Path(holder[name]).read_bytes() if holder.get(name) else None


@contextmanager
def _file(content: bytes) -> Iterator[str]:
    """OpenSSL reads a client certificate from a file only. This one is ours alone and gone at once."""
    handle, name = tempfile.mkstemp()
    try:
        os.write(handle, content)
        os.close(handle)
        yield name
    finally:
        Path(name).unlink()


def decoded(value: Any) -> Any:
    """A value of a provider's configuration, in which whatever is not text arrives as JSON; other text is itself."""
    if not isinstance(value, str):
        return value
    try:
        found = json.loads(value)
    except json.JSONDecodeError:
        return value
    return found if isinstance(found, dict | list | bool) else value
