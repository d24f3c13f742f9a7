"""The steps of a change of version, in Argo's words. Pure.

A first deployment has no version before it: Argo takes no step and asks no gate then.
Source: https://argo-rollouts.readthedocs.io/en/stable/features/specification/
"""

from typing import Any

from modelberth.core.rollout import BlueGreen, Rolling
from modelberth.core.traffic import WHOLE, steps_of
from modelberth.kubernetes.manifest import Place
from modelberth.kubernetes.quantities import duration
from modelberth.kubernetes.rollouts.analysis import CANARY, STABLE
from modelberth.kubernetes.rollouts.config import RolloutEndpointArgs
from modelberth.kubernetes.rollouts.gates import MEASURE_SECONDS, bake_of, moving
from modelberth.runtimes import load

PLUGIN = "argoproj-labs/gatewayAPI"
"""Source: https://rollouts-plugin-trafficrouter-gatewayapi.readthedocs.io/en/latest/installation/"""


def canary_service(place: Place) -> str:
    """The Service that Argo keeps pointed at the new pods."""
    return f"{place.instance}-canary"


def apart(args: RolloutEndpointArgs) -> bool:
    """Whether the new pods have a Service of their own meanwhile, and the others have the service's.

    Otherwise there is one Service before all pods: of two, the one that callers know would never reach a new pod.
    """
    return args.rollout.blue_green is not None or (bool(args.routes) and moving(args.rollout) is not None)


def speaks(runtime: str) -> str:
    """What requests come in: HTTP where there is any, and else gRPC."""
    return "http" if "http" in load(runtime).ports else "grpc"


def strategy(args: RolloutEndpointArgs, place: Place) -> dict[str, Any]:
    """How one version follows another."""
    rollout = args.rollout
    if rollout.blue_green is not None:
        return {"blueGreen": _blue_green(args, rollout.blue_green, place)}
    if moving(rollout) is not None:
        return {"canary": {**_routing(args, place), **_surge(Rolling()), "steps": _steps(args, place)}}
    return {"canary": _surge(rollout.rolling or Rolling())}


def _routing(args: RolloutEndpointArgs, place: Place) -> dict[str, Any]:
    if not args.routes:
        return {}
    named = [{"name": name} for name in args.routes]
    routed = {"namespace": place.namespace, f"{speaks(args.server.runtime)}Routes": named}
    services = {"stableService": place.instance, "canaryService": canary_service(place)}
    return {**services, "trafficRouting": {"plugins": {PLUGIN: routed}}}


def _surge(rolling: Rolling) -> dict[str, int]:
    return {"maxSurge": rolling.surge, "maxUnavailable": rolling.unavailable}


def _steps(args: RolloutEndpointArgs, place: Place) -> list[dict[str, Any]]:
    """A share, then a watch, up to the last share below the whole: the whole is where Argo goes by itself."""
    strategy = moving(args.rollout)
    shares = [] if strategy is None else [share for share in steps_of(strategy) if share < WHOLE]
    return [step for share in shares for step in ({"setWeight": share}, _watch(args, place))]


def _watch(args: RolloutEndpointArgs, place: Place) -> dict[str, Any]:
    if not args.rollout.gates:
        return {"pause": {"duration": duration(bake_of(args.rollout))}}
    return {"analysis": _analysis(place)}


def _analysis(place: Place) -> dict[str, Any]:
    hashes = {CANARY: "Latest", STABLE: "Stable"}
    arguments = [{"name": name, "valueFrom": {"podTemplateHashValue": which}} for name, which in hashes.items()]
    return {"templates": [{"templateName": place.instance}], "args": arguments}


def _blue_green(args: RolloutEndpointArgs, blue_green: BlueGreen, place: Place) -> dict[str, Any]:
    """All requests at once; while the gates are asked the old pods stay, and get them back if one is not met."""
    watched = {"postPromotionAnalysis": _analysis(place)} if args.rollout.gates else {}
    return {
        "activeService": place.instance,
        "previewService": canary_service(place),
        "autoPromotionEnabled": True,
        # They must outlast the last measurement.
        "scaleDownDelaySeconds": round(blue_green.bake) + 2 * MEASURE_SECONDS,
        **watched,
    }
