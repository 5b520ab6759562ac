"""Data as people have them become pandas frames that are read one after the other.

A pandas frame is one piece. Anything else (a Parquet file, an Arrow table or what exports one, a
DuckDB relation, a Dask frame) is read in pieces and never held as a whole.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar

import pandas as pd

from ketaoutcomes.errors import DataError
from ketaoutcomes.sql import quoted

T = TypeVar("T")

ROWS_AT_A_TIME = 250_000
ACCEPTED = (
    "a pandas, Dask or Polars frame, a pyarrow table, a DuckDB relation, or the path of a Parquet "
    "file"
)


class Source(Protocol):
    """Where rows come from.

    Attributes
    ----------
    columns : tuple of str
    declared : mapping
        The order of levels of the columns for which the source itself has one.
    """

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of its columns."""

    @property
    def declared(self) -> Mapping[str, tuple[Any, ...]]:
        """As above."""

    def each(self, columns: Iterable[str], function: Callable[[pd.DataFrame], T]) -> Iterable[T]:
        """What a function makes of each piece of some columns."""

    def each_of_subjects(
        self, columns: Iterable[str], subject: str, function: Callable[[pd.DataFrame], T]
    ) -> Iterable[T]:
        """The same of pieces that hold all rows of a subject; rows without a subject are left."""


def source_of(data: Any) -> Source:
    """The source that some data are.

    Raises
    ------
    DataError
        If they are none.
    """
    if isinstance(data, pd.DataFrame):
        return FrameSource(data)
    if isinstance(data, str | Path):
        return _of_file(Path(data))
    if type(data).__module__.startswith("dask"):
        return DaskSource(data)
    if hasattr(data, "order") and hasattr(data, "project"):
        return RelationSource(data)
    if hasattr(data, "__arrow_c_stream__"):
        return _of_arrow(data)
    raise DataError(f"the data are of type `{type(data).__name__}`; give {ACCEPTED}")


@dataclass(frozen=True)
class FrameSource:
    """A pandas frame."""

    frame: pd.DataFrame

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of its columns."""
        return tuple(self.frame.columns)

    @property
    def declared(self) -> Mapping[str, tuple[Any, ...]]:
        """The categories of its categorical columns."""
        return _categories(self.frame)

    def each(self, columns: Iterable[str], function: Callable[[pd.DataFrame], T]) -> Iterable[T]:
        """Of the whole frame."""
        return [function(self.frame[list(columns)])]

    def each_of_subjects(
        self, columns: Iterable[str], subject: str, function: Callable[[pd.DataFrame], T]
    ) -> Iterable[T]:
        """Of the whole frame."""
        return self.each(columns, lambda frame: function(frame[frame[subject].notna()]))


@dataclass(frozen=True)
class DaskSource:
    """A Dask frame; its pieces are read where its scheduler runs."""

    frame: Any

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of its columns."""
        return tuple(self.frame.columns)

    @property
    def declared(self) -> Mapping[str, tuple[Any, ...]]:
        """The categories of its categorical columns, where they are known."""
        meta = self.frame._meta  # noqa: SLF001  (Dask's word for the frame without rows)
        return {k: v for k, v in _categories(meta).items() if self.frame[k].cat.known}

    def each(self, columns: Iterable[str], function: Callable[[pd.DataFrame], T]) -> Iterable[T]:
        """Of each partition."""
        return _computed(self.frame[list(columns)], function)

    def each_of_subjects(
        self, columns: Iterable[str], subject: str, function: Callable[[pd.DataFrame], T]
    ) -> Iterable[T]:
        """Of each partition after the rows of each subject have been brought together."""
        known = self.frame[list(columns)].dropna(subset=[subject])
        return _computed(known.shuffle(on=subject), function)


def _computed(frame: Any, function: Callable[[pd.DataFrame], T]) -> Iterable[T]:
    import dask  # noqa: PLC0415  (not everybody has it)

    made: tuple[T, ...] = dask.compute(*(dask.delayed(function)(p) for p in frame.to_delayed()))
    return made


@dataclass(frozen=True)
class RelationSource:
    """A DuckDB relation, which sorts and streams more rows than memory holds."""

    relation: Any
    declared: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of its columns."""
        return tuple(self.relation.columns)

    def each(self, columns: Iterable[str], function: Callable[[pd.DataFrame], T]) -> Iterable[T]:
        """Of some thousand rows at a time."""
        return map(function, _batches(self.relation.project(_quoted(columns))))

    def each_of_subjects(
        self, columns: Iterable[str], subject: str, function: Callable[[pd.DataFrame], T]
    ) -> Iterable[T]:
        """Of some thousand rows at a time, sorted by subject."""
        key = _quoted([subject])
        known = self.relation.filter(f"{key} IS NOT NULL")
        by_subject = known.project(_quoted(columns)).order(key)
        return map(function, _whole_subjects(_batches(by_subject), subject))


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(map(quoted, names))


def _batches(relation: Any) -> Iterator[pd.DataFrame]:
    stream = getattr(relation, "to_arrow_reader", None) or relation.fetch_record_batch
    return (batch.to_pandas() for batch in stream(ROWS_AT_A_TIME))


def _whole_subjects(batches: Iterable[pd.DataFrame], subject: str) -> Iterator[pd.DataFrame]:
    """Batches of rows sorted by subject, cut where a subject ends."""
    rest: pd.DataFrame | None = None
    for batch in batches:
        frame = batch if rest is None else pd.concat([rest, batch], ignore_index=True)
        unfinished = frame[subject] == frame[subject].iloc[-1]
        rest = frame[unfinished]
        if not unfinished.all():
            yield frame[~unfinished]
    if rest is not None:
        yield rest


def _of_file(path: Path) -> Source:
    import duckdb  # noqa: PLC0415  (a frame needs none)

    found = path / "**" / "*.parquet" if path.is_dir() else path
    if not path.exists() and "*" not in str(path):
        raise DataError(f"there is no file `{path}`")
    try:
        relation = duckdb.read_parquet(str(found))
    except duckdb.Error as error:
        raise DataError(
            f"`{path}` cannot be read as Parquet ({str(error).splitlines()[0]}); "
            "read other files with pandas first"
        ) from None
    return RelationSource(relation)


def _of_arrow(data: Any) -> Source:
    import duckdb  # noqa: PLC0415  (a frame needs none)
    import pyarrow as pa  # noqa: PLC0415

    table = pa.table(data).unify_dictionaries()
    declared = {
        name: tuple(column.chunk(0).dictionary.to_pylist())
        for name, column in zip(table.column_names, table.columns, strict=True)
        if pa.types.is_dictionary(column.type) and column.num_chunks
    }
    return RelationSource(duckdb.from_arrow(table), declared)


def _categories(frame: pd.DataFrame) -> dict[str, tuple[Any, ...]]:
    return {
        str(name): tuple(kind.categories)
        for name, kind in frame.dtypes.items()
        if isinstance(kind, pd.CategoricalDtype)
    }
