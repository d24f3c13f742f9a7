"""The files that hold the secrets of a registry: none of them is in a variable, an argument or a log.

The database's password is in a connection service file of libpq, and not in a password file: libpq passes over a
password file that its group may read, and a Secret in a pod that is not root is always readable by its group.
Source: https://www.postgresql.org/docs/17/libpq-pgpass.html and https://www.postgresql.org/docs/17/libpq-pgservice.html
"""

from collections.abc import Mapping
from typing import Any

import pulumi

from modelberth.core.errors import ConfigError, Fault
from modelberth.kubernetes.encryption import SealedSecret
from modelberth.kubernetes.registry.config import ExternalPostgres, MlflowRegistryArgs

SERVICE = "mlflow"
"""Name of the connection in libpq's file."""
DATABASE_URI = f"postgresql+psycopg2:///?service={SERVICE}"
"""What MLflow is told: everything else is in the file. The driver is named, since SQLAlchemy 2.1 takes another one."""

CONNECTION, AUTH, ENVIRONMENT, AUTHORITY = "pg_service.conf", "basic_auth.ini", "server.env", "authority.pem"
"""Files of the server."""
PASSWORD = "password"  # noqa: S105 - the name of a file
"""File of the database."""
ADMIN = "admin"
"""The first user, who makes the others."""
KEYS = (ADMIN, "database", "session")
"""What is made once: the password of the first user, that of an own database, and the key of MLflow's forms."""
FOLDER = "/var/run/secrets/registry"
"""Where the server has its files."""
CLIENT_FILE = "credentials"
"""Name of the file in which a client of MLflow looks for its user: `~/.mlflow/credentials`."""


def connection_file(settings: Mapping[str, str]) -> str:
    """libpq's file for one connection. Raises `ConfigError` for a value that no line of it can hold. Pure."""
    for key, value in settings.items():
        if value != value.strip() or not value.isprintable() or not value:
            what = "is empty, begins or ends with a space, or has a character that ends a line"
            raise ConfigError([Fault(f"database.{key}", what, "take another value")])
    return "\n".join([f"[{SERVICE}]", *(f"{key}={value}" for key, value in settings.items()), ""])


def auth_file(permission: str, password: str) -> str:
    """MLflow's file for its users: they are in the same database. Pure.

    The password counts on the first start only: later it is changed through MLflow's API.
    Source: mlflow@v3.17.2:mlflow/server/auth/basic_auth.ini
    """
    settings = {
        "default_permission": permission,
        "database_uri": DATABASE_URI,
        "admin_username": ADMIN,
        # A percent sign begins a reference in this format.
        "admin_password": password.replace("%", "%%"),
        "authorization_function": "mlflow.server.auth:authenticate_request_basic_auth",
    }
    return "\n".join(["[mlflow]", *(f"{key} = {value}" for key, value in settings.items()), ""])


def client_file(user: str, password: str) -> str:
    """What a client shows, as MLflow reads it in `~/.mlflow/credentials`. Pure.

    Source: mlflow@v3.17.2:mlflow/utils/credentials.py
    """
    told = {"mlflow_tracking_username": user, "mlflow_tracking_password": password}
    return "\n".join(["[mlflow]", *(f"{key} = {value.replace('%', '%%')}" for key, value in told.items()), ""])


def client_secret(user: str, password: pulumi.Input[str]) -> SealedSecret:
    """A Secret for clients, such as the containers that fetch models: its one key is `credentials`.

    `user` must be known to the server: an administrator makes it (`mlflow.server.get_app_client`). Put it among the
    secrets of the namespace, and name it in `models.credentials`.
    """
    text = pulumi.Output.from_input(password).apply(lambda known: client_file(user, known))
    return SealedSecret(values={CLIENT_FILE: text})


def server_secret(args: MlflowRegistryArgs, host: str, keys: pulumi.Input[Mapping[str, str]]) -> SealedSecret:
    """The server's own files. `host` is the Service of an own database; `keys` are those of `KEYS`."""
    made = pulumi.Output.from_input(keys)
    values: dict[str, Any] = {
        CONNECTION: _connection(args, host, made),
        AUTH: made.apply(lambda known: auth_file(args.default_permission, known[ADMIN])),
        ENVIRONMENT: made.apply(lambda known: f"MLFLOW_FLASK_SERVER_SECRET_KEY={known['session']}\n"),
    }
    if isinstance(args.database, ExternalPostgres) and args.database.authority is not None:
        values[AUTHORITY] = pulumi.Output.from_input(args.database.authority)
    return SealedSecret(values=values)


def database_secret(keys: pulumi.Input[Mapping[str, str]]) -> SealedSecret:
    """The password of an own database, for its pod."""
    return SealedSecret(values={PASSWORD: pulumi.Output.from_input(keys).apply(lambda known: known["database"])})


def _connection(args: MlflowRegistryArgs, host: str, keys: pulumi.Output[Mapping[str, str]]) -> pulumi.Output[str]:
    database = args.database
    if not isinstance(database, ExternalPostgres):
        own = {"host": host, "port": "5432", "dbname": SERVICE, "user": SERVICE}
        # In its namespace a network policy lets nobody else reach it, and a mesh encrypts it where there is one.
        return keys.apply(lambda known: connection_file({**own, "password": known["database"], "sslmode": "prefer"}))
    trusted = "system" if database.authority is None else f"{FOLDER}/{AUTHORITY}"
    told = {"port": str(database.port), "dbname": database.database, "user": database.user}
    return pulumi.Output.all(database.host, database.password).apply(
        lambda known: connection_file(
            {"host": known[0], **told, "password": known[1], "sslmode": "verify-full", "sslrootcert": trusted}
        )
    )
