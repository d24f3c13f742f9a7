"""The Job that tells a backend how long to keep logs. Pure."""

import json
from typing import Any

from modelberth.core.naming import fingerprint
from modelberth.kubernetes.manifest import Manifest, Place, manifest
from modelberth.kubernetes.monitoring.log_backends import Elasticsearch, Loki, OpenSearch, Retention, documents
from modelberth.kubernetes.pods import HARDENED, hardened_pod
from modelberth.kubernetes.quantities import Resources, requirements

USER = 65532
SCRIPT_FILE = "put_documents.py"
DOCUMENTS_FILE = "documents.json"
FILES_PATH = "/etc/modelberth"
SECRET_PATH = "/etc/modelberth-secret"  # noqa: S105 - a folder, no password
RETRIES = 20
"""How often it tries: the backend may still be starting."""
HASH_LETTERS = 8


def retention_job(backend: Elasticsearch | OpenSearch | Loki, place: Place, script: str) -> dict[str, Manifest]:
    """Resource name to object: the files and the Job. Empty where the backend decides by itself. Pure."""
    if isinstance(backend, Loki) or backend.retention is None:
        return {}
    told = json.dumps(documents(backend, backend.retention.days), sort_keys=True)
    scheme = "https" if backend.plaintext is None else "http"
    address = f"{scheme}://{backend.host}:{backend.port}"
    # A Job never changes: what it is to tell is part of its name, so another retention is another Job.
    name = f"{place.instance}-retention-{fingerprint(address + told + script)[:HASH_LETTERS]}"
    files = manifest("ConfigMap", name, place, data={SCRIPT_FILE: script, DOCUMENTS_FILE: told})
    job = manifest("Job", name, place, spec=_job(backend.retention, place, name, address))
    return {f"{place.instance}-retention-files": files, f"{place.instance}-retention": job}


def _job(retention: Retention, place: Place, name: str, address: str) -> Manifest:
    paths = [f"{FILES_PATH}/{SCRIPT_FILE}", address, f"{FILES_PATH}/{DOCUMENTS_FILE}", SECRET_PATH]
    container: dict[str, Any] = {
        "name": "tell",
        "image": retention.image,
        "command": ["python", *paths],
        "resources": requirements(Resources(cpu=0.05, memory_gib=0.125)),
        "securityContext": dict(HARDENED),
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "volumeMounts": [
            {"name": "files", "mountPath": FILES_PATH, "readOnly": True},
            {"name": "secret", "mountPath": SECRET_PATH, "readOnly": True},
        ],
    }
    spec = {
        "serviceAccountName": place.instance,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": hardened_pod(USER),
        "restartPolicy": "Never",
        "containers": [container],
        "volumes": [
            {"name": "files", "configMap": {"name": name}},
            {"name": "secret", "secret": {"secretName": place.instance, "defaultMode": 0o440}},
        ],
    }
    return {"backoffLimit": RETRIES, "template": {"spec": spec}}
