"""Data frames of R, in .rds and .rda files, into tables of text.

Such a file may hold anything of R. It is parsed and never evaluated; what is no data frame is
refused.
"""

import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from ketaoutcomes.data.findings import listed, near_miss
from ketaoutcomes.data.readers.held import Held
from ketaoutcomes.data.readers.limits import refuse_many_cells
from ketaoutcomes.data.readers.packed import uncompressed
from ketaoutcomes.data.readers.raw import RawTable, all_labelled, all_text, columns_of_words
from ketaoutcomes.data.readers.refusals import empty, malformed, refusal, refuse_same_names
from ketaoutcomes.plan.files import Writing

ROW_NAMES: Final = "row.names"
"""The column of the names of rows, where R has words for them."""
FAULTS: Final = (
    *(ArithmeticError, AssertionError, AttributeError, EOFError, LookupError, MemoryError),
    *(NotImplementedError, OSError, RecursionError, TypeError, ValueError),
)
"""What the parser raises for a file that is damaged."""
NUMBERS: Final = ("difftime",)
"""Classes of columns that are read as the numbers that they are made of."""
LABELLED: Final = ("labelled", "haven_labelled", "haven_labelled_spss")
"""Classes of columns whose values may have labels, as in SPSS and Stata."""
ALONE: Final = ""
"""The name of a data frame that has none."""
SEQUENCES: Final = (b"compact_intseq", b"compact_realseq")
"""Vectors of which R keeps the length, the first value and the step alone."""


@dataclass(frozen=True)
class _DataFrame:
    """A data frame as the file has it.

    Attributes
    ----------
    columns : dict of str to array
    names : sequence of str
        Of the columns; two that are the same are one in `columns`.
    row_names : sequence of str, or of whole numbers
    """

    columns: dict[str, Any]
    names: Any
    row_names: Any


@dataclass(frozen=True)
class _Labelled:
    """Values that may have labels.

    Attributes
    ----------
    told : array
    labels : dict
        Value -> label.
    missing : tuple
        Values that mean missing, as SPSS has them.
    between : tuple of float
        All values from the first of these to the second mean missing; empty where none do.
    """

    told: Any
    labels: dict[Any, str]
    missing: tuple[Any, ...]
    between: tuple[float, ...]

    def values(self, *, codes: bool) -> pd.Series:
        """The labels where each value has one and codes are not asked for, else the values."""
        values = pd.Series(_plain(self.told), dtype=object)
        absent = values.isin(self.missing)
        if self.between:
            least, most = self.between
            absent |= pd.to_numeric(values, errors="coerce").between(least, most)
        values = values.mask(absent, None)
        return values if codes or not all_labelled(values, self.labels) else values.map(self.labels)


@dataclass(frozen=True)
class _Moments:
    """Days or seconds since 1970."""

    told: Any
    unit: Literal["D", "s"]


def read_rds(file: Held, writing: Writing, table: str | None = None) -> RawTable:
    """Read a data frame that `saveRDS` has written; of a list of several the plan names one."""
    return _read(file, ".rds", writing, table)


def read_rda(file: Held, writing: Writing, table: str | None = None) -> RawTable:
    """Read a data frame that `save` has written; of several the plan names one."""
    return _read(file, ".rda", writing, table)


def frames_of_rds(file: Held) -> tuple[str, ...]:
    """The data frames of a list in an .rds file; one without a name has the empty name."""
    return tuple(_frames(file, ".rds"))


def frames_of_rda(file: Held) -> tuple[str, ...]:
    """The data frames of an .rda file."""
    return tuple(_frames(file, ".rda"))


def _read(file: Held, ending: str, writing: Writing, table: str | None) -> RawTable:
    frames = _frames(file, ending)
    if table is None and len(frames) > 1:
        raise refusal(
            file.name,
            "the name of a data frame too",
            f"{len(frames)} data frames: {listed(frames)}",
            f"write {{file: {file.name}, table: {next(iter(frames))}}}",
        )
    if table is not None and ALONE in frames:
        raise refusal(
            file.name, "the name of the file alone", f"`table: {table}`", f"write `{file.name}`"
        )
    if table is not None and table not in frames:
        raise refusal(
            file.name,
            f"a data frame `{table}`",
            f"the data frames {listed(frames)}",
            f"{near_miss(table, frames)}Correct `table` in the plan",
        )
    name = file.name if table is None else f"{file.name} ({table})"
    return _table(frames[table or next(iter(frames))], name, writing)


def _frames(file: Held, ending: str) -> dict[str, _DataFrame]:
    found = _objects(file, ending)
    if isinstance(held := found.get(ALONE), Mapping | list):
        named = held.items() if isinstance(held, Mapping) else enumerate(held, 1)
        found = {str(name): item for name, item in named}
    frames = {name: item for name, item in found.items() if isinstance(item, _DataFrame)}
    if not frames:
        raise refusal(
            file.name,
            "a data frame",
            "other objects of R alone",
            "save a data frame; as.data.frame() makes one of a matrix or a table",
        )
    return frames


