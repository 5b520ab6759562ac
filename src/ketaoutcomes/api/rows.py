"""Pieces of data become complete rows, and a first reading of what they hold.

The first reading (`Census`) finds what every piece of a large dataset must know of the whole: the
levels of factors, and what covariates are on average. Readings of parts add up.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from ketaoutcomes.api.formula import Computed, ModelFormula, computed_by
from ketaoutcomes.errors import DataError, ModelError, did_you_mean
from ketaoutcomes.families.shared.partitions import RowLayout, Spread

Level = Any
MOST_NAMED = 10
NUMBERS = re.compile(r"(\d+)")


@dataclass(frozen=True)
class Wanted:
    """What a model needs of the data.

    Attributes
    ----------
    group : str or None
        Column whose levels have a covariance matrix each.
    weights : str or None
    coordinates : tuple of str
    """

    formula: ModelFormula
    subject: str
    visit: str
    group: str | None = None
    weights: str | None = None
    coordinates: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the data, each once."""
        given = (self.subject, self.visit, self.group, self.weights, *self.coordinates)
        named = (*self.formula.columns, *(name for name in given if name is not None))
        return tuple(dict.fromkeys(named))

    @property
    def outcome_columns(self) -> tuple[str, ...]:
        """The columns that the outcome is or is computed from."""
        return self.formula.columns_of(self.formula.outcome)

    @property
    def numbers(self) -> tuple[str, ...]:
        """Columns that must hold numbers."""
        weights = () if self.weights is None else (self.weights,)
        return (*self.outcome_columns, *weights, *self.coordinates)

    @property
    def always_factors(self) -> frozenset[str]:
        """Variables that are factors whatever their values."""
        given = {self.visit} if self.group is None else {self.visit, self.group}
        return self.formula.as_factors | given

    def check(self, columns: Iterable[Any]) -> None:
        """Refuse data that lack a column or have one twice.

        Raises
        ------
        DataError
            With the names.
        """
        known = [str(column) for column in columns]
        missing = [name for name in self.columns if name not in known]
        if missing:
            hints = [
                f"`{name}` ({hint})" if hint else f"`{name}`"
                for name in missing
                for hint in [did_you_mean(name, known)]
            ]
            what = "no column" if len(missing) == 1 else "no columns"
            raise DataError(f"the data have {what} {', '.join(hints)}")
        twice = [name for name in self.columns if known.count(name) > 1]
        if twice:
            raise DataError(f"the data have more than one column `{twice[0]}`")


@dataclass(frozen=True)
class Missing:
    """Rows that cannot be used.

    Attributes
    ----------
    outcome : int
        Rows without an outcome.
    others : Counter
        Rows with an outcome that lack each other column.
    rows : int
        Rows with an outcome that lack some other column.
    """

    outcome: int
    others: Counter[str]
    rows: int

    def __add__(self, other: "Missing") -> "Missing":
        return Missing(
            self.outcome + other.outcome, self.others + other.others, self.rows + other.rows
        )


def complete_rows(frame: pd.DataFrame, wanted: Wanted) -> tuple[pd.DataFrame, Missing]:
    """The rows that have all that the model needs, in plain types.

    Raises
    ------
    DataError
        If a column that must hold numbers does not, or a number is not finite.
    """
    lacks_outcome = frame[list(wanted.outcome_columns)].isna().any(axis=1)
    others = [name for name in wanted.columns if name not in wanted.outcome_columns]
    lacking = frame.loc[~lacks_outcome, others].isna()
    missing = Missing(
        int(lacks_outcome.sum()),
        Counter({str(k): int(n) for k, n in lacking.sum().items() if n}),
        int(lacking.any(axis=1).sum()),
    )
    usable = frame.loc[~lacks_outcome & ~frame[others].isna().any(axis=1), list(wanted.columns)]
    rows = usable.apply(plain)
    _check_numbers(rows, wanted)
    return rows, missing


