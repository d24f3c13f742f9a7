"""What is in a namespace: every object of every kind that the API server knows, besides what every namespace has."""

from collections.abc import Iterator

from cluster.api import Api, Manifest, Refused

ALWAYS = {"ConfigMap/kube-root-ca.crt", "ServiceAccount/default"}
NOTES = ("Event", "PodMetrics")
"""What is told of objects and outlives them."""


def contents(api: Api, namespace: str, owned: bool = True) -> list[str]:
    """`Kind/name` of each object, in order; empty for a namespace that is not there.

    `owned`: with what controllers have made of other objects, such as the pods of a Deployment.
    """
    return sorted(identities(api, namespace, owned))


def identities(api: Api, namespace: str, owned: bool = True) -> dict[str, str]:
    """As `contents`, each with its uid."""
    every = ((kind, item["metadata"], item) for kind, path in _kinds(api, namespace) for item in _listed(api, path))
    found = {
        f"{kind}/{about['name']}": about["uid"] for kind, about, item in every if owned or not _is_owned(kind, item)
    }
    return {name: uid for name, uid in found.items() if name not in ALWAYS}


def _is_owned(kind: str, item: Manifest) -> bool:
    # A Service's Endpoints have no owner in their metadata, only its name.
    return kind == "Endpoints" or bool(item["metadata"].get("ownerReferences"))


def _kinds(api: Api, namespace: str) -> Iterator[tuple[str, str]]:
    """Each kind that lies in namespaces, with the path of its objects in this one."""
    groups = api.http.get("/apis").raise_for_status().json()["groups"]
    for root in ("/api/v1", *(f"/apis/{group['preferredVersion']['groupVersion']}" for group in groups)):
        for one in api.http.get(root).raise_for_status().json()["resources"]:
            listed = one["namespaced"] and "list" in one["verbs"] and "/" not in one["name"]
            if listed and one["kind"] not in NOTES:
                yield one["kind"], f"{root}/namespaces/{namespace}/{one['name']}"


def _listed(api: Api, path: str) -> list[Manifest]:
    names_only = {"Accept": "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"}
    answer = api.http.get(path, headers=names_only)
    if answer.status_code == 404:
        return []
    if answer.is_error:
        raise Refused(answer.status_code, answer.text)
    return answer.json()["items"] or []
