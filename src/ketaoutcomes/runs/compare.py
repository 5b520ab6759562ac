"""Two runs are compared, result by result."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields

from ketaoutcomes.results import Result, ResultTable


@dataclass(frozen=True)
class Tolerance:
    """How far two numbers may be apart and count as the same, as in `math.isclose`."""

    relative: float = 0.0
    absolute: float = 0.0

    def same(self, one: object, other: object) -> bool:
        """Whether two values of a result are the same."""
        if isinstance(one, int | float) and isinstance(other, int | float):
            return math.isclose(one, other, rel_tol=self.relative, abs_tol=self.absolute)
        return one == other


@dataclass(frozen=True)
class Change:
    """A value that is not the same in two runs."""

    id: str
    column: str
    before: object
    after: object

    def __str__(self) -> str:
        words = f"{self.id}: {self.column} {_written(self.before)} -> {_written(self.after)}"
        if isinstance(self.before, float | int) and isinstance(self.after, float | int):
            words += f" (by {self.after - self.before:+.6g})"
        return words


@dataclass(frozen=True)
class Difference:
    """What differs between two results tables, in the order of their rows."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[Change, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


def difference(before: ResultTable, after: ResultTable, tolerance: Tolerance) -> Difference:
    """What came, what went and what changed from one table to the other."""
    old = {row.id: row for row in before.rows}
    new = {row.id: row for row in after.rows}
    return Difference(
        added=tuple(name for name in new if name not in old),
        removed=tuple(name for name in old if name not in new),
        changed=tuple(
            change
            for name, row in old.items()
            if name in new
            for change in _changes(name, row, new[name], tolerance)
        ),
    )


def _changes(name: str, before: Result, after: Result, tolerance: Tolerance) -> Iterator[Change]:
    for field in fields(Result):
        one, other = getattr(before, field.name), getattr(after, field.name)
        if not tolerance.same(one, other):
            yield Change(name, field.name, one, other)


def _written(value: object) -> str:
    if value is None:
        return "none"
    return f"{value:.12g}" if isinstance(value, float) else repr(value)
