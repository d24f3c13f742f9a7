"""Files of models: which version they are is known, and somebody approved it."""

from collections.abc import Iterator
from re import compile as pattern

from modelberth_policies.resources import GAP
from modelberth_policies.rule import Category, Severity, resource_rule
from modelberth_policies.rules.aws.sagemaker.containers import HOLDERS, containers, sources
from modelberth_policies.subject import Subject, Undeterminable

_PACKAGE_VERSION = pattern(r"model-package/[^/]+/\d+$")
_PINS = pattern(
    r"versionId=[^&]+"  # an object's version
    r"|(?<![0-9a-fA-F])[0-9a-fA-F]{32,128}(?![0-9a-fA-F])"  # a checksum, a commit, or the id of a run
    r"|/v\d+(?:\.\d+)*/|/\d+\.\d+(?:\.\d+)*(?:[-+][\w.+-]+)?/"  # a version as a folder
    r"|-\d{4}-\d{2}-\d{2}-\d{2}-\d{2}-\d{2}(?:-\d{3})?/"  # the folder of a training job, named by its time
)
"""What tells one version of a model's files from the next. Folders of training jobs:
https://sagemaker.readthedocs.io/en/stable/api/utility/utils.html (name_from_base)."""
_MOVES = pattern(r"/(?:latest|current|newest|stable|main|master|head|production|prod|champion)/")


def _is_pinned(address: str) -> bool:
    """Whether an address in S3 names one version. A name that is moved on purpose does not, whatever is around it."""
    whole = f"{address}/"
    return _MOVES.search(whole.lower()) is None and _PINS.search(whole) is not None


@resource_rule(
    "sagemaker-model-artifact-pinned",
    Severity.HIGH,
    Category.SUPPLY_CHAIN,
    *HOLDERS,
    over=containers,
    frameworks=("NIST SI-7", "EU AI Act 12"),
    why="Files that can be replaced under their address make an instance serve what nobody tested or recorded.",
    fix="Put the files under a folder that names their version or checksum, or name a model package with its version.",
)
def sagemaker_model_artifact_pinned(container: Subject) -> Iterator[str]:
    if container.present("modelPackageName"):
        package = container.text("modelPackageName")
        if _PACKAGE_VERSION.search(package) is None:
            yield f"takes the model package {container.show('modelPackageName')}, which has no version"
    for source, path in sources(container):
        address = source.text(path)
        if not _is_pinned(address):
            if GAP in address:
                raise Undeterminable(f"{source.path}.{path}")
            yield f"loads {source.show(path)}, which names neither version nor checksum"


@resource_rule(
    "sagemaker-model-package-approved",
    Severity.MEDIUM,
    Category.GOVERNANCE,
    *HOLDERS,
    over=containers,
    applies=lambda limits: limits.production and limits.images.model_packages,
    frameworks=("AISF-ML-04",),
    anchors=("prowler:sagemaker_models_registry_in_use",),
    why="Of files in a bucket nobody knows who tested and approved them for production.",
    fix="Register the model, approve the package, and name it: model_package_name.",
)
def sagemaker_model_package_approved(container: Subject) -> Iterator[str]:
    """A container without files of its own has the model in its image, for which the rules on images are."""
    if container.present("modelPackageName"):
        return
    for source, path in sources(container):
        source.text(path)  # of what is unknown, nobody knows whether it is there
        yield f"comes from {source.show(path)} and from no model package"


RULES = (sagemaker_model_artifact_pinned, sagemaker_model_package_approved)
