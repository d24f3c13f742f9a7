"""An MLflow tracking server in a cluster: its database, its object store, and who may ask it."""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from modelberth.core.config import Config, In, one_of
from modelberth.core.labels import Labels
from modelberth.kubernetes.encryption import SecretText
from modelberth.kubernetes.foundation import Foundation
from modelberth.kubernetes.images import ImageRef
from modelberth.kubernetes.model_files import CredentialsFile
from modelberth.kubernetes.names import DnsName, Port
from modelberth.kubernetes.network import Callers
from modelberth.kubernetes.peers import Reached
from modelberth.kubernetes.quantities import GiB, Resources

Identifier = Annotated[str, StringConstraints(max_length=63, pattern=r"^[a-z_][a-z0-9_]*$")]
"""A name in Postgres that needs no quotes.
Source: https://www.postgresql.org/docs/17/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS"""


class OwnPostgres(Config):
    """A Postgres beside the server, in one pod with one volume. Nothing here makes backups of it: that is yours to do
    (`pg_dump`, or snapshots of the volume). Where losing it is no option, take a managed database: `ExternalPostgres`.
    """

    image: In[ImageRef]
    """The official image of Postgres, or one that reads the same variables, by digest. Another major version does not
    read the files of the one before: it needs `pg_upgrade`, or a dump."""

    storage_gib: GiB
    """Size of its volume. Files of models are not in it."""

    storage_class: DnsName | None = None
    """The StorageClass of its volume. Left out: the cluster's default."""

    resources: Resources = Resources(cpu=0.25, memory_gib=0.5)
    """What its pod gets. Left out: a quarter of a core and half a GiB."""

    user: Annotated[int, Field(ge=1)] = 999
    """The user as which it runs. Left out: 999, that of the Debian image; 70 is that of the Alpine image."""


class ExternalPostgres(Config):
    """A database that is there. The connection is encrypted, and the server's certificate checked."""

    host: In[DnsName]
    """Its host name, as its certificate has it."""

    port: Port = 5432
    """Its port. Left out: 5432."""

    database: Identifier = "mlflow"
    """The database, which is empty or MLflow's own. Left out: mlflow."""

    user: Identifier = "mlflow"
    """Who MLflow is there: the owner of that database. Left out: mlflow."""

    password: SecretText
    """A secret Output. It stands in a file of the server's pods, and nowhere else."""

    reached: Annotated[tuple[Reached, ...], Field(min_length=1)]
    """Its addresses (`{"cidr": "10.0.8.0/24", "ports": [5432]}`) or pods: a network policy knows no host names."""

    authority: In[str] | None = None
    """Certificate (PEM) of who signed the server's: Amazon RDS and Cloud SQL have one of their own. Left out: those
    that the image trusts already."""


Database = Annotated[OwnPostgres | ExternalPostgres, one_of(OwnPostgres, host=ExternalPostgres)]
"""`{"image": …, "storage_gib": …}`: one is made. `{"host": …, "password": …}`: it is there already."""


class Artifacts(Config):
    """Where the files of models and runs are. The server hands them through, so that its clients need no credentials
    for the store."""

    destination: Annotated[str, StringConstraints(pattern=r"^(s3|gs|abfss)://[^\s?#]+[^/\s?#]$")]
    """Prefix in an object store: `s3://models/registry`."""

    credentials: CredentialsFile | None = None
    """What it shows there. Left out: the workload identity of the foundation."""

    egress: tuple[Reached, ...] = ()
    """Addresses of the store. Left out: none, so that a network policy keeps the server from it."""

    room_gib: GiB = 10
    """Room in each pod: every file that is sent or fetched stands there while it passes through. Left out: 10 GiB."""


Host = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9*.\[\]:-]+$")]
"""What stands in the header `Host`: a host name, with its port where it is another than 443 or 80."""
Origin = Annotated[str, StringConstraints(pattern=r"^https?://[A-Za-z0-9.\[\]:-]+$")]
"""Scheme, host and port of a page: `https://notebooks.example.com`."""


class MlflowRegistryArgs(Config):
    """One tracking server with its model registry, behind MLflow's own users and passwords."""

    foundation: Foundation
    """Where it stands: `KubernetesFoundation(…).shared`."""

    image: In[ImageRef]
    """An image with `mlflow[auth]` 3.5 or later, `psycopg2` and the client of the object store, by digest. MLflow's own
    image lacks the last two in its small variant. A newer MLflow may ask for `mlflow db upgrade` first: it says so and
    does not start."""

    database: Database
    """Where runs, models and users are recorded."""

    artifacts: Artifacts
    """Where files are."""

    resources: Resources
    """Cores and memory of each pod. There is one worker for each whole core. Each takes about 0.3 GiB, and what
    starts them as much."""

    hosts: tuple[Host, ...] = ()
    """Host names under which it is asked, beside those of its Service. Any other is refused, which keeps pages in a
    browser from rebinding a name to it; `*` alone is refused here. Left out: none beside."""

    origins: tuple[Origin, ...] = ()
    """Pages of elsewhere that may ask it from a browser. Left out: none but localhost, which MLflow always lets."""

    default_permission: Literal["NO_PERMISSIONS", "READ", "EDIT"] = "READ"
    """What a user may do with what he was given no permission for. Left out: read, as MLflow has it.
    Source: mlflow@v3.17.2:mlflow/server/auth/permissions.py"""

    callers: Callers = Callers()
    """Who may ask it beside the gateway and the pods of this library in its namespace. Left out: nobody."""

    replicas: Annotated[int, Field(ge=1)] = 2
    """Pods of the server. Left out: 2."""

    protect: bool = False
    """Whether Pulumi refuses to destroy the database and the passwords. Left out: no."""

    labels: Labels | None = None
    """Who owns it. Left out: no labels but those that Kubernetes recommends."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        wrong = [why for met, why in _contradictions(self) if met]
        if wrong:
            raise ValueError("; ".join(wrong))
        return self


def _contradictions(args: MlflowRegistryArgs) -> Iterator[tuple[bool, str]]:
    """Whether something cannot be, and why."""
    everybody = "hosts has *, which answers to every name, so that any page in a browser could ask; name the hosts"
    yield "*" in args.hosts, everybody
    anonymous = args.artifacts.credentials is None and args.foundation.identity is None
    nobody = (
        "artifacts has no credentials and foundation.namespace no identity, so that the object store would let nobody "
        "in; give one of them"
    )
    yield anonymous, nobody
    unread = args.artifacts.credentials is not None and args.artifacts.credentials.variable is None
    yield unread, "artifacts.credentials has no variable, so that no store's client finds the file; name one"
