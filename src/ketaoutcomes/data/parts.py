"""Files that do not fit into the memory become parts of whole participants on disk, by DuckDB.

The parts are cut by a hash of the participant, so that all that is known of somebody stands in one
of them: what is joined or put into windows by participant is then joined part by part.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import duckdb
import pyarrow.parquet as pq

from ketaoutcomes.data.readers.databases import DUCKDB_ENDINGS, table_in
from ketaoutcomes.data.readers.limits import located
from ketaoutcomes.errors import DataError, Problem
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.files import FileRole, FileSource, TableOfFile, files_of, name_of
from ketaoutcomes.sql import literal, quoted

MOST_ROWS_AT_ONCE: Final = 5_000_000
"""Of a file, beyond which data are read in parts: as text these rows take about ten gigabytes."""
ROWS_OF_A_PART: Final = 250_000
MEMORY: Final = "800MB"
"""What DuckDB may hold; the rest it keeps on disk."""
PATTERN_SIGNS: Final = frozenset("*?[")
PART: Final = "ketaoutcomes part"
SUBJECT_OF_ADAM: Final = ("USUBJID",)


@dataclass(frozen=True)
class Part:
    """Some of the participants: the plan that reads them, and the folder of their files."""

    plan: AnalysisPlan
    folder: Path


def number_of_parts(plan: AnalysisPlan, folder: Path) -> int:
    """In how many parts the data of a plan are read.

    Raises
    ------
    DataError
        If the plan asks for parts of files that DuckDB does not read.
    """
    files, asked = plan.data.files or {}, plan.data.parts
    others = [name_of(source) for source in files.values() if not _is_readable(source)]
    if asked is not None and asked > 1 and (others or not files):
        problem = Problem(
            "the plan, data.parts",
            "Parquet files or tables of a DuckDB file",
            ", ".join(dict.fromkeys(others)) or "synthetic data",
            "convert the files to Parquet, or leave `parts` out",
        )
        raise DataError("the data cannot be read in parts", (problem,))
    if asked is not None or others or not files:
        return asked or 1
    rows = max(_number_of_rows(folder, source) for source in files.values())
    return 1 if rows <= MOST_ROWS_AT_ONCE else -(-rows // ROWS_OF_A_PART)


def _is_readable(source: FileSource) -> bool:
    """Whether DuckDB may read it: no query of a user's, and no name that stands for several."""
    file, *more = files_of(source)
    ending = Path(file).suffix.lower()
    if more or set(file) & PATTERN_SIGNS:
        return False
    if isinstance(source, TableOfFile):
        return source.table is not None and ending in DUCKDB_ENDINGS
    return ending == ".parquet"


def _number_of_rows(folder: Path, source: FileSource) -> int:
    """Rows of a table; 0 where it cannot be read, which its reader will say in full."""
    path = folder / files_of(source)[0]
    try:
        if isinstance(source, TableOfFile):
            return _count(path, source)
        return int(pq.read_metadata(path).num_rows)
    except (DataError, OSError, ValueError, duckdb.Error):
        return 0


def _count(path: Path, source: TableOfFile) -> int:
    with closing(duckdb.connect(str(path), read_only=True)) as base:
        table = table_in(path, base, source)
        (rows,) = base.execute(f"SELECT count(*) FROM {table}").fetchone() or (0,)  # noqa: S608
    return int(rows)


@contextmanager
def in_parts(plan: AnalysisPlan, folder: Path, number: int) -> Iterator[tuple[Part, ...]]:
    """The data of a plan in parts, in a folder that is gone afterwards.

    Parameters
    ----------
    number : int
        Most parts; fewer where some would hold no row of some file.

    Raises
    ------
    DataError
        If a file cannot be read, or has no column of participants.
    """
    with TemporaryDirectory(prefix="ketaoutcomes-") as scratch:
        sources = dict.fromkeys(name_of(s) for s in (plan.data.files or {}).values())
        by_name = {name_of(source): source for source in (plan.data.files or {}).values()}
        options = {
            "memory_limit": MEMORY,
            "temp_directory": str(Path(scratch, "spilled")),
            "threads": 1,
            "preserve_insertion_order": False,
        }
        cut = Path(scratch, "cut")
        with closing(duckdb.connect(config=options)) as base:
            for place, name in enumerate(sources):
                _cut(base, plan, folder, by_name[name], cut / str(place), number)
            groups = _groups([_present(cut / str(place)) for place in range(len(sources))])
            yield tuple(
                _part(base, plan, tuple(sources), Path(scratch, "parts", str(i)), group)
                for i, group in enumerate(groups)
            )


