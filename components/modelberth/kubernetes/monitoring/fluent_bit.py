"""What Fluent Bit is told: which files it reads, what it makes of a line, where it goes. Pure.

YAML needs Fluent Bit 3.2: https://docs.fluentbit.io/manual/administration/configuring-fluent-bit/yaml
"""

from collections.abc import Sequence
from typing import Any

import pulumi
import yaml

from modelberth.kubernetes.monitoring.log_backends import Backend, Elasticsearch, Loki, OpenSearch

CONFIG_PATH = "/etc/modelberth"
SECRET_PATH = "/etc/modelberth-secret"  # noqa: S105 - a folder, no password
POSITIONS_PATH = "/var/lib/fluent-bit"
"""Where it keeps how far it has read: outside the pod, so that a new one does not send everything again."""
OUTPUT_FILE = "output.yaml"
AUTHORITY_FILE = "ca.crt"
HTTP_PORT = 2020
"""Where it says whether it is well: https://docs.fluentbit.io/manual/administration/monitoring"""

FROM_FILE_NAME = r"^/var/log/containers/(?<pod>[^_]+)_(?<namespace>[^_]+)_(?<container>.+)-[0-9a-f]{64}\.log$"
"""The kubelet names files by pod, namespace, container and its id. So Fluent Bit needs no right to ask the API."""


def main_config(namespaces: Sequence[str]) -> str:
    """The main file: inputs and filters. The output stands in a file of its own, because it holds a password."""
    files = ",".join(f"/var/log/containers/*_{namespace}_*.log" for namespace in namespaces)
    service = {
        "flush": 5,
        "log_level": "warn",
        "http_server": "on",
        "http_listen": "0.0.0.0",  # noqa: S104 - a pod; network policies say who reaches it
        "http_port": HTTP_PORT,
        "health_check": "on",
    }
    tail = {
        "name": "tail",
        "tag": "models.*",
        "path": files,
        "path_key": "file",
        "multiline.parser": "cri",
        "db": f"{POSITIONS_PATH}/positions.db",
        "mem_buf_limit": "32MB",
        "skip_long_lines": "on",
    }
    filters = [
        _parser_filter("file", "file-name"),
        # A line that is no JSON stays as it is, under `log`.
        _parser_filter("log", "json-line"),
    ]
    config = {
        "service": service,
        "parsers": [
            {"name": "file-name", "format": "regex", "regex": FROM_FILE_NAME},
            {"name": "json-line", "format": "json"},
        ],
        "includes": [f"{SECRET_PATH}/{OUTPUT_FILE}"],
        "pipeline": {"inputs": [tail], "filters": filters},
    }
    return yaml.safe_dump(config, sort_keys=False, width=1000)


def _parser_filter(key: str, parser: str) -> dict[str, Any]:
    return {"name": "parser", "match": "models.*", "key_name": key, "parser": parser, "reserve_data": "on"}


def output_config(backend: Elasticsearch | OpenSearch | Loki) -> pulumi.Output[str]:
    """The file with the output. Secret where there are credentials."""
    credentials = backend.credentials
    if credentials is None:
        return pulumi.Output.from_input(_output(backend, None, None))
    both = pulumi.Output.all(credentials.user, credentials.password)
    return both.apply(lambda pair: _output(backend, *pair))


def _output(backend: Elasticsearch | OpenSearch | Loki, user: str | None, password: str | None) -> str:
    output = {
        "match": "models.*",
        "host": backend.host,
        "port": backend.port,
        "retry_limit": "no_limits",
        **_specific(backend),
        **_encrypted(backend),
        **({} if user is None else {"http_user": user, "http_passwd": password}),
    }
    return yaml.safe_dump({"pipeline": {"outputs": [output]}}, sort_keys=False, width=1000)


def _specific(backend: Elasticsearch | OpenSearch | Loki) -> dict[str, Any]:
    """Sources: https://docs.fluentbit.io/manual/data-pipeline/outputs/elasticsearch, …/opensearch, …/loki"""
    if isinstance(backend, Loki):
        tenant = {} if backend.tenant is None else {"tenant_id": backend.tenant}
        # Few labels: each combination is a stream of its own.
        return {"name": "loki", "labels": "job=models", "label_keys": "$namespace,$container", **tenant}
    daily = {"logstash_format": "on", "logstash_prefix": backend.index, "suppress_type_name": "on"}
    return {"name": "es" if backend.kind == "elasticsearch" else "opensearch", **daily}


def _encrypted(backend: Backend) -> dict[str, Any]:
    if backend.plaintext is not None:
        return {"tls": "off"}
    authority = {"tls.ca_file": f"{SECRET_PATH}/{AUTHORITY_FILE}"}
    return {"tls": "on", "tls.verify": "on", **({} if backend.certificate_authority is None else authority)}
