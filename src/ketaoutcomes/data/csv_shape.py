"""What a CSV file must look like before its values are looked at."""

import re
from collections import Counter
from itertools import islice
from typing import Final

from ketaoutcomes.data.findings import listed, rows_in_words
from ketaoutcomes.data.refusals import refusal

Rows = list[tuple[int, list[str]]]
"""Each row that holds anything, with its number."""

SPREADSHEETS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
NUMBER: Final = re.compile(r"\s*[+-]?\d+(?:[.,]\d+)?\s*")
ROWS_LOOKED_AT: Final = 50
LEAST_ROWS: Final = 5
LEAST_NUMERIC_COLUMNS: Final = 2


def refuse_other_bytes(content: bytes, name: str, encoding: str) -> None:
    """Refuse a spreadsheet, and text of two bytes a letter that the plan does not name."""
    if content.startswith(SPREADSHEETS):
        raise refusal(
            name, "a CSV file", "a spreadsheet, or another packed file", "save it as CSV (UTF-8)"
        )
    if content.startswith(UTF_16) and "16" not in encoding:
        raise refusal(
            name,
            f"text in {encoding}",
            "text in UTF-16",
            "save the file as UTF-8, or set `data.encoding: utf-16`",
        )


def refuse_bad_header(header: list[str], name: str) -> None:
    """Refuse columns of one name, and a title where the names should stand."""
    double = [column for column, count in Counter(header).items() if count > 1]
    if "" in double:
        raise refusal(
            f"{name}, row 1",
            "the name of each column",
            f"{header.count('')} of {len(header)} columns without a name",
            "name them; if row 1 is a title, delete the rows above the names",
        )
    if double:
        raise refusal(
            f"{name}, row 1", "each column name once", listed(double), "rename the second column"
        )


def refuse_ragged_rows(header: list[str], rows: Rows, name: str) -> None:
    """Refuse rows that have more or fewer fields than the header."""
    ragged = {number: len(row) for number, row in rows if len(row) != len(header)}
    if not ragged:
        return
    lengths = sorted(set(ragged.values()))
    everywhere = (
        "; if row 1 is a title, delete it; a decimal comma needs quotes, or semicolons between "
        "fields"
        if len(ragged) == len(rows)
        else ""
    )
    raise refusal(
        f"{name}, {rows_in_words(ragged)}",
        f"{len(header)} fields, as in the header",
        f"{' or '.join(map(str, lengths[:3]))} fields",
        f"quote fields that hold a comma, and complete short rows{everywhere}",
    )


def refuse_second_header(header: list[str], rows: Rows, name: str) -> None:
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
