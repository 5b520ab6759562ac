"""Keys of a block that do not go together, each with the sentence that says so.

One declaration serves the reader of plans, which refuses such a block, and the JSON Schema, by
which an editor underlines it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, Protocol

from pydantic import BaseModel

NOTHING: Final[tuple[Any, ...]] = (None, {}, [])
"""What a key may hold and yet say nothing."""


class Written(Enum):
    """Whether a key is in its block, whatever it holds."""

    YES = True
    NO = False


class Combination(Protocol):
    """A rule on the keys of one block."""

    @property
    def words(self) -> str:
        """What is wrong and what to write, in a sentence."""
        ...

    def broken(self, part: BaseModel) -> bool:
        """Whether a block breaks the rule."""
        ...

    def schema(self, model: type[BaseModel]) -> dict[str, Any]:
        """The same rule in a JSON Schema: what must hold, and otherwise its words."""
        ...


@dataclass(frozen=True)
class ExactlyOne:
    """One of these keys must be written, and no other of them."""

    keys: tuple[str, ...]
    words: str

    def broken(self, part: BaseModel) -> bool:
        """Whether none or several are written."""
        return sum(_says_something(getattr(part, key)) for key in self.keys) != 1

    def schema(self, _model: type[BaseModel]) -> dict[str, Any]:
        """Exactly one of the keys."""
        first, *others = self.keys
        right = {"oneOf": [_written(key) for key in self.keys]}
        return _or_else(right, self.words, missing=(first,), too_many=tuple(others))


@dataclass(frozen=True)
class Never:
    """Keys that may not be so at the same time.

    Attributes
    ----------
    together : mapping of str to Written or tuple
        Key -> whether it is written, or the values that it has. The rule is broken where all of
        them apply.
    words : str
        What is wrong and what to write, in a sentence.
    """

    together: Mapping[str, Written | tuple[Any, ...]]
    words: str

    def broken(self, part: BaseModel) -> bool:
        """Whether all of the keys are so."""
        return all(_is_so(getattr(part, key), state) for key, state in self.together.items())

    def schema(self, model: type[BaseModel]) -> dict[str, Any]:
        """Not all of these."""
        states = {key: _state(key, state, model) for key, state in self.together.items()}
        right = {"not": {"allOf": list(states.values())}}
        missing = tuple(key for key, state in self.together.items() if state is Written.NO)
        written = [key for key, state in states.items() if "required" in state]
        return _or_else(right, self.words, missing, () if missing else tuple(written[-1:]))


def rules_in_schema(rules: tuple[Combination, ...], model: type[BaseModel]) -> list[dict[str, Any]]:
    """The rules of a block for its JSON Schema, each with the message that an editor shows."""
    return [rule.schema(model) for rule in rules]


def _or_else(
    right: dict[str, Any], words: str, missing: tuple[str, ...], too_many: tuple[str, ...]
) -> dict[str, Any]:
    """What must hold, and otherwise a sentence at the keys that are missing or too many.

    Editors show a message of one's own for a key that is required or refused, and at that key; of
    a whole condition that fails they say that it fails.
    """
    refused = {"required": list(missing), "properties": dict.fromkeys(too_many, False)}
    said = {key: rule for key, rule in refused.items() if rule}
    return {"if": right, "else": {"errorMessage": words, **said}}


def _says_something(value: object) -> bool:
    return value is not None and value not in ({}, ())


def _is_so(value: object, state: Written | tuple[Any, ...]) -> bool:
    if isinstance(state, Written):
        return _says_something(value) is state.value
    return value in state


def _written(key: str) -> dict[str, Any]:
    return {"required": [key], "properties": {key: {"not": {"enum": list(NOTHING)}}}}


def _state(key: str, state: Written | tuple[Any, ...], model: type[BaseModel]) -> dict[str, Any]:
    if isinstance(state, Written):
        return _written(key) if state.value else {"not": _written(key)}
    has = {"properties": {key: {"enum": list(state)}}}
    by_default = model.model_fields[key].default in state
    return has if by_default else {"required": [key], **has}
