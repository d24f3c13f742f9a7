"""KServe and Seldon: the pods that their controllers make of one object. Facts: KServe v0.16, Seldon Core v1 and v2."""

from collections.abc import Iterator

from modelberth_policies.bill.autoscaling import between, words
from modelberth_policies.bill.item import Entry, Item, NotPriceable, Values
from modelberth_policies.bill.kubernetes.node import pod_hours
from modelberth_policies.bill.kubernetes.pod import asked_by, asked_of
from modelberth_policies.bill.kubernetes.scaling import bounds
from modelberth_policies.bill.model import UNBOUNDED

_FRAMEWORKS = (
    *("model", "sklearn", "xgboost", "tensorflow", "pytorch", "triton"),
    *("onnx", "huggingface", "pmml", "lightgbm", "paddle"),
)
_MODE = 'metadata.annotations["serving.kserve.io/deploymentMode"]'
_RAW = ("RawDeployment", "Standard")


def inference_service(item: Item) -> Iterator[Entry]:
    """Predictor, transformer and explainer, each with its own bounds."""
    if not item.has("spec.predictor"):
        raise NotPriceable("spec.predictor is not set")
    for name in ("predictor", "transformer", "explainer"):
        if not item.has(f"spec.{name}"):
            continue
        part = item.under(f"spec.{name}")
        try:
            yield from _component(item, part, name)
        except NotPriceable as reason:
            # What nobody knows of one component hides nothing of the others.
            yield item.unpriced(str(reason), f"pods of {name}")
        if part.has("workerSpec"):
            yield item.unpriced("the bill does not know how many workers there are", f"workers of {name}")


def _component(item: Item, part: Values, name: str) -> Iterator[Entry]:
    least, most = _kserve_bounds(item, part)
    single = ("art",) if name == "explainer" else _FRAMEWORKS
    shown = f"{words(least, most, 'pods')} x {item.use.hours:g} h"
    hours = between(item, least, most) * item.hours
    yield from pod_hours(item, asked_by(part, *single), hours, shown, f"pods of {name}")


def _kserve_bounds(item: Item, part: Values) -> tuple[float, float]:
    """Without a maximum Knative has none; as plain Deployments there are as many as the minimum."""
    least, most = part.number("minReplicas", 1), part.number("maxReplicas", 0)
    if most == 0:
        return least, least if item.value(_MODE, "") in _RAW else UNBOUNDED
    return least, max(least, most)


def llm_service(item: Item) -> Iterator[Entry]:
    """LLMInferenceService: decoding, and prefilling where it is apart."""
    for what, path in (("decode", "spec"), ("prefill", "spec.prefill")):
        if what == "prefill" and not item.has(path):
            continue
        part = item.under(path)
        least, most = part.number("replicas", 1), part.number("replicas", 1)
        shown = f"{words(least, most, 'pods')} x {item.use.hours:g} h"
        hours = between(item, least, most) * item.hours
        yield from pod_hours(item, asked_by(part.under("template")), hours, shown, f"pods of {what}")
        if part.has("worker"):
            yield item.unpriced("the bill does not know how many workers there are", f"workers of {what}")


def seldon_deployment(item: Item) -> Iterator[Entry]:
    """Every predictor's pods. Seldon adds an engine to each, whose size the cluster decides: not counted."""
    predictors = item.each("spec.predictors")
    if not predictors:
        raise NotPriceable("spec.predictors is not set")
    for predictor in predictors:
        name = predictor.text("name", "predictor")
        least = predictor.number("replicas", item.number("spec.replicas", 1))
        if not predictor.count("componentSpecs"):
            yield item.unpriced("componentSpecs is not set: the cluster decides what its pods ask for", name)
        for part in predictor.each("componentSpecs"):
            yield from _seldon_component(item, part, least, name)


def _seldon_component(item: Item, part: Values, replicas: float, name: str) -> Iterator[Entry]:
    fixed = part.number("replicas", replicas)
    least, most = fixed, fixed
    if part.has("hpaSpec"):
        least = part.number("hpaSpec.minReplicas", 1)
        most = max(part.number("hpaSpec.maxReplicas"), least)
    shown = f"{words(least, most, 'pods')} x {item.use.hours:g} h"
    hours = between(item, least, most) * item.hours
    yield from pod_hours(item, asked_by(part.under("spec")), hours, shown, f"pods of {name}")


def seldon_server(item: Item) -> Iterator[Entry]:
    """A server of Seldon Core 2, which takes what it does not say from its ServerConfig."""
    if not item.has("spec.podSpec"):
        raise NotPriceable("spec.podSpec is not set: its ServerConfig decides what its pods ask for")
    pod = item.under("spec.podSpec")
    stated = [each for each in pod.each("containers") if each.has("resources")]
    for each in pod.each("containers"):
        if not each.has("resources"):
            name = each.text("name", "a container")
            yield item.unpriced(f"its ServerConfig decides what {name} asks for", name)
    least, most = bounds(item)
    if item.has("spec.maxReplicas"):
        least = item.number("spec.minReplicas", least)
        most = max(item.number("spec.maxReplicas"), least)
    shown = f"{words(least, most, 'pods')} x {item.use.hours:g} h"
    if stated:
        yield from pod_hours(item, asked_of(stated), between(item, least, most) * item.hours, shown)
