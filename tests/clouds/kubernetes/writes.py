"""The writing requests: an ordinary creation, an apply on the server, and what lies between the two."""

import time
from dataclasses import dataclass
from typing import Any

from clouds.wire import RefusedError, Values, logical_of, type_of

from .api import APPLY, JSON_PATCH, Api, ApiError, Kind
from .faults import Call
from .objects import DEFAULT_NAMESPACE, annotation, manager_of, name_of, namespace_of
from .ownership import applied
from .settings import Settings

NO_KIND = (
    'creation of resource "{urn}" failed because the Kubernetes API server reported that the apiVersion for this '
    'resource does not exist. Verify that any required CRDs have been created: no matches for kind "{kind}" in version '
    '"{apiVersion}"'
)
RETRIES = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds between tries of a creation whose kind or namespace is not there yet; the program may be making it.

https://github.com/pulumi/pulumi-kubernetes, provider/pkg/await/await.go: five retries, each after twice the time
"""


CONFLICT = (
    "Server-Side Apply field conflict detected. See https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/"
    "managing-resources-with-server-side-apply/#handle-field-conflicts-on-existing-resources for troubleshooting help\n"
    "The resource managed by field manager {manager!r} had an apply conflict: {fault}"
)


@dataclass(frozen=True)
class Target:
    """Which resource of a stack a call is about, as the engine gives it."""

    urn: str
    state: Values
    """What the engine has kept of it; empty before it is made."""

    seconds: float = 0
    """How long the program lets it take; 0: it does not say."""

    def call(self, on: str, physical: str) -> Call:
        """The call as faults are matched against it."""
        return Call(on, type_of(self.urn), (logical_of(self.urn), physical))

    @property
    def manager(self) -> str:
        """The name under which its fields are owned."""
        return manager_of(self.urn, self.state)


class Writes:
    """What one provider writes to one cluster."""

    def __init__(self, api: Api, settings: Settings) -> None:
        self.api = api
        self.settings = settings

    def made(self, target: Target, obj: Values) -> Values:
        """A new object. Tries again where its kind or its namespace is not there yet. Raises RefusedError."""
        for pause in (*RETRIES, None):
            kind = self.api.kind(obj["apiVersion"], obj["kind"])
            try:
                if kind is not None:
                    return self.post(target, kind, obj)
            except ApiError as fault:
                if fault.status != 404 or pause is None:
                    raise
            if pause is not None:
                time.sleep(pause)
        raise RefusedError(NO_KIND.format(urn=target.urn, **obj))

    def post(self, target: Target, kind: Kind, obj: Values, **query: Any) -> Values:
        """An ordinary creation, which refuses what exists already, or an apply where the provider may take it over."""
        namespace = namespace_of(obj) or DEFAULT_NAMESPACE
        if self.settings["upsertExistingObjects"] and name_of(obj):
            return self.applied(target, kind.path(namespace, name_of(obj)), obj, **query)
        words = {"fieldManager": target.manager, "fieldValidation": "Strict", **query}
        return self.api.call("POST", kind.path(namespace), obj, **words)

    def applied(self, target: Target, path: str, obj: Values, force: bool | None = None, **query: Any) -> Values:
        """An object applied on the server. Raises ApiError: somebody else has set a field, unless that is overruled.

        `force` left out: as the object's annotation `pulumi.com/patchForce` or the provider's `enablePatchForce` says.
        """
        own = annotation(obj, "pulumi.com/patchForce") == "true" or self.settings["enablePatchForce"]
        forced = str(own if force is None else force).lower()
        words = {"fieldManager": target.manager, "force": forced, "fieldValidation": "Strict", **query}
        try:
            return self.api.call("PATCH", path, obj, APPLY, **words)
        except ApiError as fault:
            if fault.status == 409:
                raise ApiError(409, {"message": CONFLICT.format(manager=target.manager, fault=fault)}) from None
            raise

    def take_over(self, live: Values, manager: str, path: str) -> None:
        """Turn the fields that `manager` created into fields that it applies. Raises ApiError."""
        fields = applied(live, manager)
        if fields is None:
            return
        version = {"op": "test", "path": "/metadata/resourceVersion", "value": live["metadata"]["resourceVersion"]}
        owners = {"op": "replace", "path": "/metadata/managedFields", "value": fields}
        self.api.call("PATCH", path, [version, owners], JSON_PATCH)

    def path(self, obj: Values, id_: str) -> str:
        """Where an object is. Raises RefusedError where the cluster knows no such kind."""
        kind = self.api.kind(obj["apiVersion"], obj["kind"])
        if kind is None:
            raise RefusedError(f'no matches for kind "{obj["kind"]}" in version "{obj["apiVersion"]}"')
        return path_of(kind, id_)


def path_of(kind: Kind, id_: str) -> str:
    """Where the object with an id is."""
    namespace, _, name = id_.rpartition("/")
    return kind.path(namespace or DEFAULT_NAMESPACE, name)
