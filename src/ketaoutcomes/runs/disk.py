"""Files are written whole or not at all."""

import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from io import BytesIO
from math import isnan
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from ketaoutcomes.numerics.neighbours import begins_a_run
from ketaoutcomes.runs.exchange import exchange
from ketaoutcomes.runs.uninterrupted import uninterrupted
from ketaoutcomes.spreadsheets import harmless
from ketaoutcomes.visible import escaped

try:
    import fcntl
except ImportError:  # Windows has no locks on folders, and opens none
    HAS_LOCKS = False
else:
    HAS_LOCKS = True

MANIFEST = "manifest.json"
"""What every folder of results holds."""

MANY_ROWS = 50_000
"""Rows of a frame that are written as CSV at a time."""

MANY_WORDS = 4096
"""Combinations of neighbouring columns that are worth writing out for each such part."""

QUOTED = re.compile(r"[\",\r\n]")
"""What CSV puts in quotes."""

FORMER = ".former"
PRIVATE, READABLE = 0o600, 0o644
"""By its owner, and by everybody."""


def hash_of(content: bytes) -> str:
    """SHA-256 of some bytes, in hexadecimal."""
    return sha256(content).hexdigest()


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """A frame as CSV in UTF-8; numbers in their shortest form that reads back the same."""
    return b"".join(_csv_parts(frame))


def csv_hash(frame: pd.DataFrame) -> str:
    """SHA-256 of a frame as CSV, of which some rows are held at a time."""
    found = sha256()
    for part in _csv_parts(frame):
        found.update(part)
    return found.hexdigest()


def _csv_parts(frame: pd.DataFrame) -> Iterator[bytes]:
    """The bytes of a frame as CSV, some rows at a time.

    Of many rows each value is written once, however often it stands in them.
    """
    if len(frame) < MANY_ROWS:
        yield frame.to_csv(index=False, lineterminator="\n").encode()
        return
    yield frame.head(0).to_csv(index=False, lineterminator="\n").encode()
    for first in range(0, len(frame), MANY_ROWS):
        part = frame.iloc[first : first + MANY_ROWS]
        columns = [_csv_words(part.iloc[:, place]) for place in range(part.shape[1])]
        # an empty line is not what a missing value of a single column is written as
        if len(columns) == 1 or any(column is None for column in columns):
            yield part.to_csv(index=False, lineterminator="\n", header=False).encode()
        else:
            yield _joined([column for column in columns if column is not None])


Coded = tuple[list[str], NDArray[np.int64]]
"""Texts, and the place of each row's among them."""


def _csv_words(column: pd.Series) -> Coded | None:
    """A column's values as CSV has them; None where they are neither numbers nor plain words.

    Plain words hold nothing that CSV puts in quotes.
    """
    if column.dtype == np.float64:
        # by their bits, for 0.0 and -0.0 are equal
        codes, bits = pd.factorize(column.to_numpy().view(np.int64))
        return ["" if isnan(value) else repr(value) for value in bits.view(float).tolist()], codes
    if column.dtype == np.bool_:
        return ["False", "True"], column.to_numpy().astype(np.int64)
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes, values = column.cat.codes.to_numpy().astype(np.int64), list(column.cat.categories)
    elif column.dtype == object:
        codes, values = _words_of_runs(column)
    else:
        return None
    if set(map(type, values)) - {str} or QUOTED.search("".join(values)):
        return None
    return [*values, ""], np.where(codes < 0, len(values), codes)  # -1 is a missing value


def _words_of_runs(column: pd.Series) -> tuple[NDArray[np.int64], list[Any]]:
    """The place of each row's word, and the words; -1 is a missing value.

    Rows of a participant stand together: a word that follows itself is not looked up again.
    """
    # to compare a missing value with its neighbours may have no answer
    begins = np.ones(len(column), dtype=bool)
    if not column.isna().any():
        begins = begins_a_run(column.to_numpy())
    codes, values = pd.factorize(column.to_numpy()[begins])
    return codes[np.cumsum(begins) - 1], list(values)


def _together(columns: list[Coded]) -> list[Coded]:
    """Neighbouring columns as one, where they have few combinations: there is less to join."""
    found = columns[:1]
    for words, codes in columns[1:]:
        before, places = found[-1]
        if len(before) * len(words) > MANY_WORDS:
            found.append((words, codes))
            continue
        both = [f"{first},{second}" for first in before for second in words]
        found[-1] = both, places * len(words) + codes
    return found


