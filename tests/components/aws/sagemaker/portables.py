"""A `Service` in the words of each kind, for the tests of their translations."""

from types import ModuleType
from typing import Any

import pulumi
from components.aws.sagemaker.samples import ALERTS, FOUNDATION, IMAGE

from modelberth.core.labels import Labels
from modelberth.core.service import Service, Translation, Unsupported
from modelberth.core.traffic import Traffic
from modelberth_policies.resources import Plan
from modelberth_policies.sources.program import run_in_process

DIGEST = "sha256:" + "0" * 64
FOLDER = "s3://models/ranker/1.4.0/sha256-" + "0" * 64 + "/"
STABLE = {"uri": "models:/ranker/1.4.0", "digest": DIGEST}
CANDIDATE = {"uri": "models:/ranker/1.5.0", "digest": "sha256:" + "1" * 64}
TRAFFIC: dict[str, Any] = {"stable": STABLE}
LABELS = Labels(
    owner="o", environment="e", cost_centre="c", service="ranker", model="ranker", version="1.4.0",
    data_classification="internal",
)  # fmt: skip
GIVEN: dict[str, Any] = {
    **{name: FOUNDATION[name] for name in ("account", "network", "encryption", "registry")},
    "alerts": {"topic_arn": ALERTS},
    "images": {"serving": IMAGE},
}
COGNITO = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_abc"
JWT = {"issuer": COGNITO, "audiences": ["models/predict"], "jwks": f"{COGNITO}/.well-known/jwks.json"}
LOGIN = {"issuer": "https://login.example.com", "audiences": ["models"], "jwks": "https://login.example.com/keys"}
AT_8 = {"cron": "0 8 * * *", "min": 2, "max": 4}


class Portable:
    """One kind's translation, with the least of a service that it takes."""

    def __init__(self, module: ModuleType, on: str, least: dict[str, Any]) -> None:
        self.module = module
        self.least = {"on": on, "model": {"uri": "models:/ranker/1.4.0"}, **least}

    def deployed(
        self, fields: dict[str, Any], traffic: dict[str, Any] | None = None, *, create: bool = False
    ) -> tuple[Translation | Unsupported, Plan]:
        """What a service becomes, and the plan of it."""
        found: list[Translation | Unsupported] = []

        def program() -> None:
            foundation = self.module.foundation("aws", GIVEN, LABELS)
            service = Service.parse({**self.least, **fields})
            made = self.module.translate(service, Traffic.parse(traffic or TRAFFIC), LABELS, foundation)
            found.append(made)
            if create and isinstance(made, Translation):
                pulumi.export("url", self.module.create("ranker", made, foundation).url)

        plan = run_in_process(program, stack="prod")
        return found[0], plan

    def translated(self, traffic: dict[str, Any] | None = None, **fields: Any) -> Translation:
        """A service that the kind honours."""
        made, _ = self.deployed(fields, traffic)
        assert isinstance(made, Translation), made
        return made

    def endpoint(self, traffic: dict[str, Any] | None = None, **fields: Any) -> Any:
        """The arguments of its component."""
        return self.translated(traffic, **fields).endpoint

    def refusals(self, traffic: dict[str, Any] | None = None, **fields: Any) -> list[tuple[str, str, str]]:
        """What the kind refuses: field, why, fix."""
        made, _ = self.deployed(fields, traffic)
        assert isinstance(made, Unsupported), made
        return [(refusal.field, refusal.why, refusal.fix) for refusal in made.refusals]
