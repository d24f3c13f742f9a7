"""Azure Machine Learning: how many instances, which ones, and whether they go away."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from modelberth_policies.rule import Category, Severity, graph_rule, resource_rule
from modelberth_policies.rules.azure.machine_learning_endpoint import DEPLOYMENT
from modelberth_policies.rules.azure.machine_learning_workspace import workspaces_of
from modelberth_policies.rules.azure.words import is_gpu, says
from modelberth_policies.rules.counts import above, count, never_zero
from modelberth_policies.rules.parts import known, of_each
from modelberth_policies.subject import Stack, Subject

COMPUTE = "azure-native:machinelearningservices:Compute"
AUTOSCALE = "azure-native:monitor:AutoscaleSetting"
MIN_PRODUCTION = 2
_KUBERNETES = "properties.scaleSettings"
_DEFAULT_SIZE = "Standard_F4s_v2"
"""Of an online deployment that names none."""


@graph_rule(
    "aml-deployment-scale-bounded",
    Severity.HIGH,
    Category.COST,
    DEPLOYMENT,
    frameworks=("FinOps",),
    why="Each instance is a machine by the hour; without a bound a flood of requests becomes a bill, and one is none.",
    fix="Set sku.capacity, and the capacity of every profile of its monitor.AutoscaleSetting, within the limits; "
    "in production at least 2.",
)
def aml_deployment_scale_bounded(deployment: Subject, stack: Stack) -> Iterator[str]:
    """A managed deployment has a fixed count, or an autoscale setting; one on Kubernetes scales itself."""
    most = deployment.limits.instances.max_count
    if says(deployment, f"{_KUBERNETES}.scaleType", "TargetUtilization"):
        yield from above(deployment, f"{_KUBERNETES}.maxInstances", most)
        yield from _too_few(deployment, f"{_KUBERNETES}.minInstances")
        return
    yield from above(deployment, "sku.capacity", most)
    settings = [each for each in stack.of_type(AUTOSCALE) if _scales(each, deployment, stack)]
    if not settings:
        yield from _too_few(deployment, "sku.capacity")
    yield from of_each((profile for setting in settings for profile in setting.each("profiles")), _profile)


def _profile(profile: Subject) -> Iterator[str]:
    yield from above(profile, "capacity.maximum", profile.limits.instances.max_count)
    yield from _too_few(profile, "capacity.minimum")


def _scales(setting: Subject, deployment: Subject, stack: Stack) -> bool:
    """Undeterminable where nobody knows what the setting is of. One that does not say that it is on is off."""
    if setting.value("enabled") is not True:
        return False
    if stack.refers(setting, "targetResourceUri", deployment):
        return True
    known(setting, "targetResourceUri")  # raises where nobody knows it
    return False


def _too_few(part: Subject, path: str) -> Iterator[str]:
    if part.limits.production and (count(part, path) or 0) < MIN_PRODUCTION:
        yield f"may have fewer than {MIN_PRODUCTION} instances in production ({path} is {part.show(path)})"


@resource_rule(
    "aml-compute-idle-zero",
    Severity.MEDIUM,
    Category.COST,
    COMPUTE,
    frameworks=("FinOps",),
    anchors=("CKV_AZURE_150", "azpol:679ddf89"),
    why="A machine that waits costs as much as one that works.",
    fix='Set scale_settings.min_node_count 0, and outside production vm_priority "LowPriority"; on a compute instance '
    "set idle_time_before_shutdown.",
)
def aml_compute_idle_zero(compute: Subject) -> Iterator[str]:
    if says(compute, "properties.computeType", "ComputeInstance"):
        idle = "properties.properties.idleTimeBeforeShutdown"
        if not compute.present(idle):
            yield f"runs day and night ({idle} is unset)"
    elif says(compute, "properties.computeType", "AmlCompute"):
        priority = "properties.properties.vmPriority"
        yield from never_zero(compute, "properties.properties.scaleSettings.minNodeCount")
        if not compute.limits.production and not says(compute, priority, "LowPriority"):
            yield f"pays the full price outside production ({priority} is {compute.show(priority)})"


@graph_rule(
    "aml-compute-local-auth-off",
    Severity.HIGH,
    Category.SECURITY,
    COMPUTE,
    frameworks=("NIST IA-2",),
    anchors=("CKV_AZURE_142", "azpol:e96a9a5f", "azpol:7804b5c7"),
    why="A machine that takes an SSH key from anywhere is a way into the workspace that no login guards.",
    fix="Set properties.disable_local_auth, and a subnet, or managed_network on the workspace.",
)
def aml_compute_local_auth_off(compute: Subject, stack: Stack) -> Iterator[str]:
    if not says(compute, "properties.computeType", "ComputeInstance", "AmlCompute"):
        return
    if compute.value("properties.disableLocalAuth") is not True:
        yield f"takes SSH keys (properties.disableLocalAuth is {compute.show('properties.disableLocalAuth')})"
    if compute.present("properties.properties.subnet.id"):
        return
    managed = ("AllowInternetOutbound", "AllowOnlyApprovedOutbound")
    if not any(says(each, "managedNetwork.isolationMode", *managed) for each in workspaces_of(compute, stack)):
        yield "is in no network of your own (properties.properties.subnet.id is unset)"


@resource_rule(
    "aml-gpu-sku-env-allow-list",
    Severity.HIGH,
    Category.COST,
    DEPLOYMENT,
    COMPUTE,
    frameworks=("FinOps",),
    why="One GPU machine that was left in a test costs more than all the rest of it.",
    fix="Choose a size without GPUs, or allow it by instances.gpu and instances.allowed of the limits.",
)
def aml_gpu_sku_env_allow_list(machine: Subject) -> Iterator[str]:
    path = "properties.instanceType" if machine.type == DEPLOYMENT else "properties.properties.vmSize"
    size, instances = machine.text(path, _DEFAULT_SIZE), machine.limits.instances
    if not is_gpu(size):
        return
    if not instances.gpu:
        yield f"has GPUs ({path} is {machine.show(path)}), which {machine.limits.environment} does not allow"
    elif instances.allowed and not any(fnmatchcase(size, pattern) for pattern in instances.allowed):
        yield f"has GPUs of a size ({machine.show(path)}) that is none of {', '.join(instances.allowed)}"


RULES = (
    aml_deployment_scale_bounded,
    aml_compute_idle_zero,
    aml_compute_local_auth_off,
    aml_gpu_sku_env_allow_list,
)