def _objects(file: Held, ending: str) -> dict[str, Any]:
    """What the file holds by name, data frames as they stand there; of .rds the name is empty.

    Objects that are no lists, and so no data frames, are passed over: functions, environments.
    """
    from rdata import conversion, parser  # noqa: PLC0415  (slow to load, and not always used)

    content = uncompressed(file).content
    expanding = {
        name: _limited(file.name, make) if name in SEQUENCES else make
        for name, make in parser.DEFAULT_ALTREP_MAP.items()
    }
    known = {
        **conversion.DEFAULT_CLASS_MAP,
        "data.frame": _as_frame,
        "Date": lambda values, _: _Moments(values, "D"),
        "POSIXct": lambda values, _: _Moments(values, "s"),
        **dict.fromkeys(NUMBERS, lambda values, _: values),
        **dict.fromkeys(LABELLED, _with_labels),
    }
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of classes that are no matter of a table
            parsed = parser.parse_data(content, altrep_constructor_dict=expanding, extension=ending)
            named = _named(parsed.object) if ending == ".rda" else [("", parsed.object)]
            encoding = parsed.extra.encoding or "utf-8"
            return {
                name: conversion.convert(item, known, default_encoding=encoding)
                for name, item in named
                if item.info.type is parser.RObjectType.VEC
            }
    except FAULTS as error:
        raise malformed(file.name, f"R ({ending})", error) from None


def _named(pairs: Any) -> Iterator[tuple[str, Any]]:
    """The objects that `save` has written, each with its name."""
    while isinstance(pairs.value, tuple):
        tag = pairs.tag.referenced_object or pairs.tag
        yield tag.value.value.decode(), pairs.value[0]
        pairs = pairs.value[1]


def _as_frame(columns: Any, told: Mapping[str, Any]) -> _DataFrame:
    names = list(told.get("names", ()))
    by_name = columns if isinstance(columns, Mapping) else dict(zip(names, columns, strict=True))
    return _DataFrame(dict(by_name), names, told["row.names"])


def _with_labels(values: Any, told: Mapping[str, Any]) -> _Labelled:
    """A column whose values may have labels; the names of `labels` are the words."""
    labels: Any = told.get("labels")
    words = getattr(labels, "coords", {})  # a vector without names has none
    pairs = ((labels.to_numpy().tolist(), names.to_numpy()) for names in words.values())
    return _Labelled(
        values,
        {
            value: str(word)
            for codes, names in pairs
            for value, word in zip(codes, names, strict=True)
        },
        *(tuple(() if told.get(key) is None else told[key]) for key in ("na_values", "na_range")),
    )


def _limited(name: str, make: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A sequence is written out once its length is known to be reasonable."""

    def made(state: Any) -> Any:
        refuse_many_cells(name, int(state.value[0]), 1)
        return make(state)

    return made


def _table(found: _DataFrame, name: str, writing: Writing) -> RawTable:
    refuse_same_names(map(str, found.names), name, "rename one of them in R")
    for column, values in found.columns.items():
        _refuse_nested(values, f"{name}, column `{column}`")
    columns = {str(c): _plain(v, codes=writing.codes) for c, v in found.columns.items()}
    lengths = {len(values) for values in columns.values()}
    if len(lengths) > 1:
        raise malformed(name, "R", ValueError("columns of different lengths"))
    if not lengths or lengths == {0}:
        raise empty(name)
    refuse_many_cells(name, max(lengths), len(found.columns))
    frame = pd.DataFrame(columns)
    if _are_words(found.row_names) and len(found.row_names) == len(frame):
        frame.insert(0, ROW_NAMES, list(found.row_names))
        refuse_same_names(frame.columns, name, "rename the column `row.names` in R")
    dates = frozenset(str(c) for c, v in found.columns.items() if isinstance(v, _Moments))
    return RawTable(name, all_text(frame), dates=dates, worded=columns_of_words(frame))


def _are_words(names: Any) -> bool:
    """Whether rows are named otherwise than by their numbers."""
    return any(isinstance(name, str) and not name.isdecimal() for name in names)


def _refuse_nested(values: Any, place: str) -> None:
    """Refuse a column that is itself a table, a matrix or a list."""
    plain = values.told if isinstance(values, _Moments | _Labelled) else values
    inside = isinstance(plain, _DataFrame | Mapping | list) and not _is_text(plain)
    if inside or getattr(plain, "ndim", 1) != 1:
        raise refusal(
            place,
            "one value a cell",
            "a list, a matrix or a data frame in the column",
            "save the data frame with one value a column",
        )


def _is_text(values: Any) -> bool:
    return isinstance(values, list) and all(v is None or isinstance(v, str) for v in values)


def _plain(values: Any, *, codes: bool = False) -> Any:
    """A column as pandas has it: whole numbers stay whole where some are missing."""
    if isinstance(values, _Labelled):
        return values.values(codes=codes)
    if isinstance(values, _Moments):
        numbers = np.ma.filled(np.ma.asarray(values.told).astype(float), np.nan)
        return pd.to_datetime(pd.Series(numbers), unit=values.unit)
    if isinstance(values, np.ma.MaskedArray):
        hidden = np.ma.getmaskarray(values)
        cells = zip(values.data.tolist(), hidden.tolist(), strict=True)
        return pd.Series([None if gone else value for value, gone in cells], dtype=object)
    return values