def _cut(
    base: duckdb.DuckDBPyConnection,
    plan: AnalysisPlan,
    folder: Path,
    source: FileSource,
    to: Path,
    number: int,
) -> None:
    """Write the rows of one file to a folder for each part."""
    path, name = located(folder, files_of(source)[0]), name_of(source)
    try:
        if isinstance(source, TableOfFile):
            base.execute(f"ATTACH {literal(str(path))} AS given (READ_ONLY)")
            table = f"given.{table_in(path, base, source)}"
        else:
            table = f"read_parquet({literal(str(path))})"
        columns = base.execute(f"DESCRIBE SELECT * FROM {table}").fetchall()  # noqa: S608
        key = _key(plan, name, [(str(column), str(kind)) for column, kind, *_ in columns])
        to.parent.mkdir(parents=True, exist_ok=True)
        base.execute(
            f"COPY (SELECT *, (hash({key}) % {number})::INTEGER AS {quoted(PART)} FROM {table}) "  # noqa: S608
            f"TO {literal(str(to))} (FORMAT parquet, PARTITION_BY ({quoted(PART)}))"
        )
        if isinstance(source, TableOfFile):
            base.execute("DETACH given")
    except duckdb.Error as error:
        problem = Problem(
            name, "a table that DuckDB can read", str(error).splitlines()[0], "export it again"
        )
        raise DataError(f"{name} cannot be read in parts", (problem,)) from None


def _key(plan: AnalysisPlan, name: str, columns: Sequence[tuple[str, str]]) -> str:
    """The participant of a row as text, written alike in all files: 1503.0 is 1503."""
    wanted = plan.data.file_columns.subject or SUBJECT_OF_ADAM
    found = next((c for c in columns if c[0].casefold() in {w.casefold() for w in wanted}), None)
    if found is None:
        problem = Problem(
            name,
            f"the column of participants, {' or '.join(wanted)}",
            f"the columns {', '.join(column for column, _ in columns)}",
            "name it under `data.columns.subject`",
        )
        raise DataError(f"{name} cannot be read in parts", (problem,))
    column, kind = quoted(found[0]), found[1].upper()
    if kind.startswith(("DOUBLE", "FLOAT", "DECIMAL")):
        whole = f"CAST(CAST({column} AS HUGEINT) AS VARCHAR)"
        return (
            f"CASE WHEN {column} = round({column}) THEN {whole} ELSE CAST({column} AS VARCHAR) END"
        )
    return f"trim(CAST({column} AS VARCHAR))"


def _present(folder: Path) -> dict[int, tuple[Path, ...]]:
    """The files of each part that holds rows."""
    return {
        int(part.name.rpartition("=")[2]): tuple(sorted(part.glob("*.parquet")))
        for part in folder.iterdir()
    }


def _groups(present: list[dict[int, tuple[Path, ...]]]) -> list[list[tuple[Path, ...]]]:
    """The files of each file's rows, by part; parts in which some file has no row are joined."""
    groups: list[list[tuple[Path, ...]]] = []
    open_one: list[tuple[Path, ...]] = [() for _ in present]
    for number in sorted(set().union(*present)):
        open_one = [(*had, *of.get(number, ())) for had, of in zip(open_one, present, strict=True)]
        if all(open_one):
            groups.append(open_one)
            open_one = [() for _ in present]
    if any(open_one) and groups:
        last = groups.pop()
        open_one = [(*had, *more) for had, more in zip(last, open_one, strict=True)]
    return [*groups, open_one] if any(open_one) else groups


def _part(
    base: duckdb.DuckDBPyConnection,
    plan: AnalysisPlan,
    names: tuple[str, ...],
    to: Path,
    group: list[tuple[Path, ...]],
) -> Part:
    """One file of each table, and the plan that reads it."""
    written: dict[str, str] = {}
    for place, (name, files) in enumerate(zip(names, group, strict=True)):
        path = to / f"{place}" / f"{Path(name).stem}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        if len(files) == 1:
            files[0].rename(path)
        elif files:
            listed = ", ".join(literal(str(file)) for file in files)
            base.execute(f"COPY (FROM read_parquet([{listed}])) TO {literal(str(path))}")
        written[name] = path.relative_to(to).as_posix()
    files_of_part: dict[FileRole, FileSource] = {
        role: written[name_of(source)] for role, source in (plan.data.files or {}).items()
    }
    data = plan.data.model_copy(update={"files": files_of_part, "parts": 1})
    return Part(plan.model_copy(update={"data": data}), to)
