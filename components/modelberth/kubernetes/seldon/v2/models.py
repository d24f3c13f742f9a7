"""The Models of a service, the Servers under them, and the Experiment between them. Pure."""

from modelberth.core.model import ModelVersion
from modelberth.core.traffic import versions_of, weights_of
from modelberth.kubernetes.backends import Backend, backends_of
from modelberth.kubernetes.manifest import VERSION, Manifest, Place, labels_of, manifest, version_name
from modelberth.kubernetes.quantities import mebibytes
from modelberth.kubernetes.seldon.artifacts import implementation_of, storage_uri
from modelberth.kubernetes.seldon.v2.config import SeldonModelEndpointArgs
from modelberth.kubernetes.seldon.v2.experiment import KIND, Mirror, experiment
from modelberth.kubernetes.seldon.v2.mesh import PORT, READY, SERVICE, asking_for
from modelberth.kubernetes.seldon.v2.server import number, server

LONGEST = 52
"""Characters of a Server's name: its StatefulSet's pods carry it in a label, with a hash of ten characters behind it
(kubernetes/kubernetes issue 64023). Models have the same names."""


def model_name(place: Place, version: str) -> str:
    """The name of a version's Model. Raises `ConfigError` where it can have none."""
    return version_name(place, version, LONGEST)


def models(args: SeldonModelEndpointArgs, place: Place) -> dict[str, Manifest]:
    """Resource name to Model, of each version."""
    found = versions_of(args.traffic)
    return {model_name(place, version): _model(args, model, place) for version, model in found.items()}


def _model(args: SeldonModelEndpointArgs, model: ModelVersion, place: Place) -> Manifest:
    name, loading = model_name(place, model.version), args.loading
    spec = {
        "storageUri": storage_uri(model, args.foundation.models),
        "requirements": list(dict.fromkeys([implementation_of(args.runtime), *loading.requirements])),
        **({} if loading.memory_gib is None else {"memory": mebibytes(loading.memory_gib)}),
        **({} if args.server is None else {"server": name}),
        **({} if loading.secret is None else {"secretName": loading.secret}),
        **({} if loading.logged_percent is None else {"logger": {"percent": loading.logged_percent}}),
        **({"parameters": _parameters(loading.parameters)} if loading.parameters else {}),
        **number(args.replicas, args.max_replicas),
    }
    return _of_version(manifest("Model", name, place.of(model.version), READY, spec=spec), place, model.version)


def _parameters(given: dict[str, str]) -> list[Manifest]:
    return [{"name": name, "value": value} for name, value in sorted(given.items())]


def _of_version(made: Manifest, place: Place, version: str) -> Manifest:
    """An object by whose labels its version is found."""
    return {**made, "metadata": {**made["metadata"], "labels": {**labels_of(place.of(version)), VERSION: version}}}


def servers(args: SeldonModelEndpointArgs, place: Place) -> dict[str, Manifest]:
    """Resource name to Server, of each version; none where they share those of the namespace."""
    shape = args.server
    if shape is None:
        return {}
    names = {version: model_name(place, version) for version in versions_of(args.traffic)}
    return {
        f"{name}-server": server(name, place.of(version), args.runtime, shape, number(args.replicas, None), version)
        for version, name in names.items()
    }


def explainers(args: SeldonModelEndpointArgs, place: Place) -> dict[str, Manifest]:
    """The explainer of the stable version, which is a Model too; none where there is none."""
    explainer, name = args.explainer, f"{place.instance}-explainer"
    if explainer is None:
        return {}
    asked = {"type": explainer.type, "modelRef": model_name(place, args.traffic.stable.version)}
    secret = {} if args.loading.secret is None else {"secretName": args.loading.secret}
    spec = {"storageUri": storage_uri(explainer.model, args.foundation.models), "explainer": asked, **secret}
    return {name: manifest("Model", name, place, READY, spec={**spec, **number(1, None)})}


def experiments(args: SeldonModelEndpointArgs, place: Place) -> dict[str, Manifest]:
    """The Experiment under the service's own name. There is always one, so that callers never have to ask for
    anything else. A version at 0 is no candidate: it is up, and asked for by nobody."""
    traffic = args.traffic
    shares = {model_name(place, version): weight for version, weight in weights_of(traffic).items() if weight}
    mirror = (
        Mirror(name=model_name(place, traffic.candidate.version), percent=traffic.mirror)
        if traffic.candidate is not None and traffic.mirror
        else None
    )
    return {place.instance: experiment(place, shares, mirror, {"resourceType": "model"})}


def route_backends(args: SeldonModelEndpointArgs, place: Place) -> dict[str, Backend]:
    """Version to what answers for it: Seldon's one Service, and the header that asks for it.

    A route splits by itself, so that every answer can name its version. It copies nothing: a copy would go without
    the header; where there is a mirror the stable version is asked for by the Experiment, which copies.
    """
    traffic = args.traffic
    asked = {version: asking_for(model_name(place, version)) for version in versions_of(traffic)}
    if traffic.mirror:
        asked[traffic.stable.version] = asking_for(place.instance, KIND)
    made = backends_of(traffic, lambda _: SERVICE, PORT)
    return {
        version: backend.model_copy(update={"headers": asked[version], "mirror": 0})
        for version, backend in made.items()
    }
