"""The base of every configuration model, and `In[T]`: a plain value or a Pulumi Output of it.

A plain value is validated at once. An Output is validated when it resolves, and an error then names the path of the
field; in a preview, where it is still unknown, the check waits.
"""

import inspect
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Generic, Self, TypeVar

import pulumi
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
)
from pydantic_core import core_schema

from modelberth.core.errors import ConfigError, faults_of

T = TypeVar("T")


class Config(BaseModel):
    """A frozen model that refuses unknown fields and never repeats a text in an error."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
        arbitrary_types_allowed=True,
    )

    @classmethod
    def parse(cls, value: Self | Mapping[str, Any], path: str = "", source: str = "configuration") -> Self:
        """The model of a plain mapping, or the model itself.

        `path` stands before each field in an error (`services.iris`), `source` at its head (the file).
        Raises `ConfigError` with all faults.
        """
        if isinstance(value, cls):
            return value
        try:
            return cls.model_validate(value, context=_places(value, path))
        except ValidationError as error:
            raise ConfigError(faults_of(error, path, cls), source) from None


def one_of(default: type[Config], **told_by: type[Config]) -> BeforeValidator:
    """A mapping becomes the model that one of its keys tells, so that its faults are those of this model alone."""

    def chosen(value: Any, info: ValidationInfo) -> Any:
        if not isinstance(value, Mapping):
            return value
        field = info.field_name or ""
        model = next((model for key, model in told_by.items() if key in value), default)
        try:
            return model.parse(value, field)
        except ConfigError as error:
            inner = [replace(one, path=one.path.removeprefix(field).removeprefix(".")) for one in error.faults]
            raise ValueError("; ".join(map(str, inner))) from None

    return BeforeValidator(chosen)


C = TypeVar("C", bound=Config)


def parse_under(model: type[C], field: str, value: Mapping[str, Any], source: str) -> C:
    """A model of one field, from a file that holds only what is in that field: its name is in no error's path."""
    try:
        return model.parse({field: value}, source=source)
    except ConfigError as error:
        faults = [replace(fault, path=fault.path.removeprefix(f"{field}.")) for fault in error.faults]
        raise ConfigError(faults, source) from None


def _places(value: object, path: str) -> dict[tuple[int, str], str]:
    """Where each Output of a configuration stands, by its own id and its field's name, for an error that comes late."""
    if is_output(value):
        return {(id(value), path.rpartition(".")[2]): path}
    if isinstance(value, Mapping):
        parts: list[tuple[object, object]] = list(value.items())
    elif isinstance(value, list | tuple):
        parts = list(enumerate(value))
    else:
        return {}
    found = (_places(item, f"{path}.{key}" if path else str(key)) for key, item in parts)
    return {place: where for places in found for place, where in places.items()}


def _place_of(value: object, field: str, places: Mapping[tuple[int, str], str]) -> str:
    """The path of an Output; in a mapping or a list its last part is not the field's name."""
    elsewhere = (path for (known, _), path in places.items() if known == id(value))
    return places.get((id(value), field)) or next(elsewhere, field)


def is_output(value: object) -> bool:
    """True for what resolves later: a Pulumi Output or an awaitable."""
    return isinstance(value, pulumi.Output) or inspect.isawaitable(value)


class _Input:
    """The validation of `In[T]`, built from T itself: pydantic hands it over without its constraints."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        adapter = TypeAdapter(self.inner)

        def validate(value: Any, plain: core_schema.ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
            if not is_output(value):
                return plain(value)
            name = info.field_name or ""
            field = _place_of(value, name, info.context or {})
            return pulumi.Output.from_input(value).apply(lambda resolved: _validate_late(adapter, resolved, field))

        return core_schema.with_info_wrap_validator_function(validate, handler.generate_schema(self.inner))


def _validate_late(adapter: TypeAdapter[Any], value: object, field: str) -> object:
    try:
        return adapter.validate_python(value)
    except ValidationError as error:
        # What resolves late may be a secret number: it is not repeated.
        raise ConfigError(faults_of(error, field, repeat=False)) from None


if TYPE_CHECKING:
    In = pulumi.Input
else:

    class In(Generic[T]):
        """`In[T]`: a T, or an Output that resolves to one. Type checkers see `pulumi.Input[T]`."""

        def __class_getitem__(cls, inner: Any) -> Any:
            return Annotated[Any, _Input(inner)]
