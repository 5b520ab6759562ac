"""YAML text becomes plain data with the line and column of every key."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from math import inf, isfinite
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import CollectionStartEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from ketaoutcomes.errors import PlanError, Problem
from ketaoutcomes.plan.reading.syntax import syntax_problem

Path = tuple[str | int, ...]

MOST_NODES = 100_000
"""A few aliases within aliases can stand for more than any memory holds."""

DEEPEST = 50
"""Blocks within blocks; no plan needs ten."""
MOST_SHOWN = 40
LARGEST = 2**53
"""Whole numbers beyond it are not exact as floating-point numbers."""

MERGE = "tag:yaml.org,2002:merge"
"""The key `<<`, which takes over the keys of another mapping."""


@dataclass(frozen=True)
class Position:
    """Line and column, counted from 1."""

    line: int
    column: int


@dataclass(frozen=True)
class YamlSource:
    """A YAML document.

    Attributes
    ----------
    data : object
        Mappings, lists and scalars (YAML 1.2: `no` and `on` are words).
    positions : dict
        Where the key or item of each path stands.
    duplicates : tuple of Path
        Keys written twice in one mapping; the first one is in `data`.
    own : dict
        Path of a part -> path as the user wrote it, where it was read under names of now.
    instead : dict
        Path of a value that is none of its closed list, but known elsewhere -> what to do.
    """

    data: Any
    positions: dict[Path, Position]
    duplicates: tuple[tuple[Path, Position], ...]
    own: dict[Path, Path] = field(default_factory=dict)
    instead: dict[Path, str] = field(default_factory=dict)

    def named(self, path: Path) -> str:
        """A path in the user's own words."""
        return ".".join(map(str, self.own.get(path, path)))


class _TooDeepError(MarkedYAMLError):  # type: ignore[misc]
    """Blocks within blocks that would exhaust the parser; the mark is where they are too many."""


class _ShallowComposer(Composer):  # type: ignore[misc]
    """Composes nodes as usual, but does not follow blocks within blocks without end."""

    blocks = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        self.blocks += 1
        # a scalar at the greatest depth is no further block
        if self.blocks > DEEPEST and self.parser.check_event(CollectionStartEvent):
            raise _TooDeepError(problem_mark=self.parser.peek_event().start_mark)
        node = super().compose_node(parent, index)
        self.blocks -= 1
        return node


class _ShallowYaml(YAML):  # type: ignore[misc]
    """YAML by the parser written in Python, of a bounded depth."""

    def __init__(self, *, typ: str, pure: bool) -> None:
        super().__init__(typ=typ, pure=pure)
        self.Composer = _ShallowComposer


def read_yaml(text: str, file_name: str) -> YamlSource:
    """Parse YAML 1.2 text.

    Parameters
    ----------
    ours : bool
        A file of the package, of which nobody fears that its depth exhausts the parser.

    Raises
    ------
    PlanError
        If the text is not YAML, with the line and column of the fault.
    """
    yaml = _ShallowYaml(typ="safe", pure=True)
    try:
        root = yaml.compose(text)
    except _TooDeepError as error:
        raise PlanError(f"cannot read {file_name}", (_too_deep(error, file_name),)) from None
    except YAMLError as error:
        raise PlanError(f"cannot read {file_name}", (syntax_problem(error, file_name),)) from None
    if root is None:
        problem = Problem(
            f"{file_name}:1:1",
            "an analysis plan",
            "an empty file",
            "start from analyses/trd.yaml",
        )
        raise PlanError(f"cannot read {file_name}", (problem,))
    if _size(root, {}) > MOST_NODES:
        raise PlanError(f"cannot read {file_name}", (_too_large(file_name),))
    positions: dict[Path, Position] = {}
    duplicates: list[tuple[Path, Position]] = []
    unreadable = tuple(_unreadable(root, yaml, file_name, set()))
    if unreadable:
        raise PlanError(f"cannot read {file_name}", unreadable)
    data = _plain(root, (), yaml, positions, duplicates)
    return YamlSource(data, positions, tuple(duplicates))


def _too_deep(error: _TooDeepError, file_name: str) -> Problem:
    mark = error.problem_mark
    return Problem(
        f"{file_name}:{mark.line + 1}:{mark.column + 1}",
        f"at most {DEEPEST} lists and mappings within each other",
        "more",
        "close the brackets, or correct the indentation",
    )


