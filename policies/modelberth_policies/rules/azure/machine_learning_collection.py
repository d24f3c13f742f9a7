"""Requests and answers that Azure Machine Learning collects: under a key, and not for long."""

from collections.abc import Iterator

from modelberth_policies.rule import Category, Severity, graph_rule
from modelberth_policies.rules.azure.machine_learning_endpoint import DEPLOYMENT
from modelberth_policies.rules.azure.machine_learning_workspace import workspaces_of
from modelberth_policies.rules.azure.words import named, says
from modelberth_policies.rules.counts import count
from modelberth_policies.rules.parts import of_each
from modelberth_policies.subject import Stack, Subject

DATA_VERSION = "azure-native:machinelearningservices:DataVersion"
DATASTORE = "azure-native:machinelearningservices:Datastore"
STORAGE_ACCOUNT = "azure-native:storage:StorageAccount"
LIFECYCLE = "azure-native:storage:ManagementPolicy"
_COLLECTIONS = "properties.dataCollector.collections"
_COLLECTED = "modelDataCollector"
"""Folder under which the data collector writes where no data asset names another."""
_AGES = ("daysAfterCreationGreaterThan", "daysAfterModificationGreaterThan")


def collections_of(deployment: Subject) -> Iterator[Subject]:
    """What a deployment may collect, each by itself."""
    return named(deployment, _COLLECTIONS)


@graph_rule(
    "aml-data-collector-retention",
    Severity.HIGH,
    Category.PRIVACY,
    DEPLOYMENT,
    frameworks=("GDPR 5(1)(e)",),
    over=collections_of,
    why="Requests are personal data as soon as a person sends them: to be locked up, and gone in time.",
    fix="Collect into a storage account of this stack that has a key of your own (encryption.key_source "
    '"Microsoft.Keyvault") and a storage.ManagementPolicy that deletes in time.',
)
def aml_data_collector_retention(collection: Subject, stack: Stack) -> Iterator[str]:
    """A collection goes to its data asset's datastore; one without, to the workspace's own storage account."""
    if not says(collection, "dataCollectionMode", "Enabled"):
        return
    accounts = _accounts_of(collection, stack)
    if not accounts:
        yield f"collects requests ({collection.path}) into no storage account of this stack"
    yield from of_each(accounts, lambda account: _badly_kept(account, stack))


def _accounts_of(collection: Subject, stack: Stack) -> list[Subject]:
    """The storage accounts, by way of data asset and datastore, or of the workspace."""
    if not collection.present("dataId"):
        return [
            account
            for workspace in workspaces_of(collection.root, stack)
            for account in stack.of_type(STORAGE_ACCOUNT)
            if stack.refers(workspace, "storageAccount", account)
        ]
    return [
        account
        for asset in stack.of_type(DATA_VERSION)
        if stack.refers(collection, "dataId", asset)
        for store in stack.of_type(DATASTORE)
        if _is_in(asset, store, stack)
        for account in stack.of_type(STORAGE_ACCOUNT)
        if stack.refers(store, "properties.accountName", account, "accountName")
    ]


def _is_in(asset: Subject, store: Subject, stack: Stack) -> bool:
    if stack.refers(asset, "properties.dataUri", store):
        return True
    name = store.text("name")
    return name != "" and f"datastores/{name}/" in asset.text("properties.dataUri")


def _badly_kept(account: Subject, stack: Stack) -> Iterator[str]:
    days = account.limits.data.retention_days
    if not says(account, "encryption.keySource", "Microsoft.Keyvault"):
        yield f"collects requests into {account.name}, which is under no key of your own"
    policies = stack.referring(account, LIFECYCLE, "accountName", "accountName")
    rules = [rule for policy in policies for rule in policy.each("policy.rules")]
    if not any(_expires(rule, days) for rule in rules):
        yield f"collects requests into {account.name}, which does not delete them after {days} days"


def _expires(rule: Subject, days: int) -> bool:
    prefixes = [prefix.text("") for prefix in rule.each("definition.filters.prefixMatch")]
    if rule.value("enabled", True) is not True or (prefixes and not any(_COLLECTED in each for each in prefixes)):
        return False
    ages = [count(rule, f"definition.actions.baseBlob.delete.{age}") for age in _AGES]
    return any(age is not None and age <= days for age in ages)


RULES = (aml_data_collector_retention,)
