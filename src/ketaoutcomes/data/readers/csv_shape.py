"""What a CSV file must look like before its values are looked at."""

import re
from itertools import islice
from typing import Final

from ketaoutcomes.data.findings import listed, rows_in_words
from ketaoutcomes.data.readers.refusals import refusal, refuse_same_names

Records = list[tuple[int, list[str]]]
"""Each row that holds anything, with its number."""

SPREADSHEETS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
BYTES_LOOKED_AT: Final = 4096
UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
NUMBER: Final = re.compile(r"\s*[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d+)?\s*")
NOT_AVAILABLE: Final = frozenset(("NA", "."))
"""What R and SAS write into a text file for a missing value. Other words are values."""
ROWS_LOOKED_AT: Final = 50
LEAST_ROWS: Final = 5
LEAST_NUMERIC_COLUMNS: Final = 2
LEAST_COLUMNS: Final = 3


def refuse_other_bytes(content: bytes, name: str, encoding: str) -> None:
    """Refuse a spreadsheet, and text of two bytes a letter that neither says so."""
    if content.startswith(SPREADSHEETS):
        raise refusal(
            name,
            "a CSV file",
            "a spreadsheet, or another packed file",
            "let its name end in .xlsx or .zip if it is one of these; else save it as CSV (UTF-8)",
        )
    wide = content.startswith(UTF_16) or any(n in encoding for n in ("16", "32"))
    if b"\x00" in content[:BYTES_LOOKED_AT] and not wide:
        raise refusal(
            name,
            f"text in {encoding}",
            "bytes of value 0, as in text of two bytes a letter (UTF-16) or in no text at all",
            "save the file as CSV (UTF-8), or set `data.encoding: utf-16-le`",
        )


def without_empty_ends(header: list[str], rows: Records) -> tuple[list[str], Records]:
    """Header and rows without the separators that stand after the last named column.

    Fields without a name and without a value at the end of rows hold nothing; spreadsheets write
    them where a cell once held something.
    """
    width = len(header)
    while width > 1 and not header[width - 1] and not any(_cell(row, width - 1) for _, row in rows):
        width -= 1
    trimmed = [
        (number, row if any(map(str.strip, row[width:])) else row[:width]) for number, row in rows
    ]
    return header[:width], trimmed


def named_columns(header: list[str], rows: Records) -> tuple[list[str], Records]:
    """Header and rows without the columns that have neither a name nor a value.

    A column of values without a name is called after its place, so that a plan can name it.
    """
    kept = [at for at, name in enumerate(header) if name or any(_cell(row, at) for _, row in rows)]
    names = [header[at] or name_by_place(at) for at in kept]
    if len(kept) == len(header):
        return names, rows
    return names, [(number, [row[at] for at in kept]) for number, row in rows]


def name_by_place(at: int) -> str:
    """What a column without a name is called: `column_1` is the first."""
    return f"column_{at + 1}"


def _cell(row: list[str], at: int) -> str:
    return row[at].strip() if at < len(row) else ""


def refuse_bad_header(at: int, header: list[str], rows: Records, name: str) -> None:
    """Refuse columns of one name, and a title or numbers where the names should stand."""
    _refuse_numbers_as_names(at, header, name)
    nameless = [
        column
        for column, told in enumerate(header)
        if not told and any(_cell(row, column) for _, row in rows)
    ]
    if len(nameless) > 1:
        _refuse_names_in_two_rows(at, header, rows, name)
        raise refusal(
            f"{name}, row {at}",
            "the name of each column",
            f"{len(nameless)} of {len(header)} columns without a name",
            f"name them; {_remedy_of_title(at, rows)}",
        )
    named = [column or name_by_place(place) for place, column in enumerate(header)]
    told = [column for place, column in enumerate(named) if header[place] or place in nameless]
    refuse_same_names(told, f"{name}, row {at}", "rename the second column")


