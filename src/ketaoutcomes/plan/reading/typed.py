"""A plan as people type it becomes the plan that its schema knows.

Closed values are read whatever their case, spaces, hyphens, underscores and brackets, and by the
names that other programs and guidelines give to exactly the same. One value stands for a list of
one, values between commas for a list of them, and "none" for an empty list. Keys are read whatever
their case and signs, those of earlier versions under their new names.
"""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from pydantic import BaseModel

from ketaoutcomes.plan.parts import INSTEAD, SYNONYMS, in_style
from ketaoutcomes.plan.reading.known_keys import alternatives, fits, schema_of, step_into
from ketaoutcomes.plan.reading.lists import (
    BETWEEN_VALUES,
    is_nothing,
    keys_of,
    names_in,
    numbers_in,
)
from ketaoutcomes.plan.reading.renamed import RENAMED_KEYS
from ketaoutcomes.plan.reading.source import Path, Position, YamlSource
from ketaoutcomes.spelling import bare, without_filling

Schema = dict[str, Any]
SCALARS: Final = frozenset({"string", "number", "integer", "boolean"})
BLOCKS: Final = frozenset({"object"})
SEVERAL: Final = 2
YES_AND_NO: Final = {
    **dict.fromkeys(("yes", "y", "true", "on"), True),
    **dict.fromkeys(("no", "n", "false", "off"), False),
}
"""What YAML of today reads as text where a plan says `true` or `false`."""


What = Literal["key", "value", "names", "values"]
"""What is written otherwise than plans write it."""


@dataclass(frozen=True)
class Renamed:
    """A key or a value of earlier versions that a plan still writes, or a text in place of a list.

    Attributes
    ----------
    place : Position
        Where it stands.
    old, new : str
        How it is written, and how plans write it.
    what : {"key", "value", "names", "values"}
        What it is; the last two are texts in place of a list of open names, or of values.
    """

    place: Position
    old: str
    new: str
    what: What


@dataclass(frozen=True)
class Typed:
    """A document in the words of its schema.

    Attributes
    ----------
    source : YamlSource
        Its data by their names of now, each in the position where the user wrote it.
    renamed : tuple of Renamed
        What is written in words of earlier versions.
    """

    source: YamlSource
    renamed: tuple[Renamed, ...]


def typed(source: YamlSource, model: type[BaseModel]) -> Typed:
    """A document as its schema knows it; what no schema knows stays for the schema to refuse."""
    reader = _Reader(schema_of(model).get("$defs", {}), frozenset(keys_of(source.data)))
    data = reader.read(source.data, [schema_of(model)], (), ())
    where = source.positions
    positions = {at: where[own] for at, own in reader.own.items() if own in where}
    read = replace(source, data=data, positions=positions, own=reader.own, instead=reader.instead)
    renamed = (
        Renamed(where[own], old, new, what)
        for own, old, new, what in reader.renamed
        if own in where
    )
    return Typed(read, tuple(renamed))


def restyled(content: dict[str, Any], model: type[BaseModel]) -> dict[str, Any]:
    """Content of a plan with its keys and closed values as plans write them now."""
    names = frozenset(keys_of(content))
    reader = _Reader(schema_of(model).get("$defs", {}), names, styles=True)
    made: dict[str, Any] = reader.read(content, [schema_of(model)], (), ())
    return made


