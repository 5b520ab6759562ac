"""Files into tables of text, the same whatever the format.

Every value becomes text first (1503.0 of SAS becomes "1503"), so that one dataset kept in two
formats gives one cohort.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from ketaoutcomes.data.findings import near_miss
from ketaoutcomes.data.readers.csv_text import read_csv, read_gzipped_csv
from ketaoutcomes.data.readers.databases import DUCKDB_ENDINGS, SQLITE_ENDINGS, read_database
from ketaoutcomes.data.readers.held import Held
from ketaoutcomes.data.readers.limits import located, refuse_oversized
from ketaoutcomes.data.readers.parquet import read_parquet
from ketaoutcomes.data.readers.raw import RawTable
from ketaoutcomes.data.readers.refusals import empty, refusal
from ketaoutcomes.data.readers.statistical import read_sas7bdat, read_spss, read_xpt
from ketaoutcomes.data.values.notation import with_points
from ketaoutcomes.plan.files import DatabaseTable, FileSource, Writing, file_of

READERS: Final[dict[str, Callable[[Held, Writing], RawTable]]] = {
    ".csv": read_csv,
    ".tsv": read_csv,
    ".csv.gz": read_gzipped_csv,
    ".parquet": read_parquet,
    ".sas7bdat": read_sas7bdat,
    ".xpt": read_xpt,
}
SPSS_ENDINGS: Final = (".sav", ".zsav")
DATABASE_ENDINGS: Final = (*DUCKDB_ENDINGS, *SQLITE_ENDINGS)
ENDINGS: Final = (*READERS, *SPSS_ENDINGS, *DATABASE_ENDINGS)


def read_table(folder: Path, source: FileSource, writing: Writing) -> RawTable:
    """Read one file by its ending.

    Parameters
    ----------
    folder : Path
        Where the files are; none is read that lies elsewhere.
    source : str or DatabaseTable
        The file, or the table of a database.
    writing : Writing
        How it is written, as far as its format does not say so itself.

    Raises
    ------
    DataError
        If the file is missing, empty, too large, of another format, badly encoded or malformed.
    """
    try:
        path = existing_file(folder, file_of(source))
        table = _read(path, source, writing)
    except OSError as error:
        raise refusal(
            file_of(source),
            "a file that can be read",
            error.strerror or str(error),
            "mend its name or its permissions",
        ) from None
    if table.frame.empty:
        raise empty(table.name)
    return with_points(table, writing)


def existing_file(folder: Path, name: str) -> Path:
    """The path of a file that is there, inside the folder, and neither empty nor too large."""
    path = located(folder, name)
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
    if "://" in name:
        return "download the file, as nothing is fetched from the network; give its name here"
    if not folder.is_dir():
        what = "is a file" if folder.exists() else "does not exist"
        return f"give a folder with --data: `{folder}` {what}"
    near = near_miss(path.name, (p.name for p in folder.iterdir()))
    return f"{near}Put it in `{folder}`, or give its folder with --data"


def ending_of(path: Path) -> str:
    """The ending that says the format."""
    return next((e for e in ENDINGS if path.name.lower().endswith(e)), path.suffix.lower())


def _read(path: Path, source: FileSource, writing: Writing) -> RawTable:
    ending = ending_of(path)
    if isinstance(source, DatabaseTable):
        if ending in DATABASE_ENDINGS:
            return read_database(path, source)
        raise refusal(source.file, f"one of: {', '.join(DATABASE_ENDINGS)}", f"`{ending}`", PLAIN)
    if ending in DATABASE_ENDINGS:
        raise refusal(source, "the name of a table too", "a database", NAME_TABLE)
    if ending not in (*SPSS_ENDINGS, *READERS):
        raise refusal(
            source, f"one of: {', '.join(ENDINGS)}", f"`{ending}`", "convert the file to CSV"
        )
    held = Held.of(path, source)
    if ending in SPSS_ENDINGS:
        table = read_spss(held, codes=writing.codes)
    else:
        table = READERS[ending](held, writing)
    return replace(table, sha256s=((Path(source).as_posix(), held.sha256),))


PLAIN: Final = "give the name of the file alone; a table is named for a database only"
NAME_TABLE: Final = "write {file: FILE, table: TABLE}"
