"""One self-contained page: no script, no outside request, every word from data escaped."""

from collections.abc import Mapping, Sequence
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from ketaoutcomes.report.blocks import Block, Figure, Report
from ketaoutcomes.report.layout import leads, numbered, numeric_columns, unbroken
from ketaoutcomes.visible import all_visible


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
    page = _environment().get_template("page.html.jinja")
    css = _read("page.css")
    shown = all_visible(report)
    return page.render(
        report=shown,
        css=Markup(css),  # noqa: S704 - our own file
        numbers=numbered(shown),
    )


def render_part(blocks: Sequence[Block], numbers: Mapping[str, str]) -> str:
    """Render blocks to be shown by themselves, as in a notebook, whose own style they leave alone.

    Parameters
    ----------
    numbers : mapping of str to str
        What each table and figure is called, by its id: `numbered(report)`.
    """
    part = _environment().get_template("part.html.jinja")
    css = _read("part.css")
    shown = all_visible(tuple(blocks))
    return part.render(blocks=shown, css=Markup(css), numbers=numbers)  # noqa: S704 - our own file


def _environment() -> Environment:
    environment = Environment(
        loader=FunctionLoader(_read),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["svg"] = _drawing
    environment.filters["kind"] = _kind
    environment.filters["whole"] = unbroken
    environment.filters["numeric_columns"] = numeric_columns
    environment.filters["leads"] = leads
    return environment


def _read(name: str) -> str:
    return files("ketaoutcomes.report").joinpath(name).read_text(encoding="utf-8")


def _drawing(figure: Figure) -> Markup:
    """The SVG as it is: our own drawing code made it, and it holds no text from data unescaped."""
    return Markup(figure.svg)  # noqa: S704 - our own drawing


def _kind(block: object) -> str:
    """Name of the block's kind, which picks its macro."""
    return type(block).__name__
