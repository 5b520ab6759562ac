"""One table in every format that the package reads."""

import gzip
import json
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pandas as pd
import pyreadstat
import rdata

CODES = frozenset(("SITE",))
"""Columns of digits that are no numbers: 006."""

Writer = Callable[[str, pd.DataFrame, Path], None]


def numbers_and_codes(text: str) -> pd.DataFrame:
    """The table as another program holds it: numbers, and text for codes and words."""
    words = pd.read_csv(pd.io.common.StringIO(text), dtype=str, keep_default_na=False)
    frame = words.copy()
    for column in set(frame.columns) - CODES:
        number = pd.to_numeric(frame[column].replace("", None), errors="coerce")
        if (number.notna() == (frame[column] != "")).all():
            frame[column] = number.astype(float)
    return frame


def dataset_json(frame: pd.DataFrame, *, lines: bool) -> str:
    """The table as CDISC Dataset-JSON 1.1, whole or a row a line."""
    kinds = {name: "float" if frame[name].dtype == float else "string" for name in frame}
    columns = [
        {"itemOID": f"IT.{name}", "name": name, "label": name, "dataType": kind}
        for name, kind in kinds.items()
    ]
    rows = [list(row) for row in _cells(frame)]
    told = {"datasetJSONVersion": "1.1.0", "records": len(rows), "columns": columns}
    if lines:
        return "\n".join(map(json.dumps, [told, *rows]))
    return json.dumps(told | {"rows": rows})


def workbook(frame: pd.DataFrame, path: Path, *, above: int = 0, sheet: str = "Data") -> None:
    """The table as a sheet, below some rows of which the first holds a title."""
    book = openpyxl.Workbook()
    page = book.active
    page.title = sheet
    for at in range(above):
        page.append(["Scores of a small trial"] if at == 0 else [None])
    for row in [tuple(frame.columns), *_cells(frame)]:
        page.append(list(row))
    book.save(path)


def by_blanks(text: str) -> str:
    """The table as R's `write.table` writes it: words in quotes, blanks between."""
    rows = [line.split(",") for line in text.splitlines()]
    return "\n".join(
        " ".join(cell if cell.isdigit() else f'"{cell}"' for cell in row) for row in rows
    )


def _cells(frame: pd.DataFrame) -> list[tuple[Any, ...]]:
    rows = frame.itertuples(index=False, name=None)
    return [tuple(None if pd.isna(v) or v == "" else v for v in row) for row in rows]


def _zip(text: str, _frame: pd.DataFrame, path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("export/visits.csv", text)
        packed.writestr("__MACOSX/._visits.csv", "of the operating system")


def _duckdb(_text: str, frame: pd.DataFrame, path: Path) -> None:
    with duckdb.connect(str(path)) as base:
        base.register("frame", frame)
        base.execute("CREATE SCHEMA raw")
        base.execute("CREATE TABLE visits AS SELECT * FROM frame")
        base.execute("CREATE TABLE raw.visits_of_raw AS SELECT * FROM frame")


def _sqlite(_text: str, frame: pd.DataFrame, path: Path) -> None:
    with sqlite3.connect(path) as base:
        frame.to_sql("visits", base, index=False)
    base.close()


WRITERS: dict[str, Writer] = {
    "csv": lambda text, _, path: path.write_text(text, encoding="utf-8"),
    "csv.gz": lambda text, _, path: path.write_bytes(gzip.compress(text.encode())),
    "tsv.gz": lambda text, _, path: path.write_bytes(
        gzip.compress(text.replace(",", "\t").encode())
    ),
    "txt": lambda text, _, path: path.write_bytes(text.replace(",", "\t").encode("utf-16")),
    "tab": lambda text, _, path: path.write_text(text.replace(",", "\t"), encoding="utf-8"),
    "dat": lambda text, _, path: path.write_text(by_blanks(text), encoding="utf-8"),
    "zip": _zip,
    "parquet": lambda _, frame, path: frame.to_parquet(path),
    "sav": lambda _, frame, path: pyreadstat.write_sav(frame, str(path)),
    "zsav": lambda _, frame, path: pyreadstat.write_sav(frame, str(path), compress=True),
    "por": lambda _, frame, path: pyreadstat.write_por(frame, str(path)),
    "dta": lambda _, frame, path: pyreadstat.write_dta(frame, str(path)),
    "xpt5": lambda _, frame, path: pyreadstat.write_xport(frame, str(path), file_format_version=5),
    "xpt8": lambda _, frame, path: pyreadstat.write_xport(frame, str(path), file_format_version=8),
    "xlsx": lambda _, frame, path: workbook(frame, path),
    "json": lambda _, frame, path: path.write_text(dataset_json(frame, lines=False)),
    "ndjson": lambda _, frame, path: path.write_text(dataset_json(frame, lines=True)),
    "rds": lambda _, frame, path: rdata.write_rds(path, frame),
    "rda": lambda _, frame, path: rdata.write_rda(path, {"visits": frame}),
    "duckdb": _duckdb,
    "sqlite": _sqlite,
}
"""Format -> how a table is written in it, from its text as CSV and as a frame."""


def written(text: str, kind: str, folder: Path) -> str | dict[str, str]:
    """Write a table in a format; what a plan writes under `data.files` to have it read."""
    name = f"visits.{kind.rstrip('58')}"
    WRITERS[kind](text, numbers_and_codes(text), folder / name)
    return {"file": name, "table": "visits"} if kind in ("duckdb", "sqlite") else name
