"""One self-contained page: no outside request, every word from data escaped.

Its one script marks in the contents where a reader is and searches; its hash stands in the policy
of the page, so that no other script runs, and the page is whole without it.
"""

import base64
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from hashlib import sha256
from importlib.resources import files
from itertools import groupby
from typing import Final

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup, escape

from ketaoutcomes.report.blocks import Block, Definitions, Figure, Part, Report
from ketaoutcomes.report.downloads import Saved, saved_of
from ketaoutcomes.report.layout import CODE, leads, numbered, numeric_columns, unbroken
from ketaoutcomes.report.term_links import linked
from ketaoutcomes.visible import all_visible

PART_NAMES: Final[Mapping[Part, str]] = {
    "": "",
    "front": "",
    "methods": "Estimands and methods",
    "appendix": "Appendices",
}
"""What stands over the sections of a part."""


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
    shown = all_visible(report)
    return _rendered(shown, saved_of(shown))


def page_and_files(report: Report) -> tuple[bytes, dict[str, bytes]]:
    """The page, and its tables and figures as files by their path."""
    shown = all_visible(report)
    saved = saved_of(shown)
    files = {f"{file.folder}/{file.name}": file.content for file in saved}
    return _rendered(shown, saved).encode(), files


def _rendered(shown: Report, saved: tuple[Saved, ...]) -> str:
    """The page of a report in which every character is seen."""
    page = _environment().get_template("page.html.jinja")
    script = _read("page.js")
    text = page.render(
        report=shown,
        css=Markup(_read("page.css")),  # noqa: S704 - our own file
        paper=Markup(_on_paper(shown)),  # noqa: S704 - its text is escaped for CSS
        script=Markup(script),  # noqa: S704 - our own file
        script_hash=_policy_hash(script),
        parts=[(part, list(found)) for part, found in groupby(shown.sections, lambda s: s.part)],
        part_names=PART_NAMES,
        numbers=numbered(shown),
        files={file.id: file for file in saved},
    )
    return linked(text, _entries(shown))


def _entries(report: Report) -> dict[str, str]:
    """The place of each entry of the glossary, by its term."""
    blocks = (block for section in report.sections for block in section.blocks)
    glossaries = (block for block in blocks if isinstance(block, Definitions) and block.places)
    return {
        term: place
        for block in glossaries
        for (term, _), place in zip(block.items, block.places, strict=True)
    }


def _policy_hash(script: str) -> str:
    """The hash of a script as a content security policy writes it."""
    return f"sha256-{base64.b64encode(sha256(script.encode()).digest()).decode()}"


def _on_paper(report: Report) -> str:
    """What stands around each printed page: title, that data are synthetic, and its number."""
    banner = (
        "Simulated data, no real patients, not for clinical decisions." if report.synthetic else ""
    )
    boxes = {
        "top-left": _css_string(report.title),
        "top-right": _css_string(banner),
        "bottom-left": _css_string(report.footer[0] if report.footer else ""),
        "bottom-right": '"Page " counter(page) " of " counter(pages)',
    }
    return (
        "@page {"
        + " ".join(f"@{box} {{ content: {words}; }}" for box, words in boxes.items())
        + "}"
    )


def _css_string(text: str) -> str:
    """A string of CSS: all but letters, digits and spaces as their code points."""
    return '"' + "".join(c if c.isalnum() or c == " " else f"\\{ord(c):x} " for c in text) + '"'


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
    return part.render(blocks=shown, css=Markup(css), numbers=numbers, files={})  # noqa: S704


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
    environment.filters["coded"] = _with_code
    environment.filters["whole"] = partial(_with_code, set_text=unbroken)
    environment.filters["numeric_columns"] = numeric_columns
    environment.filters["leads"] = leads
    return environment


def _with_code(text: str, set_text: Callable[[str], str] = str) -> Markup:
    """The text with `<code>` for what stands between back-ticks; `set_text` sets the rest."""
    return Markup().join(
        Markup("<code>{}</code>").format(part) if place % 2 else escape(set_text(part))
        for place, part in enumerate(CODE.split(text))
    )


def _read(name: str) -> str:
    return files("ketaoutcomes.report").joinpath(name).read_text(encoding="utf-8")


def _drawing(figure: Figure) -> Markup:
    """The SVG as it is: our own drawing code made it, and it holds no text from data unescaped."""
    return Markup(figure.svg)  # noqa: S704 - our own drawing


def _kind(block: object) -> str:
    """Name of the block's kind, which picks its macro."""
    return type(block).__name__
