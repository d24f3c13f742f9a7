"""JSON documents of which parts are unknown: a policy that names a key still to be made still says what it allows.

To the SDK a document with one unknown part is unknown as a whole, as it is in a preview: nothing that the program
computes from it runs. Only where it is handed to a resource does the plan get the text, with unknowns in their places.
"""

import json
from collections.abc import Mapping
from typing import Any

import pulumi.runtime.rpc
from pulumi.output import Output, _OutputData

from modelberth_policies.sources.values import UNKNOWN_TEXT


class Document(Output[str]):
    """A text from `Output.json_dumps`, and beside it the text as far as it is known."""

    _data: Any
    _known_parts: Output[str]


def keep_documents() -> None:
    """From here on, for the rest of this process."""
    exact: Any = Output.json_dumps
    serialize: Any = pulumi.runtime.rpc.serialize_property

    def json_dumps(obj: Any, **options: Any) -> Output[str]:
        whole = exact(obj, **options)
        document: Document = object.__new__(Document)
        document._data = whole._data
        document._known_parts = Output._from_data(_text(obj, whole, options))
        return document

    async def serialize_property(value: Any, *rest: Any, **named: Any) -> Any:
        inner = value._known_parts if isinstance(value, Document) else value
        return await serialize(inner, *rest, **named)

    Output.json_dumps = staticmethod(json_dumps)  # pyright: ignore
    pulumi.runtime.rpc.serialize_property = serialize_property


async def _text(obj: Any, whole: Output[str], options: Mapping[str, Any]) -> "_OutputData[str]":
    data = await whole._data
    if data.is_known:
        return data
    found = _Found()
    text = json.dumps(await found.plain(obj), **options)
    return _OutputData(
        resources={*data.resources, *found.resources},
        value=text,
        is_known=True,
        is_secret=data.is_secret or found.secret,
    )


class _Found:
    """Opens every Output in a value, and keeps what they depend on."""

    def __init__(self) -> None:
        self.resources: set[Any] = set()
        self.secret = False

    async def plain(self, value: Any) -> Any:
        if isinstance(value, Output):
            data = await value._data
            self.resources |= data.resources
            self.secret = self.secret or data.is_secret
            return await self.plain(data.value) if data.is_known else UNKNOWN_TEXT
        if isinstance(value, Mapping):
            return {key: await self.plain(item) for key, item in value.items()}
        return [await self.plain(item) for item in value] if isinstance(value, list | tuple) else value
