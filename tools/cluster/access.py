"""What a caller needs to reach a cluster, read from a kubeconfig file."""

import base64
import ssl
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml


class AccessError(Exception):
    """A kubeconfig cannot be used; the message says what is missing and what to write instead."""


@dataclass(frozen=True)
class Access:
    """Address of an API server, whom to trust, and how to be known there."""

    url: str
    """`https://host:port`, without a slash at its end."""

    authority: str
    """Certificates to trust, as PEM text; empty: those that the machine trusts."""

    token: str | None
    """Bearer token; None where a client certificate is used."""

    certificate: tuple[str, str] | None = None
    """The client's certificate and key as PEM text; None where a token is used."""

    def context(self) -> ssl.SSLContext:
        """TLS as this access wants it: the server is always checked."""
        made = ssl.create_default_context(cadata=self.authority or None)
        if self.certificate is not None:
            with tempfile.TemporaryDirectory() as folder:  # the module ssl reads them from files only
                files = [Path(folder) / name for name in ("certificate", "key")]
                for path, text in zip(files, self.certificate, strict=True):
                    path.write_text(text)
                made.load_cert_chain(str(files[0]), str(files[1]))
        return made


def write(path: Path, url: str, authority: Path, token: str) -> None:
    """Writes a kubeconfig with one context, named `test`; readable by its owner only."""
    path.touch(mode=0o600)
    cluster = {"server": url, "certificate-authority": str(authority)}
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "test",
        "clusters": [{"name": "test", "cluster": cluster}],
        "users": [{"name": "test", "user": {"token": token}}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
    }
    path.write_text(yaml.safe_dump(config))


def read(path: Path) -> Access:
    """The access that the current context of a kubeconfig gives.

    Raises AccessError where there is none, or where it needs a program (`exec`, `auth-provider`) to log in.
    """
    try:
        config = yaml.safe_load(path.read_text())
    except (OSError, yaml.YAMLError) as fault:
        raise AccessError(f"{path} cannot be read as a kubeconfig: {fault}") from fault
    context = _named(config, "context", config.get("current-context"), path)
    cluster = _named(config, "cluster", context.get("cluster"), path)
    user = _named(config, "user", context.get("user"), path)
    token, certificate = user.get("token"), _certificate(user, path)
    if token is None and certificate is None:
        raise AccessError(
            f"{path}: the user {context.get('user')!r} has {', '.join(sorted(user)) or 'nothing'}; allowed are `token` "
            "or `client-certificate` with `client-key`. Write a kubeconfig with one of them."
        )
    return Access(cluster["server"].rstrip("/"), _pem(cluster, "certificate-authority", path), token, certificate)


def _named(config: dict[str, Any], what: str, name: str | None, path: Path) -> dict[str, Any]:
    listed = config.get(f"{what}s") or []
    for item in listed:
        if item["name"] == name:
            return item[what]
    have = ", ".join(item["name"] for item in listed) or "none"
    raise AccessError(f"{path}: no {what} {name!r}; it has {have}. Choose one as `current-context`.")


def _certificate(user: dict[str, Any], path: Path) -> tuple[str, str] | None:
    pair = (_pem(user, "client-certificate", path), _pem(user, "client-key", path))
    return pair if all(pair) else None


def _pem(section: dict[str, Any], word: str, path: Path) -> str:
    if data := section.get(f"{word}-data"):
        return base64.b64decode(data).decode()
    return (path.parent / section[word]).read_text() if word in section else ""
