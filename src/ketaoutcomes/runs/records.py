"""Records of fitted models as JSON and back, so that a report can be rendered without the data."""

import json
import math
from dataclasses import fields, is_dataclass
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import numpy as np

from ketaoutcomes.families.fitted import ModelRecord
from ketaoutcomes.families.registry import families


def records_bytes(records: tuple[ModelRecord, ...]) -> bytes:
    """Records as JSON, one a line; numbers read back the same."""
    lines = [json.dumps([type(record).__name__, _plain(record)]) for record in records]
    return ("[" + ",\n".join(lines) + "]\n").encode()


def read_records(content: bytes) -> tuple[ModelRecord, ...]:
    """The records that `records_bytes` wrote.

    Raises
    ------
    ValueError
        If the text is not that of records.
    """
    kinds = {kind.__name__: kind for family in families() for kind in family.records}
    try:
        return tuple(_typed(kinds[name], values) for name, values in json.loads(content))
    except (KeyError, TypeError) as error:
        raise ValueError(f"not records of models: {error}") from None


def _plain(value: Any) -> Any:
    """What JSON can hold; a number that is not finite becomes a word."""
    if (
        isinstance(value, np.ndarray)
        and np.isdtype(value.dtype, "numeric")
        and np.isfinite(value).all()
    ):
        return value.tolist()
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    odd = isinstance(value, float) and not math.isfinite(value)
    return str(value) if odd else value


def _typed(hint: Any, value: Any) -> Any:
    """A value of JSON as the type that a field asks for."""
    origin, arguments = get_origin(hint), get_args(hint)
    if isinstance(hint, type) and is_dataclass(hint):
        hints = get_type_hints(hint)
        return hint(**{name: _typed(hints[name], item) for name, item in value.items()})
    if origin in (Union, UnionType):
        return _typed_union(arguments, value)
    if origin is np.ndarray:
        return np.array(value, dtype=get_args(arguments[1])[0])
    if origin is dict:
        return {key: _typed(arguments[1], item) for key, item in value.items()}
    if origin is tuple:
        kinds = arguments[:1] * len(value) if arguments[-1] is Ellipsis else arguments
        return tuple(_typed(kind, item) for kind, item in zip(kinds, value, strict=True))
    return float(value) if hint is float else value


def _typed_union(arguments: tuple[Any, ...], value: Any) -> Any:
    """None, or the one kind beside it."""
    if value is None:
        return None
    kind, *others = [argument for argument in arguments if argument is not type(None)]
    return value if others else _typed(kind, value)
