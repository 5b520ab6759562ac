"""Sheets of Excel workbooks (.xlsx) into tables of text, by the rules of text files.

A cell is read as it is kept, not as it is shown: 12.345 shown as 12.3 is 12.345. What a formula
gave when the workbook was last saved is its value.
"""

import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any, Final
from zlib import error as ZlibError  # noqa: N812 - a class, whatever its name

from ketaoutcomes.data.findings import listed, near_miss
from ketaoutcomes.data.readers.csv_shape import name_by_place
from ketaoutcomes.data.readers.csv_text import name_in_one_line, table_of_records
from ketaoutcomes.data.readers.held import Held
from ketaoutcomes.data.readers.limits import refuse_many_cells
from ketaoutcomes.data.readers.markup import refuse_entities
from ketaoutcomes.data.readers.packed import archive
from ketaoutcomes.data.readers.raw import RawTable, text_of
from ketaoutcomes.data.readers.refusals import empty, malformed, refusal
from ketaoutcomes.plan.files import Writing

OLD_OR_LOCKED: Final = b"\xd0\xcf\x11\xe0"
CHUNK: Final = 65_536
WITHOUT_VALUE: Final = re.compile(
    rb'<c\s(?=(?P<text>[^>]*\bt="str")?)[^>]*?\br="(?P<place>[A-Z]{1,3}\d{1,7})"[^>]*>'
    rb"\s*<f(?:\s[^>]*)?(?:/>|>[^<]*</f>)\s*(?(text)|(?:<v\s*/>|<v></v>)?)\s*</c>"
)
"""A cell that holds a formula and nothing that it gave; an empty text (`str`) was given."""
FAULTS: Final = (
    *(ArithmeticError, AssertionError, AttributeError, EOFError, LookupError, OSError),
    *(RuntimeError, SyntaxError, TypeError, ValueError, ZlibError, zipfile.BadZipFile),
)
"""What openpyxl raises for a workbook that is damaged."""


def read_excel(file: Held, writing: Writing, sheet: str | None = None) -> RawTable:
    """Read a sheet of a workbook; of several the plan names one.

    Raises
    ------
    DataError
        If it is no workbook or has a password, unpacks to too much, declares entities, has no such
        sheet or several, or holds formulas without values.
    """
    if file.content.startswith(OLD_OR_LOCKED):
        raise refusal(
            file.name,
            "an Excel workbook (.xlsx)",
            "one of Excel 2003 or before, or one with a password",
            "save it in Excel as .xlsx, without a password",
        )
    with _book(file) as packed:
        try:
            _refuse_entities(packed, file.name)
            name, path, rows = _chosen(file, sheet)
            _refuse_formulas(packed, path, name)
        except FAULTS as error:
            raise malformed(file.name, "Excel (.xlsx)", error) from None
    if not rows:
        raise empty(name)
    return _table(rows, name, writing)


def sheet_names(file: Held) -> tuple[str, ...]:
    """The sheets of a workbook that hold anything."""
    _book(file).close()
    try:
        return tuple(name for name, sheet in _sheets(file).items() if _has_values(sheet))
    except FAULTS as error:
        raise malformed(file.name, "Excel (.xlsx)", error) from None


def _book(file: Held) -> zipfile.ZipFile:
    """The parts of a workbook; text that is called one is told apart from a damaged one."""
    if b"\0" not in file.content and not file.content.startswith(b"PK"):
        raise refusal(
            file.name,
            "an Excel workbook (.xlsx)",
            "a text",
            "let its name end in .csv or .txt, or save it in Excel as .xlsx",
        )
    return archive(file, "Excel (.xlsx)")


def _refuse_entities(packed: zipfile.ZipFile, name: str) -> None:
    for part in packed.infolist():
        if part.filename.endswith((".xml", ".rels")):
            with packed.open(part) as stream:
                pieces = iter(lambda: stream.read(CHUNK), b"")
                refuse_entities(pieces, f"{name} ({part.filename})")