@dataclass
class _Reader:
    """Walks a document and its schema together.

    Attributes
    ----------
    definitions : dict
        Parts of the schema that it refers to.
    names : collection of str
        Names that the document defines; one with a comma of its own is one name.
    styles : bool
        Whether values become those of a plan as it is written, in place of the program's.
    own : dict
        Path by the names of now -> path as the user wrote it.
    instead : dict
        Path of a value that the schema refuses -> what to do.
    renamed : list
        Path, old word and new word of what is written otherwise now, and what it is.
    """

    definitions: Schema
    names: Collection[str]
    styles: bool = False
    own: dict[Path, Path] = field(default_factory=dict)
    instead: dict[Path, str] = field(default_factory=dict)
    renamed: list[tuple[Path, str, str, What]] = field(default_factory=list)

    def read(self, node: Any, candidates: list[Schema], at: Path, own: Path) -> Any:
        """A part of the document under the schemas that it may be of."""
        self.own[at] = own
        choices = [leaf for one in candidates for leaf in alternatives(one, self.definitions)]
        items = self._further(choices, 0)
        if self._is_nothing(node, choices, items):
            return [] if items else {}
        if self._stands_alone(node, choices):
            several = self._items(node, items, own)
            return [self.read(x, items, (*at, i), own) for i, x in enumerate(several)]
        if isinstance(node, dict):
            return self._mapping(node, candidates, choices, at, own)
        if isinstance(node, list):
            return [self.read(x, items, (*at, i), (*own, i)) for i, x in enumerate(node)]
        return self._value(node, choices, at, own) if isinstance(node, str) else node

    def _stands_alone(self, node: Any, choices: list[Schema]) -> bool:
        """Whether one value is written where only a list of such is read."""
        if node is None or isinstance(node, list):
            return False
        kinds = BLOCKS if isinstance(node, dict) else SCALARS
        lists = [one for one in choices if "items" in one and one.get("minItems", 0) <= 1]
        items = (
            leaf for one in self._further(lists, 0) for leaf in alternatives(one, self.definitions)
        )
        taken = any(_takes(one, kinds) for one in choices)
        return not taken and any(_takes(one, kinds) for one in items)

    def _is_nothing(self, node: Any, choices: list[Schema], items: list[Schema]) -> bool:
        """Whether "none", alone or in a list, stands where a list may be empty."""
        alone = node[0] if isinstance(node, list) and len(node) == 1 else node
        leaves = [leaf for one in items for leaf in alternatives(one, self.definitions)]
        if not isinstance(alone, str) or alone in self.names:
            return False
        taken = any(_takes(one, SCALARS) for one in choices)
        return not taken and is_nothing(alone, choices, leaves)

    def _items(self, node: Any, items: list[Schema], own: Path) -> list[Any]:
        """The items of a list for which one value stands; a text may hold several."""
        leaves = [leaf for one in items for leaf in alternatives(one, self.definitions)]
        found: list[Any] = [node]
        what: What = "names" if any(map(_is_open, leaves)) else "values"
        if isinstance(node, str) and what == "names":
            found = names_in(node, leaves, self.names)
        elif isinstance(node, str) and _known_as(node, leaves) is None:
            found = numbers_in(node, leaves) or _several(node, leaves) or found
        if len(found) > 1:
            self.renamed.append((own, node, f"[{', '.join(map(str, found))}]", what))
        return found

    def _further(self, choices: list[Schema], step: str | int) -> list[Schema]:
        return [found for one in choices for found in step_into(one, step, self.definitions)]

    def _mapping(
        self,
        node: dict[str, Any],
        wrappers: list[Schema],
        choices: list[Schema],
        at: Path,
        own: Path,
    ) -> dict[str, Any]:
        """A block, of the member of a union that its tag says."""
        tags = self._tags(node, wrappers, choices, at, own)
        fitting = [one for one in choices if fits(one, node | tags)]
        keys = {key for one in fitting for key in one.get("properties", {})}
        made = {}
        for key, value in node.items():
            name = self._key(key, node, keys, fitting, (*own, key))
            if name in tags:
                self.own[(*at, name)] = (*own, key)
                made[name] = tags[name]
            else:
                further = self._further(fitting, name)
                made[name] = self.read(value, further, (*at, name), (*own, key))
        return made

    def _tags(
        self,
        node: dict[str, Any],
        wrappers: list[Schema],
        choices: list[Schema],
        at: Path,
        own: Path,
    ) -> dict[str, Any]:
        """The values that say which member of a union a block is: `model`, `kind`."""
        rules: dict[str, list[Schema]] = {}
        for one in choices:
            for key, rule in one.get("properties", {}).items():
                if "const" in rule:
                    rules.setdefault(key, []).append(rule)
        told = {k: words for one in wrappers for k, words in one.get(INSTEAD, {}).items()}
        found = {}
        for key, known in rules.items():
            if isinstance(node.get(key), str):
                extra: Schema = {INSTEAD: told.get(key, {}), "enum": []}
                found[key] = self._value(node[key], [*known, extra], (*at, key), (*own, key))
        return found

    def _key(
        self, key: str, node: dict[str, Any], keys: set[str], blocks: list[Schema], own: Path
    ) -> str:
        """A key by its name of now; one of a closed list in its spelling."""
        now = RENAMED_KEYS.get(key)
        if now in keys and key not in keys and now not in node:
            self.renamed.append((own, key, now, "key"))
            return now
        if key not in keys and len(alike := {one for one in keys if bare(one) == bare(key)}) == 1:
            (known,) = alike
            return key if known in node else known
        closed = [one["propertyNames"] for one in blocks if "enum" in one.get("propertyNames", {})]
        found = _known_as(key, closed) if closed else None
        return found if found is not None and found not in node else key

    def _value(self, node: str, choices: list[Schema], at: Path, own: Path) -> str | bool:
        """A value of a closed list in the program's spelling; any other as it stands."""
        if any(_is_open(one) for one in choices):
            return node
        if bare(node) in YES_AND_NO and any(one.get("type") == "boolean" for one in choices):
            return YES_AND_NO[bare(node)]
        found = _known_as(node, choices)
        if found is None:
            words = {bare(k): v for one in choices for k, v in one.get(INSTEAD, {}).items()}
            told = words.get(bare(node)) or words.get(without_filling(node))
            if told or (told := _one_of(_several(node, choices))):
                self.instead[at] = told
            return node
        if node == found != in_style(found):
            self.renamed.append((own, node, in_style(found), "value"))
        return in_style(found) if self.styles else found


