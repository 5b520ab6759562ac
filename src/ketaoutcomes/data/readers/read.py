"""Files into tables of text, the same whatever the format.

Every value becomes text first (1503.0 of SAS becomes "1503"), so that one dataset kept in two
formats gives one cohort.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

from ketaoutcomes.data.findings import listed, near_miss
from ketaoutcomes.data.readers.csv_text import read_csv, read_packed_csv
from ketaoutcomes.data.readers.databases import (
    DUCKDB_ENDINGS,
    SQLITE_ENDINGS,
    read_database,
    table_names,
)
from ketaoutcomes.data.readers.dataset_json import read_dataset_json, read_dataset_ndjson
from ketaoutcomes.data.readers.define import labels_next_to
from ketaoutcomes.data.readers.excel import read_excel, sheet_names
from ketaoutcomes.data.readers.held import Held
from ketaoutcomes.data.readers.limits import located, refuse_oversized
from ketaoutcomes.data.readers.packed import archive, member, members_of
from ketaoutcomes.data.readers.parquet import read_parquet
from ketaoutcomes.data.readers.r_frames import frames_of_rda, frames_of_rds, read_rda, read_rds
from ketaoutcomes.data.readers.raw import RawTable
from ketaoutcomes.data.readers.refusals import empty, refusal
from ketaoutcomes.data.readers.select import selected
from ketaoutcomes.data.readers.statistical import (
    read_sas7bdat,
    read_spss,
    read_spss_portable,
    read_stata,
    read_xpt,
)
from ketaoutcomes.data.values.notation import with_points
from ketaoutcomes.plan.files import (
    FileSource,
    SelectOfFiles,
    TableOfFile,
    Writing,
    files_of,
    name_of,
)

PLAIN: Final = (".csv", ".tsv")
COMPRESSED: Final = (".gz", ".bz2", ".xz")
TEXTS: Final = (".txt", ".tab", ".dat", ".asc")
"""Endings of tables of text that other texts have as well, such as a readme."""
READERS: Final[dict[str, Callable[[Held, Writing], RawTable]]] = {
    **dict.fromkeys(PLAIN, read_csv),
    **dict.fromkeys(TEXTS, read_csv),
    **dict.fromkeys((f"{e}{c}" for e in (*PLAIN, *TEXTS) for c in COMPRESSED), read_packed_csv),
    ".parquet": read_parquet,
    ".sas7bdat": read_sas7bdat,
    ".xpt": read_xpt,
    ".sav": read_spss,
    ".zsav": read_spss,
    ".por": read_spss_portable,
    ".dta": read_stata,
    ".json": read_dataset_json,
    ".ndjson": read_dataset_ndjson,
}
DATABASE_ENDINGS: Final = (*DUCKDB_ENDINGS, *SQLITE_ENDINGS)

Tables = dict[str, RawTable]
"""What a source is made of: name in its SELECT -> table; of a source without one, "" -> table."""


def read_table(folder: Path, source: FileSource, writing: Writing) -> RawTable:
    """Read one file by its ending, or the rows of a SELECT.

    Parameters
    ----------
    folder : Path
        Where the files are; none is read that lies elsewhere.
    source : str, TableOfFile or SelectOfFiles
        The file, one table of it, or a SELECT over several.
    writing : Writing
        How it is written, as far as its format does not say so itself.

    Raises
    ------
    DataError
        If the file is missing, empty, too large, of another format, badly encoded or malformed.
    """
    return made_of(source, tables_of(folder, source, writing))


def tables_of(folder: Path, source: FileSource, writing: Writing) -> Tables:
    """The tables that a source is made of, before its SELECT, if it has one.

    Raises
    ------
    DataError
        As `read_table`.
    """
    if isinstance(source, SelectOfFiles):
        parts = source.files.items()
        return {name: read_table(folder, part, writing) for name, part in parts}
    name = files_of(source)[0]
    try:
        path = existing_file(folder, name)
        in_memory = _is_query(source) and ending_of(path) not in DATABASE_ENDINGS
        table = _read(path, name if in_memory else source, writing)
    except OSError as error:
        raise refusal(
            name,
            "a file that can be read",
            error.strerror or str(error),
            "correct its name or its permissions",
        ) from None
    if table.frame.empty:
        raise empty(table.name)
    labels = labels_next_to(path)
    told = {c: labels[c.upper()] for c in map(str, table.frame.columns) if c.upper() in labels}
    table = replace(table, titles=told | table.titles)
    return {_stem(path) if in_memory else "": with_points(table, writing)}


def made_of(source: FileSource, tables: Tables) -> RawTable:
    """The one table of a source; the rows of its SELECT, if it has one.

    Raises
    ------
    DataError
        If the SELECT is refused, fails or gives no row.
    """
    if "" in tables:
        return tables[""]
    assert not isinstance(source, str)
    return selected(tables, str(source.query), name_of(source))


def _is_query(source: FileSource) -> bool:
    return isinstance(source, TableOfFile) and source.query is not None


def _stem(path: Path) -> str:
    """The name of a file without its ending."""
    return path.name[: -len(ending_of(path))]


ON_A_DRIVE: Final = re.compile(r"(?P<letter>[A-Za-z]):[\\/](?P<rest>.*)")
"""A path of Windows with its drive: `C:\\Users\\me\\trial.csv`."""


def existing_file(folder: Path, name: str) -> Path:
    """The path of a file that is there, inside the folder, and neither empty nor too large."""
    path = located(folder, name)
    if not path.is_file() and "\\" in name and not ON_A_DRIVE.match(name):
        path = located(folder, name.replace("\\", "/"))  # as Windows writes a path in a folder
    if not path.is_file():
        raise refusal(name, "a file", "no such file", _where_else(path, name))
    size = path.stat().st_size
    if size == 0:
        raise empty(name)
    refuse_oversized(name, size)
    return path


def _where_else(path: Path, name: str) -> str:
    """What to do about a file that is not there; a file of nearly its name is named."""
    folder = path.parent
    if drive := ON_A_DRIVE.match(name):
        here = f"/mnt/{drive['letter'].lower()}/{drive['rest'].replace(chr(92), '/')}"
        return (
            f"`{name}` is a place on Windows, which Ubuntu in Windows calls `{here}`: give its "
            "folder with --data, and the name of the file here"
        )
    if "://" in name:
        return "download the file, as nothing is fetched from the network; give its name here"
    if not folder.is_dir():
        what = "is a file" if folder.exists() else "does not exist"
        return f"give a folder with --data: `{folder}` {what}"
    near = near_miss(path.name, (p.name for p in folder.iterdir()))
    put = "Put" if near else "put"
    return f"{near}{put} it in `{folder}`, or give its folder with --data"


def ending_of(path: Path) -> str:
    """The ending that says the format."""
    return next((e for e in ENDINGS if path.name.lower().endswith(e)), path.suffix.lower())


def _read(path: Path, source: str | TableOfFile, writing: Writing) -> RawTable:
    ending = ending_of(path)
    if ending in DATABASE_ENDINGS:
        if isinstance(source, str) or source.sheet is not None:
            raise _without_table(path, files_of(source)[0])
        return read_database(path, source)
    name = files_of(source)[0]
    if ending not in (*READERS, *PARTS):
        raise unreadable(name)
    held = Held.of(path, name)
    table = _read_part(held, ending, source, writing)
    return replace(table, sha256s=((Path(name).as_posix(), held.sha256),))


def _without_table(path: Path, name: str) -> Exception:
    """What is said of a database of which no table is named: which it has."""
    tables = table_names(path)
    return refusal(
        name,
        "the name of a table too",
        f"a database with the tables {listed(tables)}" if tables else "a database without a table",
        f"write {{file: {name}, table: {next(iter(tables), 'TABLE')}}}",
    )


def _read_part(held: Held, ending: str, source: str | TableOfFile, writing: Writing) -> RawTable:
    """A file, or the sheet, data frame or member of it that the plan names."""
    part = PARTS.get(ending)
    told = {} if isinstance(source, str) else source.model_dump(exclude_none=True)
    named = [key for key in ("table", "sheet") if key in told]
    key = part.key if part is not None else None
    if named and named != [key]:
        raise refusal(
            held.name,
            f"the name of a {key} alone" if key else "the name of the file alone",
            f"the name of a {named[0]}",
            f"write {{file: {held.name}, {key}: NAME}}" if key else f"write `{held.name}`",
        )
    if part is None:
        return READERS[ending](held, writing)
    return part.read(held, writing, told.get(part.key))


def read_zip(file: Held, writing: Writing, table: str | None = None) -> RawTable:
    """Read the one file of a zip archive; of several the plan names one.

    Raises
    ------
    DataError
        If it is none, unpacks to too much, or has no such file; or as the reader of that file.
    """
    with archive(file, "zip") as packed:
        names = members_of(packed)
        readable = _readable(names) if table is None else names
        wanted = [name for name in readable if table in (None, name, Path(name).name)]
        wanted = [name for name in wanted if _may_be_packed(name)]
        if len(wanted) != 1:
            raise refusal(
                file.name,
                "one file of data in the archive" if table is None else f"a file `{table}`",
                f"the files {listed(names)}" if names else "no file",
                f"write {{file: {file.name}, table: {wanted[0]}}}"
                if wanted
                else f"pack one file of: {', '.join(e for e in PACKED if e not in PACKED_TWICE)}",
            )
        held = member(packed, wanted[0], file)
    called = file.name if table is None else f"{file.name} ({table})"
    return _read_part(replace(held, name=called), ending_of(Path(wanted[0])), called, writing)


def unreadable(name: str) -> Exception:
    """What is said of a file of a format that is not read: which are, and how to get there."""
    lower = name.lower()
    ending = next((e for e in REMEDIES if lower.endswith(e)), Path(lower).suffix)
    return refusal(
        name,
        f"one of: {ENDINGS_IN_WORDS}",
        f"`{ending}`" if ending else "a name without an ending",
        REMEDIES.get(ending, "save it as CSV (UTF-8)"),
    )


def names_in_zip(file: Held) -> tuple[str, ...]:
    """The files of a zip archive that can be read."""
    with archive(file, "zip") as packed:
        return _readable(members_of(packed))


def _readable(names: tuple[str, ...]) -> tuple[str, ...]:
    """The files that can be read; texts such as a readme only where no other file can."""
    found = tuple(filter(_may_be_packed, names))
    return tuple(name for name in found if ending_of(Path(name)) not in TEXTS) or found


def _may_be_packed(name: str) -> bool:
    """Whether a file is one that is read where it lies in a zip archive."""
    return ending_of(Path(name)) in PACKED


@dataclass(frozen=True)
class Part:
    """How a file that may hold several tables is read.

    Attributes
    ----------
    key : str
        The key of the plan that names one of them.
    read : function
        The file, how it is written, and the name or None -> the table.
    names : function
        The file -> the names of its tables.
    """

    key: Literal["table", "sheet"]
    read: Callable[[Held, Writing, str | None], RawTable]
    names: Callable[[Held], tuple[str, ...]]


PARTS: Final[dict[str, Part]] = {
    **dict.fromkeys((".xlsx", ".xlsm"), Part("sheet", read_excel, sheet_names)),
    **dict.fromkeys((".rda", ".rdata"), Part("table", read_rda, frames_of_rda)),
    ".rds": Part("table", read_rds, frames_of_rds),
    ".zip": Part("table", read_zip, names_in_zip),
}
"""Ending -> how a file that may hold several tables is read."""
PACKED: Final = (*READERS, *(ending for ending in PARTS if ending != ".zip"))
"""Endings of files that are read in a zip archive."""
PACKED_TWICE: Final = tuple(ending for ending in READERS if ending.endswith(COMPRESSED))
ENDINGS: Final = (*READERS, *PARTS, *DATABASE_ENDINGS)
ENDINGS_IN_WORDS: Final = (
    f"{', '.join(ending for ending in ENDINGS if not ending.endswith(COMPRESSED))}; of these, "
    "tables of text also with .gz, .bz2 or .xz after it"
)
REMEDIES: Final = {
    **dict.fromkeys((".xls", ".xlsb", ".ods", ".numbers"), "save it as .xlsx"),
    **dict.fromkeys((".feather", ".arrow", ".orc", ".avro"), "write it as Parquet"),
    **dict.fromkeys((".pkl", ".pickle"), "write it as Parquet; opening a pickle may run a program"),
    **dict.fromkeys((".mdb", ".accdb", ".jmp", ".mat"), "export its table as CSV (UTF-8)"),
    **dict.fromkeys((".7z", ".rar", ".tar", ".tar.gz", ".tgz"), "unpack it, or pack it as .zip"),
    **dict.fromkeys((".pdf", ".doc", ".docx", ".html"), "copy the table to a sheet, save as .xlsx"),
    ".xml": "export each dataset as Dataset-JSON, SAS transport (.xpt) or CSV",
    ".sas7bcat": "give the dataset (.sas7bdat) itself",
    **dict.fromkeys(COMPRESSED, "end its name in .csv and this if it is a table of text"),
    ".zst": "unpack it, or pack it by gzip",
    **dict.fromkeys((".arff", ".gdt"), "export it as CSV (UTF-8) by the program that wrote it"),
}
