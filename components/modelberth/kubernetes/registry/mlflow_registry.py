"""`MlflowRegistry`: an MLflow tracking server with its database, as one component."""

from typing import Any

import pulumi

from modelberth.core.api_keys import ApiKeys
from modelberth.core.component import Component
from modelberth.kubernetes.disruption import disruption_budget
from modelberth.kubernetes.encryption import secret
from modelberth.kubernetes.foundation import place_of
from modelberth.kubernetes.identity import service_account
from modelberth.kubernetes.manifest import Manifest, Place, selector
from modelberth.kubernetes.objects import create
from modelberth.kubernetes.registry.config import ExternalPostgres, MlflowRegistryArgs
from modelberth.kubernetes.registry.files import ADMIN, KEYS, client_secret, database_secret, server_secret
from modelberth.kubernetes.registry.postgres import database_place, postgres_objects
from modelberth.kubernetes.registry.server import (
    client_policy,
    deployment,
    network_policy,
    service,
)
from modelberth.kubernetes.services import address


class MlflowRegistry(Component):
    """A tracking server and model registry behind MLflow's own users.

        registry = MlflowRegistry("registry", {"foundation": ml.shared, "database": …, …})

    Models are then fetched from `ModelStore(mlflow=<url>, credentials=<Secret>)`. Within the cluster it speaks plain
    HTTP, so passwords travel in clear text unless a mesh encrypts them: give the namespace one. From outside it is
    reached over the gateway's TLS.
    """

    url: pulumi.Output[str]
    """Address in the cluster: `http://registry.models.svc:80`; set MLFLOW_TRACKING_URI to it."""
    admin_user: str
    """The first user, who makes the others."""
    admin_password: pulumi.Output[str]
    """The password with which that user was made. Secret."""
    admin_credentials: str
    """Name of a Secret whose key `credentials` is that user's `~/.mlflow/credentials`: for jobs that administrate."""

    def __init__(
        self, name: str, args: MlflowRegistryArgs | dict[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        args = MlflowRegistryArgs.parse(args, name)
        super().__init__(name, args, opts)
        place = place_of(args.foundation, name, args.labels)
        # Left out where it is not asked for, so that a protection of the component itself is handed down.
        kept = self.child(protect=True if args.protect else None)
        keys = ApiKeys(f"{name}-keys", KEYS, kept).keys
        secrets = create(secret_objects(args, place, keys), kept)
        before = {**secrets, **create(surroundings(args, place), self.child())}
        database = create(database_objects(args, place), kept)
        create(server_objects(args, place), self.child(depends_on=[*before.values(), *database.values()]))
        self.url = address(name, place.namespace)
        self.admin_user = ADMIN
        self.admin_password = keys.apply(lambda known: known[ADMIN])
        self.admin_credentials = _credentials(name)
        self.register_outputs({"url": self.url, "admin_password": self.admin_password})


def objects_of(args: MlflowRegistryArgs, name: str) -> dict[str, Manifest]:
    """Resource name to object, for all that a registry makes but its Secrets: see `secret_objects`. Pure.

    Raises `ConfigError` where the name is too long.
    """
    place = place_of(args.foundation, name, args.labels)
    return {**surroundings(args, place), **database_objects(args, place), **server_objects(args, place)}


def secret_objects(args: MlflowRegistryArgs, place: Place, keys: pulumi.Input[Any]) -> dict[str, Manifest]:
    """The Secrets, whose values are Outputs; `keys` are those of `files.KEYS`."""
    name, database = place.instance, database_place(place).instance
    password = pulumi.Output.from_input(keys).apply(lambda known: known[ADMIN])
    made = {
        f"{name}-files": secret(name, server_secret(args, database, keys), place),
        f"{name}-credentials": secret(_credentials(name), client_secret(ADMIN, password), place),
    }
    if not isinstance(args.database, ExternalPostgres):
        made[f"{database}-password"] = secret(database, database_secret(keys), place)
    return made


def surroundings(args: MlflowRegistryArgs, place: Place) -> dict[str, Manifest]:
    """What must be there before the first pod. Pure."""
    name = place.instance
    return {
        f"{name}-account": service_account(place, args.foundation.identity),
        f"{name}-network": network_policy(args, place),
        f"{name}-clients": client_policy(args, place),
    }


def database_objects(args: MlflowRegistryArgs, place: Place) -> dict[str, Manifest]:
    """The database, where it is not there already. Pure."""
    database = args.database
    return {} if isinstance(database, ExternalPostgres) else postgres_objects(database, args.foundation, place)


def server_objects(args: MlflowRegistryArgs, place: Place) -> dict[str, Manifest]:
    """The server itself. Pure."""
    name = place.instance
    return {
        f"{name}-service": service(place),
        f"{name}-disruption": disruption_budget(name, place, selector(place)),
        name: deployment(args, place),
    }


def _credentials(name: str) -> str:
    return f"{name}-credentials"
