"""YAML text becomes plain data with the line and column of every key."""

from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from ketaoutcomes.errors import PlanError, Problem

Path = tuple[str | int, ...]


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
    """

    data: Any
    positions: dict[Path, Position]
    duplicates: tuple[tuple[Path, Position], ...]


def read_yaml(text: str, file_name: str) -> YamlSource:
    """Parse YAML 1.2 text.

    Raises
    ------
    PlanError
        If the text is not YAML, with the line and column of the fault.
    """
    yaml = YAML(typ="safe", pure=True)
    try:
        root = yaml.compose(text)
    except MarkedYAMLError as error:
        raise PlanError(f"cannot read {file_name}", (_syntax_problem(error, file_name),)) from None
    if root is None:
        problem = Problem(
            f"{file_name}:1:1",
            "an analysis plan",
            "an empty file",
            "start from analyses/trd.yaml",
        )
        raise PlanError(f"cannot read {file_name}", (problem,))
    positions: dict[Path, Position] = {}
    duplicates: list[tuple[Path, Position]] = []
    data = _plain(root, (), yaml, positions, duplicates)
    return YamlSource(data, positions, tuple(duplicates))


def _syntax_problem(error: MarkedYAMLError, file_name: str) -> Problem:
    """Say where the text stops being YAML."""
    mark = error.problem_mark or error.context_mark
    place = f"{file_name}:{mark.line + 1}:{mark.column + 1}" if mark else file_name
    return Problem(
        place,
        "YAML",
        str(error.problem or error.context),
        "mend the indentation, colon, bracket or quote at or just before this place",
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
        mapping: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            key = yaml.constructor.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                key = str(key_node.value) if isinstance(key_node, ScalarNode) else repr(key)
            key_path = (*path, key)
            if key in mapping:
                duplicates.append((key_path, _position(key_node)))
                continue
            positions[key_path] = _position(key_node)
            mapping[key] = _plain(value_node, key_path, yaml, positions, duplicates)
        return mapping
    if isinstance(node, SequenceNode):
        return [
            _plain(item, (*path, index), yaml, positions, duplicates)
            for index, item in enumerate(node.value)
        ]
    return yaml.constructor.construct_object(node, deep=True)


def _position(node: Node) -> Position:
    return Position(node.start_mark.line + 1, node.start_mark.column + 1)
