from functools import reduce
from pathlib import Path

import pulumi

from modelberth.core.labels import Labels
from modelberth.core.model import ModelVersion
from modelberth.core.service import Service, Translation, Unsupported
from modelberth.core.traffic import Traffic
from modelberth.stack import targets
from modelberth.stack.files import read_yaml

on, name = pulumi.Config().require("target"), "ranker"
target, stated = targets.load(on), {**read_yaml(Path("service.yaml")), "on": on}
model = ModelVersion(**stated["model"])
who = {"owner": "search", "environment": pulumi.get_stack(), "cost_centre": "4711", "data_classification": "internal"}
labels = Labels.parse({**who, "service": name, "model": name, "version": model.version})
cloud = targets.cloud_of(on)
foundation = target.foundation(cloud, read_yaml(Path("clouds.yaml"))[cloud], labels)


def translated(service: dict) -> Translation | Unsupported:
    return target.translate(Service.parse(service), Traffic(stable=model), labels, foundation)


def without(service: dict, path: str) -> dict:
    field, _, rest = path.partition(".")
    inner = service.get(field)
    kept = {field: without(inner, rest)} if rest and isinstance(inner, dict) else {}
    return {**{other: value for other, value in service.items() if other != field}, **kept}


made = translated(stated)
refused = {one.field: f"{one.why}; {one.fix}" for one in made.refusals} if isinstance(made, Unsupported) else {}
made = translated(reduce(without, refused, stated))
if isinstance(made, Unsupported):
    raise pulumi.RunError(f"{on} refuses the rest too: {', '.join(one.field for one in made.refusals)}")
endpoint = target.create(name, made, foundation)
pulumi.export("refused", refused)
pulumi.export("url", endpoint.url)
