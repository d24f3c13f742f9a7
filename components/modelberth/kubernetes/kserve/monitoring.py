"""How an InferenceService is watched: as every model server, at the port that its pods declare. Pure."""

from collections.abc import Mapping

import pulumi

from modelberth.core.endpoint import MetricQuery, Signal
from modelberth.kubernetes.kserve.config import InferenceServiceEndpointArgs, runs_on_knative
from modelberth.kubernetes.kserve.modes import Standard
from modelberth.kubernetes.kserve.ports import is_visible
from modelberth.kubernetes.kserve.predictor import CONTAINER
from modelberth.kubernetes.kserve.scalers import Fixed
from modelberth.kubernetes.manifest import Manifest, Place
from modelberth.kubernetes.monitoring import Watching, monitoring_objects, queries

USER_PORT = "user-port"
"""The name that Knative gives to the one port of a pod's own container.
Source: knative.dev/serving@v0.47.0:pkg/apis/serving/v1/revision_helpers.go"""


def watched_as(args: InferenceServiceEndpointArgs) -> Watching:
    """What is to be known of these pods to watch them."""
    port = None if runs_on_knative(args) is None else USER_PORT
    devices = None if args.server is None else args.server.devices
    return Watching(port=port, container=CONTAINER, scales_to_zero=least_of(args) == 0, devices=devices)


def least_of(args: InferenceServiceEndpointArgs) -> int:
    """Pods of the predictor that are always there."""
    if not isinstance(args.mode, Standard):
        return args.mode.min_replicas
    scaling = args.mode.scaling
    return scaling.replicas if isinstance(scaling, Fixed) else scaling.min_replicas


def watching(args: InferenceServiceEndpointArgs, place: Place) -> dict[str, Manifest]:
    """Resource name to object; nothing where the server's metrics cannot be reached."""
    if args.server is None or not is_visible(args):
        return {}
    return monitoring_objects(args.foundation, place, args.server.runtime, args.slo, watched_as(args))


def answers(args: InferenceServiceEndpointArgs, place: Place) -> pulumi.Output[Mapping[Signal, MetricQuery]]:
    """Signal to the question that answers it; empty where nothing can be measured."""
    if args.server is None or not is_visible(args):
        return pulumi.Output.from_input({})
    return queries(args.foundation, place, args.server.runtime, watched_as(args))  # pyright: ignore
