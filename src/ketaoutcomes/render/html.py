"""One self-contained page: no script, no outside request, every word from data escaped."""

import re
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

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


def render_html(report: Report) -> str:
    """Render the page.

    Parameters
    ----------
    report : Report

    Returns
    -------
    str
        HTML; the same report gives the same text.
    """
    environment = Environment(
        loader=FunctionLoader(_read),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["svg"] = _drawing
    environment.filters["short"] = _is_short
    environment.filters["kind"] = _kind
    environment.filters["whole"] = unbroken
    environment.filters["numeric_columns"] = _numeric_columns
    environment.filters["leads"] = _leads
    page = environment.get_template("page.html.jinja")
    css = _read("page.css")
    return page.render(
        report=report,
        css=Markup(css),  # noqa: S704 - our own file
        numbers=_numbered(report),
    )


def _read(name: str) -> str:
    return files("ketaoutcomes.render").joinpath(name).read_text(encoding="utf-8")


def _drawing(figure: Figure) -> Markup:
    """The SVG as it is: our own drawing code made it, and it holds no text from data unescaped."""
    return Markup(figure.svg)  # noqa: S704 - our own drawing


def _kind(block: object) -> str:
    """Name of the block's kind, which picks its macro."""
    return type(block).__name__


def _numeric_columns(table: Table) -> list[bool]:
    """For each column, whether all its cells are set flush right."""
    rows = [row for row in table.rows if len(row) == len(table.columns)]
    return [
        all(_is_short(row[place].text) for row in rows) for place, _ in enumerate(table.columns)
    ]


def _leads(table: Table) -> list[bool]:
    """For each row, whether it heads the rows below: alone, or blank above indented ones."""
    following = [*table.rows[1:], ()]
    return [
        len(row) == 1 or bool(after and after[0].indent > row[0].indent and not row[1].text)
        for row, after in zip(table.rows, following, strict=True)
    ]


def _is_short(text: str) -> bool:
    """Whether a cell is set flush right, as numbers are; longer words read from the left."""
    return len(text) <= LONGEST_NUMBER


def _numbered(report: Report) -> dict[str, str]:
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
