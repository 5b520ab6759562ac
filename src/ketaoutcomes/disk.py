"""Files are written whole or not at all."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq


def hash_of(content: bytes) -> str:
    """SHA-256 of some bytes, in hexadecimal."""
    return sha256(content).hexdigest()


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """A frame as CSV in UTF-8; numbers in their shortest form that reads back the same."""
    return frame.to_csv(index=False, lineterminator="\n").encode()


def parquet_bytes(frame: pd.DataFrame) -> bytes:
    """A frame as Parquet."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    buffer = BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()


def json_bytes(content: Mapping[str, Any]) -> bytes:
    """JSON with sorted keys, one a line."""
    return (json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Replace a folder by these files in one step.

    The files are written and flushed in a new folder beside it, which then takes its place; a stop
    at any moment before leaves the former folder whole.

    Raises
    ------
    OSError
        If the disk does not take them; the former folder is then as it was.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _new_folder_beside(folder) as new:
        for name, content in files.items():
            _write_flushed(new / name, content)
        former = new.with_name(new.name + ".former")
        if folder.exists():
            folder.rename(former)
        try:
            new.rename(folder)
        except OSError:
            if former.exists():
                former.rename(folder)
            raise
        shutil.rmtree(former, ignore_errors=True)


@contextmanager
def _new_folder_beside(folder: Path) -> Iterator[Path]:
    """A fresh folder on the same disk, gone afterwards unless it was renamed."""
    new = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    new.chmod(0o755)
    try:
        yield new
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _write_flushed(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