def _known_as(name: str, choices: list[Schema]) -> str | None:
    """The value of closed lists that a name stands for; None if for none of them."""
    values = [value for one in choices for value in values_of(one)]
    if name in values:
        return name
    known = {bare(value): value for value in values}
    for one in choices:
        for value, others in one.get(SYNONYMS, {}).items():
            known |= {bare(other): value for other in others if value in values}
    return known.get(bare(name)) or known.get(without_filling(name)) if bare(name) else None


def _several(name: str, choices: list[Schema]) -> list[str]:
    """The values of a closed list that one text holds; none where it does not hold several."""
    parts = [part for part in BETWEEN_VALUES.split(name) if part.strip()]
    found = [_known_as(part, choices) for part in parts]
    if len(found) < SEVERAL or None in found:
        return []
    return [in_style(value) for value in found if value is not None]


def _one_of(values: list[str]) -> str:
    """What to do where several values stand in place of one; "" for none."""
    return f"write one alone, such as `{values[0]}`; no list is read here" if values else ""


def values_of(schema: Schema) -> tuple[str, ...]:
    """The texts of a closed list."""
    values = schema.get("enum", [schema["const"]] if "const" in schema else [])
    return tuple(value for value in values if isinstance(value, str))


def _is_open(schema: Schema) -> bool:
    """Whether any text may stand there."""
    if "enum" in schema or "const" in schema:
        return False
    return bool(schema.get("type", "string") == "string")


def _takes(schema: Schema, kinds: frozenset[str]) -> bool:
    """Whether a schema takes a node of any of these kinds as it is."""
    closed = "enum" in schema or "const" in schema
    return (closed and kinds == SCALARS) or str(schema.get("type", "object")) in kinds