def plain(values: pd.Series) -> pd.Series:
    """Numbers as floats or integers of numpy, dates as they are, the rest as Python objects."""
    if pd.api.types.is_bool_dtype(values) or isinstance(values.dtype, pd.CategoricalDtype):
        return values.astype(object)
    if pd.api.types.is_numeric_dtype(values):
        whole = pd.api.types.is_integer_dtype(values)
        return values.astype("int64" if whole else "float64")
    if values.dtype == object and len(values):
        if isinstance(values.iloc[0], Decimal):
            return values.astype(float)
        return values.infer_objects()
    return values if pd.api.types.is_datetime64_any_dtype(values) else values.astype(object)


def _check_numbers(frame: pd.DataFrame, wanted: Wanted) -> None:
    for name in frame:
        numeric = is_numeric(frame[name])
        if not numeric and name in wanted.numbers and len(frame):
            raise DataError(f"the column `{name}` must hold numbers; it has {_shown(frame[name])}")
        if numeric and not np.isfinite(frame[name].to_numpy(dtype=float)).all():
            raise DataError(f"the column `{name}` has an infinite value; leave it empty if unknown")


def _shown(values: pd.Series) -> str:
    return ", ".join(repr(value) for value in values.unique()[:3])


def is_numeric(values: pd.Series) -> bool:
    """Whether a plain column holds numbers; truth values are levels."""
    return bool(pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values))


@dataclass(frozen=True)
class Census:
    """What some rows hold.

    Attributes
    ----------
    n_read, n : int
        Rows read, and complete rows.
    missing : Missing
    factors : tuple of str
        Variables with levels; the visit and the covariance group are among them.
    cells : Counter
        Complete rows of each combination of their levels.
    numeric : mapping
        The other variables of the formula.
    computed : mapping
        How each expression of the formula is computed.
    """

    n_read: int
    n: int
    missing: Missing
    factors: tuple[str, ...]
    cells: Counter[tuple[Level, ...]]
    numeric: Mapping[str, Spread]
    computed: Mapping[str, Computed]

    def __add__(self, other: "Census") -> "Census":
        if not (self.n and other.n):
            more, less = (self, other) if self.n else (other, self)
            return Census(
                self.n_read + other.n_read,
                more.n,
                more.missing + less.missing,
                more.factors,
                more.cells,
                more.numeric,
                more.computed,
            )
        if self.factors != other.factors:
            name = next(iter(set(self.factors) ^ set(other.factors)))
            raise DataError(f"the column `{name}` holds numbers in some parts and text in others")
        state = next((name for name, how in self.computed.items() if how.has_state), None)
        if state is not None:
            raise ModelError(
                f"`{state}` in the formula needs all rows at once, and the data are read in parts; "
                "add it to the data as a column"
            )
        return Census(
            self.n_read + other.n_read,
            self.n + other.n,
            self.missing + other.missing,
            self.factors,
            self.cells + other.cells,
            {name: self.numeric[name] + other.numeric[name] for name in self.numeric},
            self.computed,
        )

    @cached_property
    def levels(self) -> Mapping[str, list[Level]]:
        """The values of each factor that some complete row has."""
        columns = zip(*self.cells, strict=True)
        return dict(zip(self.factors, (list(dict.fromkeys(c)) for c in columns), strict=True))


def census_of(frame: pd.DataFrame, wanted: Wanted) -> Census:
    """The first reading of one piece."""
    rows, missing = complete_rows(frame, wanted)
    formula = wanted.formula
    learned = {
        name: computed_by(name, expression, rows)
        for name, expression in (formula.computed.items() if len(rows) else ())
    }
    variables = dict.fromkeys((*formula.variables, wanted.visit, wanted.group))
    columns = [name for name in variables if name is not None and name not in formula.computed]
    factors = tuple(n for n in columns if n in wanted.always_factors or not is_numeric(rows[n]))
    numeric = {n: rows[n] for n in columns if n not in factors}
    numeric |= {n: how.of(rows) for n, how in learned.items() if n != formula.outcome}
    for name in factors:
        _check_levels(name, rows[name])
    cells = rows.groupby(list(factors), sort=False).size()
    keys = cells.index if isinstance(cells.index, pd.MultiIndex) else [(k,) for k in cells.index]
    return Census(
        n_read=len(frame),
        n=len(rows),
        missing=missing,
        factors=factors,
        cells=Counter({tuple(k): int(n) for k, n in zip(keys, cells, strict=True)}),
        numeric={
            n: Spread(float(v.sum()), float(v.min()), float(v.max())) for n, v in numeric.items()
        },
        computed=learned,
    )