def _refuse_names_in_two_rows(at: int, header: list[str], rows: Records, name: str) -> None:
    """Refuse names that stand in two rows, as under merged cells: neither has all of them."""
    second = [cell.strip() for cell in rows[0][1]]
    second += [""] * (len(header) - len(second))
    pairs = list(zip(header, second[: len(header)], strict=True))
    both = [f"{above} {below}" for above, below in pairs if above and below]
    if any(map(NUMBER.fullmatch, filter(None, second))) or not both or all(second):
        return
    if all(above or below for above, below in pairs):
        raise refusal(
            f"{name}, rows {at} and {rows[0][0]}",
            "the names of the columns in one row",
            "names in two rows, as under merged cells",
            f"write each name into one row, such as `{both[0]}`, and delete the other row",
        )


def refuse_footer(header: list[str], rows: Records, name: str) -> None:
    """Refuse a sentence below the table, which would be read as one more participant."""
    if len(header) < LEAST_COLUMNS or len(rows) <= LEAST_ROWS:
        return
    number, last = rows[-1]
    told = [at for at, text in enumerate(last) if text.strip()]
    if len(told) != 1:
        return
    others = (_cell(row, told[0]) for _, row in rows[:-1])
    if " " in last[told[0]].strip() and not any(" " in text for text in others):
        raise refusal(
            f"{name}, row {number}",
            f"the {len(header)} fields of a row, as in the rows above",
            "a sentence in one field, as of a note below the table",
            f"delete row {number}",
        )


def _refuse_numbers_as_names(at: int, header: list[str], name: str) -> None:
    """Refuse a first row of numbers alone, which would be lost; pandas numbers columns from 0."""
    told = [column for column in header if column]
    numbered = told == [str(number) for number in range(len(told))]
    if len(told) > 1 and not numbered and all(map(NUMBER.fullmatch, told)):
        raise refusal(
            f"{name}, row {at}",
            "the name of each column",
            "numbers alone, as of a file without names",
            "write the names of the columns in a row above, in the order of the columns",
        )


def refuse_ragged_rows(at: int, header: list[str], rows: Records, name: str) -> None:
    """Refuse rows that have more or fewer fields than the header."""
    ragged = {number: len(row) for number, row in rows if len(row) != len(header)}
    if not ragged:
        return
    lengths = sorted(set(ragged.values()))
    everywhere = (
        f"; {_remedy_of_title(at, rows)}; a decimal comma needs quotes, or semicolons between "
        "fields"
        if 2 * len(ragged) > len(rows)
        else ""
    )
    raise refusal(
        f"{name}, {rows_in_words(ragged)}",
        f"{len(header)} {'field' if len(header) == 1 else 'fields'}, as in the header",
        f"{' or '.join(map(str, lengths[:3]))} fields",
        f"quote fields that hold a comma, and complete short rows{everywhere}",
    )


def _remedy_of_title(at: int, rows: Records) -> str:
    """What to do if the first row is a title; a row that seems to name the columns is named."""
    widest = max(len(row) for _, row in rows)
    for number, row in rows[:ROWS_LOOKED_AT]:
        told = [field.strip() for field in row]
        words = all(told) and not any(map(NUMBER.fullmatch, told))
        if len(row) == widest and words and len(set(told)) == len(told):
            return (
                f"if row {at} is a title, set `data.header_row: {number}`, as row {number} seems "
                "to name the columns"
            )
    return f"if row {at} is a title, delete the rows above the names, or set `data.header_row`"


def refuse_second_header(header: list[str], rows: Records, name: str) -> None:
    """Refuse a first row of words, titles or units, over columns of numbers."""
    if len(rows) <= LEAST_ROWS:
        return
    (number, first), *rest = islice(rows, ROWS_LOOKED_AT)
    worded = [at for at, text in enumerate(first) if text.strip()]
    if any(NUMBER.fullmatch(first[at]) for at in worded):
        return
    numeric = [header[at] for at in worded if _all_numbers([row[at] for _, row in rest])]
    if len(numeric) >= LEAST_NUMERIC_COLUMNS:
        raise refusal(
            f"{name}, row {number}",
            f"numbers under {listed(numeric)}, as in the rows below",
            "words: a second header, or units",
            f"delete row {number}, so that one row names the columns",
        )


def _all_numbers(texts: list[str]) -> bool:
    """Whether a column holds numbers, enough of them, and nothing else."""
    told = [text for text in texts if text.strip()]
    return len(told) >= LEAST_ROWS and all(map(NUMBER.fullmatch, told))
