"""A name in a plan that points at nothing."""

from collections.abc import Iterator
from dataclasses import dataclass

from ketaoutcomes.plan.reading.source import Path


@dataclass(frozen=True)
class Dangling:
    """A name, where it stands, and what could stand there."""

    path: Path
    name: str
    expected: str
    found: str
    choices: tuple[str, ...] = ()
    remedy: str = ""


def named(path: Path, name: str, kind: str, choices: tuple[str, ...]) -> Iterator[Dangling]:
    """A fault if a name is none of the choices."""
    if name not in choices:
        yield Dangling(path, name, f"{kind} that the plan defines", f"`{name}`", choices)