def _check_levels(name: str, values: pd.Series) -> None:
    if pd.api.types.is_datetime64_any_dtype(values):
        raise DataError(f"the column `{name}` holds dates; use a number, such as days, or a label")


def levels_in_order(
    name: str, present: list[Level], declared: Iterable[Level], first: Iterable[Level]
) -> tuple[tuple[Level, ...], tuple[Level, ...]]:
    """The levels of a factor in their order, and those asked for that no row has.

    The first ones are those that the user gave, the others follow in the order that the data
    declare, or else by size and name, `Week 2` before `Week 10`.

    Raises
    ------
    DataError
        If one that the user gave is a misspelling of a level.
    """
    known = {str(level): level for level in present} | {level: level for level in present}
    order = [level for level in declared if level in present] or sorted(present, key=_natural)
    wished = list(first)
    absent = tuple(level for level in wished if level not in known)
    for level in absent:
        hint = did_you_mean(str(level), map(str, present))
        if hint:
            raise DataError(f"the column `{name}` has no level `{level}`; {hint}")
    given = [known[level] for level in wished if level in known]
    return tuple(dict.fromkeys((*given, *order))), absent


def _natural(level: Level) -> tuple[int, float, list[tuple[int, float, str]]]:
    """Numbers by size; text by the numbers and words in it."""
    if isinstance(level, int | float):
        return 0, float(level), []
    parts = NUMBERS.split(str(level))
    return 1, 0.0, [(0, float(p), "") if p.isdigit() else (1, 0.0, p) for p in parts if p]


def check_subjects(rows: pd.DataFrame, wanted: Wanted | RowLayout) -> None:
    """Refuse a subject with two rows at a visit or in two groups, and weights that are none.

    Raises
    ------
    DataError
        With the subjects, ten at most.
    """
    keys = [wanted.subject, wanted.visit]
    twice = rows[rows.duplicated(keys)].drop_duplicates(keys)
    if len(twice):
        who = twice[wanted.subject].unique().tolist()
        pairs = [f"{s} at {v}" for s, v in zip(twice[keys[0]], twice[keys[1]], strict=True)]
        raise DataError(
            f"{_have(who)} more than one row at a visit: {_named(pairs)}; "
            "keep one row per participant and visit"
        )
    if wanted.group is not None:
        _check_group(rows[[wanted.subject, wanted.group]].drop_duplicates(), wanted.group)
    if wanted.weights is not None and not (rows[wanted.weights] > 0).all():
        bad = rows.loc[~(rows[wanted.weights] > 0), wanted.subject].unique().tolist()
        raise DataError(
            f"{_have(bad)} a weight in `{wanted.weights}` that is not above 0: {_named(bad)}"
        )


def _check_group(pairs: pd.DataFrame, group: str) -> None:
    subject = pairs.iloc[:, 0]
    several = subject[subject.duplicated()].unique().tolist()
    if several:
        raise DataError(
            f"{_have(several)} several values of `{group}`, whose levels have covariances of "
            f"their own: {_named(several)}"
        )


def _have(subjects: Sequence[Any]) -> str:
    n = len(subjects)
    return "1 participant has" if n == 1 else f"{n} participants have"


def _named(names: Sequence[Any]) -> str:
    """The first few, and how many more."""
    more = len(names) - MOST_NAMED
    return ", ".join(map(str, names[:MOST_NAMED])) + (f" and {more} more" if more > 0 else "")