def _sheets(file: Held) -> dict[str, Any]:
    """Name -> sheet, read when its rows are asked for."""
    from openpyxl import load_workbook  # noqa: PLC0415  (slow to load, and not always used)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of styles and parts that hold no data
        book = load_workbook(file.opened(), read_only=True, data_only=True, keep_links=False)
    found = {sheet.title: sheet for sheet in book.worksheets}
    for sheet in found.values():
        sheet.reset_dimensions()  # what a file says of its size may be wrong
    return found


def _has_values(sheet: Any) -> bool:
    return any(cell.value is not None for row in sheet.iter_rows() for cell in row)


def _chosen(file: Held, wanted: str | None) -> tuple[str, str, list[tuple[int, list[Any]]]]:
    """The name of the sheet that is meant, its place in the archive, and its rows."""
    sheets = _sheets(file)
    filled = [name for name, sheet in sheets.items() if _has_values(sheet)]
    if wanted is None and len(filled) > 1:
        hidden = [name for name in filled if sheets[name].sheet_state != "visible"]
        told = f", which hides {listed(hidden)}" if hidden else ""
        shown = next((name for name in filled if name not in hidden), filled[0])
        raise refusal(
            file.name,
            "the name of a sheet too",
            f"{len(filled)} sheets with values: {listed(filled)}{told}",
            f"write {{file: {file.name}, sheet: {shown}}}",
        )
    if wanted is not None and wanted not in sheets:
        raise refusal(
            file.name,
            f"a sheet `{wanted}`",
            f"the sheets {listed(sheets)}",
            f"{near_miss(wanted, sheets)}Correct `sheet` in the plan",
        )
    if not filled:
        raise empty(file.name)
    title = wanted or filled[0]
    name = file.name if wanted is None else f"{file.name} ({wanted})"
    sheet = sheets[title]
    return name, sheet._worksheet_path, list(_rows(sheet, name))  # noqa: SLF001


def _rows(sheet: Any, name: str) -> Iterator[tuple[int, list[Any]]]:
    """The rows that hold anything, each with its number."""
    cells = 0
    for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
        if any(value is not None for value in row):
            cells += len(row)
            refuse_many_cells(name, cells, 1)
            yield number, list(row)


def _refuse_formulas(packed: zipfile.ZipFile, path: str, name: str) -> None:
    """Refuse formulas that were never calculated, whose cells would be read as empty."""
    places = [
        place["place"].decode() for place in WITHOUT_VALUE.finditer(packed.read(path.lstrip("/")))
    ]
    if places:
        raise refusal(
            name,
            "the value of every formula",
            f"formulas without one in {listed(places)}",
            "open the workbook in Excel, save it, and try again",
        )


def _table(rows: list[tuple[int, list[Any]]], name: str, writing: Writing) -> RawTable:
    """Rows of values as a table of text, with what only the cells say: which are words or dates."""
    width = max(len(row) for _, row in rows)
    filled = [(number, row + [None] * (width - len(row))) for number, row in rows]
    above = [row for number, row in filled if number < writing.header_row]
    header, *below = [row for _, row in filled][len(above) :] or [[]]
    titles = [
        name_in_one_line(_text(value, ".")) or name_by_place(at) for at, value in enumerate(header)
    ]
    columns = dict(zip(titles, zip(*below, strict=True), strict=False))
    worded = frozenset(t for t, cells in columns.items() if _any_of(cells, str))
    commas = worded - {t for t in worded if t.casefold() in writing.labels}
    signs = [writing.decimal if title in commas else "." for title in titles] or ["."] * width
    records = [
        (number, [_text(value, sign) for value, sign in zip(row, signs, strict=True)])
        for number, row in filled
    ]
    table = table_of_records(records, name, writing.header_row)
    dates = frozenset(t for t, cells in columns.items() if _any_of(cells, date))
    here = frozenset(table.frame.columns)
    return replace(table, worded=worded & here, dates=dates & here)


def _any_of(cells: Iterable[object], kind: type) -> bool:
    return any(isinstance(cell, kind) for cell in cells)


def _text(value: object, decimal: str) -> str:
    """A cell as text; among words a number is written as the plan says that numbers are."""
    text = "" if value is None else text_of(value) or ""
    return text.replace(".", decimal) if isinstance(value, float) else text