def _unreadable(node: Node, yaml: YAML, file_name: str, seen: set[int]) -> Iterator[Problem]:
    """Scalars that are not what their tag says, and numbers that no computer holds."""
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, ScalarNode):
        yield from _unreadable_scalar(node, yaml, file_name)
        return
    for part in chain(*node.value) if isinstance(node, MappingNode) else node.value:
        yield from _unreadable(part, yaml, file_name, seen)


def _unreadable_scalar(node: ScalarNode, yaml: YAML, file_name: str) -> Iterator[Problem]:
    at = _position(node)
    place, written = f"{file_name}:{at.line}:{at.column}", f"`{str(node.value)[:MOST_SHOWN]}`"
    if node.tag == MERGE:
        return
    try:
        value = yaml.constructor.construct_object(node, deep=True)
    except (YAMLError, ValueError, ArithmeticError, LookupError, TypeError):
        kind = str(node.tag).rpartition(":")[2]
        yield Problem(
            place,
            f"a value that can be read as `{kind}`",
            written,
            "take out the tag (`!...`), or write a value of that kind, for example `7`",
        )
        return
    if isinstance(value, int | float) and not abs(value) <= LARGEST and not _is_far(value):
        yield Problem(
            place, "a finite number of a usual size", written, "write a number such as 28 or 0.5"
        )


def _is_far(value: float) -> bool:
    """Whether a floating-point number is large but finite, as a bound may be."""
    return isinstance(value, float) and isfinite(value)


def _size(node: Node, known: dict[int, float]) -> float:
    """Number of nodes with every alias written out; infinite where one holds itself."""
    if isinstance(node, ScalarNode):
        return 1
    if id(node) not in known:
        known[id(node)] = inf
        parts = chain(*node.value) if isinstance(node, MappingNode) else node.value
        known[id(node)] = 1 + sum(_size(part, known) for part in parts)
    return known[id(node)]


def _too_large(file_name: str) -> Problem:
    return Problem(
        f"{file_name}:1:1",
        f"a plan of at most {MOST_NODES:,} keys and values",
        "more, once its aliases (`*name`) are written out",
        "write fewer aliases within aliases",
    )


def _plain(
    node: Node,
    path: Path,
    yaml: YAML,
    positions: dict[Path, Position],
    duplicates: list[tuple[Path, Position]],
) -> Any:
    """Plain data of a node; fills in positions and duplicates on the way."""
    positions.setdefault(path, _position(node))
    if isinstance(node, MappingNode):
        return _mapping(node, path, yaml, positions, duplicates)
    if isinstance(node, SequenceNode):
        return [
            _plain(item, (*path, index), yaml, positions, duplicates)
            for index, item in enumerate(node.value)
        ]
    return yaml.constructor.construct_object(node, deep=True)


def _mapping(
    node: MappingNode,
    path: Path,
    yaml: YAML,
    positions: dict[Path, Position],
    duplicates: list[tuple[Path, Position]],
) -> dict[str, Any]:
    """A mapping with the keys that it takes over from others by `<<`; its own come first."""
    mapping: dict[str, Any] = {}
    taken: list[MappingNode] = []
    for key_node, value_node in node.value:
        merged = _merged(key_node, value_node)
        if merged:
            taken += merged
            continue
        key = _key(key_node, yaml)
        key_path = (*path, key)
        if key in mapping:
            duplicates.append((key_path, _position(key_node)))
            continue
        positions[key_path] = _position(key_node)
        mapping[key] = _plain(value_node, key_path, yaml, positions, duplicates)
    for other in taken:
        there: dict[Path, Position] = {}
        for key, value in _mapping(other, path, yaml, there, []).items():
            mapping.setdefault(key, value)
        for key_path, position in there.items():
            positions.setdefault(key_path, position)
    return mapping


def _merged(key: Node, value: Node) -> list[MappingNode]:
    """The mappings that a key `<<` takes over; none if it is another key or they are not."""
    if key.tag != MERGE:
        return []
    parts = value.value if isinstance(value, SequenceNode) else [value]
    return parts if all(isinstance(part, MappingNode) for part in parts) else []


def _key(node: Node, yaml: YAML) -> str:
    if node.tag == MERGE:
        return str(node.value)
    key = yaml.constructor.construct_object(node, deep=True)
    if isinstance(key, str):
        return key
    return str(node.value) if isinstance(node, ScalarNode) else repr(key)


def _position(node: Node) -> Position:
    return Position(node.start_mark.line + 1, node.start_mark.column + 1)
