"""What a serverless endpoint needs to know, in SageMaker's words.

It has no instances, no network of its own, no second variant, no data capture and no guarded update: what it lacks is
no field here. Source: https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html (feature exclusions)
"""

from typing import Self

from pydantic import model_validator

from modelberth.aws.foundation import Foundation
from modelberth.aws.sagemaker.model import Artefact, check_images, is_archive
from modelberth.aws.sagemaker.serverless.scaling import MaxConcurrency, MemorySizeMb, ProvisionedConcurrency
from modelberth.core.config import Config
from modelberth.core.labels import Labels
from modelberth.core.service import Slo


class ServerlessEndpointArgs(Config):
    """One endpoint without instances: paid by request, with a cold start after a pause."""

    foundation: Foundation
    """Account, key and registry that it stands on; not its network, which SageMaker does not let it into."""

    artefact: Artefact
    """The version that serves, and its container. Its files are one archive: SageMaker loads no folder here."""

    memory_size_mb: MemorySizeMb
    """Memory in MB; cores come in proportion."""

    max_concurrency: MaxConcurrency
    """Requests that are answered at once, at most; further ones get a 429. 1 to 200."""

    provisioned_concurrency: ProvisionedConcurrency | None = None
    """How many of them find a warm instance. Left out: none, and the first request after a pause waits."""

    slo: Slo | None = None
    """What good means; alarms are made of it. Left out: alarms with documented defaults."""

    traffic_expected: bool = False
    """Whether silence is a fault. Left out: no."""

    labels: Labels | None = None
    """Who owns it and what it is; tags of everything. Left out: none."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.provisioned_concurrency is not None:
            self.provisioned_concurrency.check(self.max_concurrency)
        if self.artefact.many or len(self.artefact.containers) > 1:
            raise ValueError("artefact: a serverless endpoint takes one container with one model; take realtime")
        for container in self.artefact.containers:
            if container.model_data is not None and not is_archive(container):
                plain = isinstance(container.model_data, str)
                got = "is a folder" if plain else "is known later and counts as a folder"
                fix = "pack it" if plain else "set archive to true"
                raise ValueError(f"artefact: model_data {got}, and SageMaker loads one .tar.gz here; {fix}")
        check_images([self.artefact], self.foundation.account.region)
        return self
