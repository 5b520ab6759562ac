"""How tables are numbered and their columns set, the same on the page and in Word."""

import re

from ketaoutcomes.report import Figure, Report, Table

LONGEST_NUMBER = 32

UNBROKEN = tuple(
    (re.compile(pattern), replacement.replace(" ", "\N{NO-BREAK SPACE}"))
    for pattern, replacement in (
        (r"\bp ([=<>]) (\d)", r"p \1 \2"),
        (r"(\d%) CI (?=[\d\N{MINUS SIGN}])", r"\1 CI "),
        (r"(\d|reached) to (?=\N{MINUS SIGN}?\d|not)", r"\1 to "),
    )
)
"""What a line must not break: `p = 0.02`, `95% CI 1 to 2`."""


def unbroken(text: str) -> str:
    """The text with spaces that keep a number and its uncertainty on one line."""
    for pattern, replacement in UNBROKEN:
        text = pattern.sub(replacement, text)
    return text


def numbered(report: Report) -> dict[str, str]:
    """Number of each table and figure, in the order of the page."""
    numbers: dict[str, str] = {}
    tables = figures = 0
    for section in report.sections:
        for block in section.blocks:
            if isinstance(block, Table):
                tables += 1
                numbers[block.id] = f"Table {tables}"
            elif isinstance(block, Figure):
                figures += 1
                numbers[block.id] = f"Figure {figures}"
    return numbers


def numeric_columns(table: Table) -> list[bool]:
    """For each column, whether all its cells are set flush right, as numbers are."""
    rows = [row for row in table.rows if len(row) == len(table.columns)]
    return [
        all(len(row[place].text) <= LONGEST_NUMBER for row in rows)
        for place, _ in enumerate(table.columns)
    ]


def leads(table: Table) -> list[bool]:
    """For each row, whether it heads the rows below: alone, or blank above indented ones."""
    following = [*table.rows[1:], ()]
    return [
        len(row) == 1 or bool(after and after[0].indent > row[0].indent and not row[1].text)
        for row, after in zip(table.rows, following, strict=True)
    ]
