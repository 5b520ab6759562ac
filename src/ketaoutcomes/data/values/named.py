"""Values of a file that the plan names under `where` and `labels`, held against the file itself."""

from collections.abc import Iterator
from typing import Final

import pandas as pd

from ketaoutcomes.data.fields import columns_of_role
from ketaoutcomes.data.findings import listed
from ketaoutcomes.data.mapping import NUMBER
from ketaoutcomes.data.readers.raw import RawTable
from ketaoutcomes.errors import Problem
from ketaoutcomes.plan.data import DataBlock
from ketaoutcomes.plan.files import FileRole
from ketaoutcomes.remarks import Remark
from ketaoutcomes.spelling import likely_name, near_name

Raws = dict[FileRole, RawTable]
OPEN_FIELDS: Final = ("event", "reason")
"""Fields of which the plan has no closed list, so that the contract cannot refuse what is left
unmapped; of the others a list of codes may hold more than these data do."""


def value_findings(raws: Raws, data: DataBlock) -> tuple[tuple[Problem, ...], tuple[Remark, ...]]:
    """Values that the files spell otherwise, and those that no row has."""
    found = [*_kept_values(raws, data), *_labels(raws, data)]
    problems = tuple(item for item in found if isinstance(item, Problem))
    return problems, tuple(item for item in found if isinstance(item, Remark))


def _kept_values(raws: Raws, data: DataBlock) -> Iterator[Problem | Remark]:
    for role, wanted in data.where.items():
        raw = raws.get(role)
        for name, values in wanted.items() if raw is not None else ():
            column = raw.find(name) if raw is not None else None
            if raw is None or column is None:
                continue  # the contract says that there is no such column
            there = _values(raw.frame[column])
            lacking = [value for value in values if value and value not in there]
            for value in lacking:
                yield from _kept_value(raw, role, column, value, there - set(values))


def _kept_value(
    raw: RawTable, role: FileRole, column: str, value: str, others: set[str]
) -> Iterator[Problem | Remark]:
    near = _same_number(value, others) or near_name(value, others)
    if near:
        yield Problem(
            f"the plan, data.where.{role}.{column}",
            f"a value of column `{column}` of {raw.name}",
            f"`{value}`, which no row has",
            f"did you mean `{near}`? Write it so, in quotes",
        )
        return
    likely = likely_name(value, others)
    yield Remark(
        f"No row has `{value}`, which `where` asks for",
        where=f"`data.where.{role}`, column `{column}`",
        remedy=f"If `{likely}` is meant, write it so" if likely else "",
    )


def _same_number(value: str, others: set[str]) -> str:
    """Another way in which the file writes the same number, as 1.0 or 01."""
    if not NUMBER.fullmatch(value):
        return ""
    numbers = (other for other in sorted(others) if NUMBER.fullmatch(other))
    return next((other for other in numbers if float(other) == float(value)), "")


def _labels(raws: Raws, data: DataBlock) -> Iterator[Problem | Remark]:
    for field in OPEN_FIELDS:
        mapping: dict[str, str] = getattr(data.labels, field)
        if not mapping:
            continue
        there: set[str] = set()
        for role, raw in raws.items():
            for name in columns_of_role(data, role).get(field, ()):
                column = raw.find(name)
                there |= _values(raw.frame[column]) if column is not None else set()
        lacking = [label for label in mapping if label not in there]
        if lacking and there:
            yield from _lacking_labels(field, lacking, there - set(mapping), mapping)


def _lacking_labels(
    field: str, lacking: list[str], others: set[str], mapping: dict[str, str]
) -> Iterator[Problem | Remark]:
    """Labels that no row has: a fault where the data spell one otherwise."""
    near = {label: near_name(label, others - set(mapping.values())) for label in lacking}
    for label, other in near.items():
        if other:
            yield Problem(
                f"the plan, data.labels.{field}.{label}",
                f"a label of the data, in the column of `{field}`",
                f"`{label}`, which no row has",
                f"did you mean `{other}`? Write it so",
            )
    rest = [label for label in lacking if not near[label]]
    if rest:
        yield Remark(f"No row has {listed(rest)}, which `data.labels.{field}` maps")


def _values(column: pd.Series) -> set[str]:
    return set(column.dropna().unique())