def _joined(columns: list[Coded]) -> bytes:
    """The lines of all columns."""
    import pyarrow.compute as pc  # noqa: PLC0415 - slow to import

    words, last = columns[-1]
    columns = _together([*columns[:-1], ([f"{word}\n" for word in words], last)])
    texts = [pa.array(words, pa.large_string()).take(pa.array(codes)) for words, codes in columns]
    lines = pc.binary_join_element_wise(*texts, pa.scalar(",", pa.large_string()))
    return cast("bytes", lines.buffers()[2].to_pybytes())


def safe_csv_bytes(frame: pd.DataFrame) -> bytes:
    """A frame as CSV whose texts no spreadsheet runs: an apostrophe stands before a formula."""
    safe = frame.copy()
    for name in frame.select_dtypes(["string", "object"]):
        safe[name] = frame[name].map(harmless)
    return csv_bytes(safe)


def parquet_bytes(frame: pd.DataFrame) -> bytes:
    """A frame as Parquet."""
    import pyarrow.parquet as pq  # noqa: PLC0415 - slow to import

    table = pa.Table.from_pandas(frame, preserve_index=False)
    buffer = BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()


def json_bytes(content: Mapping[str, Any], *, sort_keys: bool = True) -> bytes:
    """JSON, one key a line; characters that act are written as its escapes."""
    text = json.dumps(content, indent=2, sort_keys=sort_keys, ensure_ascii=False)
    return f"{escaped(text)}\n".encode()


@uninterrupted()
def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Replace a folder by these files in one step.

    The files are written and flushed in a new folder beside it, which then changes places with it;
    a stop at any moment leaves either the former folder or the new one, whole.

    Raises
    ------
    OSError
        If the disk does not take them; the former folder is then as it was.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    _sweep(folder)
    with _new_folder_beside(folder) as new:
        for name, content in files.items():
            _write_flushed(new / name, content)
        for inner in {(new / name).parent for name in files} | {new}:
            _flush_folder(inner)
        _put_in_place(new, folder)
        _flush_folder(folder.parent)


def _put_in_place(new: Path, folder: Path) -> None:
    """The new folder takes the name; the former one has the new one's, where there was one."""
    if not folder.exists():
        new.rename(folder)
        return
    if exchange(new, folder):
        return
    # Two renames, where the system has no exchange; a kill between them is mended by `_sweep`.
    former = new.with_name(new.name + FORMER)
    folder.rename(former)
    try:
        new.rename(folder)
    except OSError:
        former.rename(folder)
        raise
    shutil.rmtree(former, ignore_errors=True)


def _sweep(folder: Path) -> None:
    """Clear what killed runs left beside the folder; those that still run hold a lock."""
    ours = re.compile(rf"\.{re.escape(folder.name)}-\w{{8}}({re.escape(FORMER)})?")
    for left in folder.parent.iterdir():
        if not ours.fullmatch(left.name):
            continue
        if left.name.endswith(FORMER) and not folder.exists():
            left.rename(folder)
        elif _is_abandoned(left):
            shutil.rmtree(left, ignore_errors=True)


def _is_abandoned(folder: Path) -> bool:
    """Whether no process holds a folder; without locks none is known to be free."""
    if not HAS_LOCKS:
        return False
    try:
        with _locked(folder):
            return True
    except OSError:
        return False


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder, if there are locks; an OSError if another process holds it."""
    if not HAS_LOCKS:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


@uninterrupted()
def write_file(path: Path, content: bytes, mode: int = PRIVATE) -> None:
    """Write one file in one step: a stop at any moment leaves no half of it.

    Parameters
    ----------
    mode : int
        Who may read it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    os.close(handle)
    new = Path(name)
    try:
        _write_flushed(new, content)
        new.chmod(mode)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


@contextmanager
def _new_folder_beside(folder: Path) -> Iterator[Path]:
    """A fresh folder on the same disk; what has its name afterwards is removed."""
    new = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        with _locked(new):
            new.chmod(0o755)
            yield new
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _write_flushed(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    """Make the names in a folder last, as `fsync` does for the bytes of a file, where one can."""
    if not HAS_LOCKS:
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
