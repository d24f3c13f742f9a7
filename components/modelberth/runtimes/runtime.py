"""What a model server is: its image, its ports, how it is asked, what it loads, how it is started. Data only."""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from modelberth.core.config import Config
from modelberth.runtimes.placeholders import unknown
from modelberth.runtimes.series import Series

Protocol = Literal[
    "rest-predict",  # HTTP, the service's own paths and bodies
    "oip-v2-rest",  # Open Inference Protocol: POST /v2/models/{name}/infer
    "oip-v2-grpc",  # Open Inference Protocol: inference.GRPCInferenceService
    "tfserving-rest",  # POST /v1/models/{name}:predict
    "tfserving-grpc",  # tensorflow.serving.PredictionService
    "torchserve-rest",  # POST /predictions/{name}
    "torchserve-grpc",  # org.pytorch.serve.grpc.inference.InferenceAPIsService
    "openai-rest",  # POST /v1/chat/completions and the like
    "seldon-rest",  # Seldon Core 1's own protocol
    "seldon-grpc",
]
"""How a server can be asked."""

Format = Literal[
    "mlflow",
    "sklearn",
    "xgboost",
    "lightgbm",
    "catboost",
    "onnx",
    "torchscript",
    "torch-model-archive",
    "tensorflow-savedmodel",
    "tensorrt",
    "openvino",
    "huggingface",
    "any",
]
"""What a server can load. `any`: the code in the user's image decides."""

Accelerator = Literal["cpu", "nvidia-gpu", "amd-gpu", "intel-gpu", "aws-neuron", "google-tpu", "intel-gaudi"]
"""What a server can compute on."""

PortName = Literal["http", "grpc", "metrics", "management"]
Port = Annotated[int, Field(ge=1, le=65535)]
HttpPath = Annotated[str, StringConstraints(pattern=r"^/[^\s{}]*$")]
Source = Annotated[
    str, StringConstraints(pattern=r"^(https://\S+|[\w.-]+/[\w.-]+@[0-9a-z.]+:\S+|components/\S+|follows from: .+)$")
]
"""An address, `owner/repository@version:path`, a path in this repository, or the facts it follows from."""


class Image(Config):
    """A container image that the server's makers publish. Deploy it by digest: a tag can be moved."""

    repository: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._/-]*[a-z0-9]$")]
    """Where it is, without tag: `tensorflow/serving`."""

    tags: dict[Accelerator, str] = Field(min_length=1)
    """For each accelerator a regular expression that a release's tag matches, and a moving tag (`latest`) does not."""


class Health(Config):
    """Where the server says, over HTTP, how it is. 200 is yes."""

    live: HttpPath | None = None
    """The process is up. None: not documented."""

    ready: HttpPath | None = None
    """The model is loaded and requests may come. None: not documented."""


class Metrics(Config):
    """Where the server shows its metrics to Prometheus."""

    path: HttpPath
    """Path of the page."""

    port: PortName
    """Which of the ports it is on."""

    needs: str | None = None
    """What must be set before it is there. None: it is there by default."""

    series: Series = Series()
    """What is on it. Left out: not documented, so nothing is asked of it."""


class Start(Config):
    """How the server is started. Words in braces are filled in: see `placeholders.PLACEHOLDERS`."""

    command: tuple[str, ...] = ()
    """Program and arguments, one string each. Left out: the image's own entrypoint."""

    arguments: tuple[str, ...] = ()
    """Arguments after the command or the image's own entrypoint."""

    label_option: str | None = None
    """Option before each `key=value` that is to stand in every log line. None: the server knows no such thing."""

    environment: dict[str, str] = Field(default_factory=dict)
    """Environment variables. No secrets: those are given by the target."""

    def texts(self) -> Iterator[str]:
        """Every string in which placeholders may stand."""
        yield from self.command
        yield from self.arguments
        yield from self.environment.values()


class Platform(Config):
    """A server that a platform brings along and starts itself: it is asked for by name there."""

    name: Literal["seldon-core-1", "seldon-core-2"]
    """The platform, which the user installs and licenses."""

    implementation: str
    """The name of the server there: `SKLEARN_SERVER`."""


class Runtime(Config):
    """One model server. A fact that is not documented is None, not guessed."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]
    """The name by which a service asks for it; of a shipped one, the name of its file."""

    title: str
    """What people call it."""

    image: Image | None = None
    """None: the user's own image is needed, or the platform brings it."""

    platform: Platform | None = None
    """None: it runs in any container."""

    protocols: tuple[Protocol, ...] = Field(min_length=1)
    """How it can be asked, the usual way first."""

    ports: dict[PortName, Port] = Field(default_factory=dict)
    """The ports it listens on by default, each another."""

    health: Health | None = None
    """None: not documented, or up to the user's code."""

    metrics: Metrics | None = None
    """None: not documented, or up to the user's code."""

    formats: tuple[Format, ...] = Field(min_length=1)
    """What it loads."""

    implementations: dict[Format, str] = Field(default_factory=dict)
    """Which class loads each format, where the server wants to be told."""

    accelerators: tuple[Accelerator, ...] = ()
    """What it is documented to compute on. Empty: up to the user's image, or not documented."""

    model_path: str | None = None
    """Where it expects the model in the container: `/mnt/models`, `/models/{name}`. None: where the command says."""

    container: Start | None = None
    """How it is started in a container. None: the image or the platform knows."""

    process: Start | None = None
    """How it is started as a plain process on a machine, without a container. None: it is not."""

    notes: tuple[str, ...] = ()
    """What surprises."""

    sources: dict[str, tuple[Source, ...]] = Field(default_factory=dict)
    """Where each fact is written, by field. Every shipped runtime has all of them; your own may leave them out."""

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        wrong = [*self._doubled(), *self._dangling(), *unknown(_texts(self))]
        if wrong:
            raise ValueError("; ".join(wrong))
        return self

    def _doubled(self) -> Iterator[str]:
        if len(set(self.ports.values())) < len(self.ports):
            yield "two ports have one number; give each its own"
        for field in ("protocols", "formats", "accelerators"):
            if len(set(getattr(self, field))) < len(getattr(self, field)):
                yield f"{field} names one twice; remove it"

    def _dangling(self) -> Iterator[str]:
        if self.metrics and self.metrics.port not in self.ports:
            yield f"metrics are on the port {self.metrics.port!r}, ports has {sorted(self.ports)}; add it"
        if extra := sorted(self.implementations.keys() - set(self.formats)):
            yield f"implementations has {', '.join(extra)}, which formats lacks; add or remove them"
        if strange := sorted(self.sources.keys() - set(type(self).model_fields)):
            yield f"sources has {', '.join(strange)}, which are no fields; rename them"
        if self.image and self.platform:
            yield "it has an image and a platform, which brings its own; remove one"


def _texts(runtime: Runtime) -> list[str]:
    texts = [text for start in (runtime.container, runtime.process) if start for text in start.texts()]
    return [*texts, runtime.model_path or ""]
