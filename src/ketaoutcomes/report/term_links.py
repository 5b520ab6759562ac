"""The first use of each term on a page, linked to its entry in the glossary."""

import re
from collections.abc import Mapping
from typing import Final

from ketaoutcomes.report.terms import first_use

TOKEN: Final = re.compile(r"(<[^>]*>)")
NOT_IN: Final = frozenset(
    {
        *("h1", "h2", "h3", "a", "code", "pre", "svg", "style", "script", "title", "nav"),
        *("header", "footer", "summary", "ol"),
    }
)
"""Elements whose text holds no link: headings, code, drawings, references and other links."""


def linked(page: str, entries: Mapping[str, str]) -> str:
    """A page in which each term is linked where it is first used.

    Parameters
    ----------
    entries : mapping of str to str
        The id of the entry, by its term.
    """
    open_terms = dict(entries)
    within: list[str] = []
    out = []
    at_glossary = False
    for part in TOKEN.split(page):
        if part.startswith("<"):
            _step(part, within)
            at_glossary = (at_glossary or 'id="glossary"' in part) and part != "</section>"
            out.append(part)
        elif within or at_glossary or not open_terms or not part.strip():
            out.append(part)
        else:
            out.append(_linked_text(part, open_terms))
    return "".join(out)


def _step(tag: str, within: list[str]) -> None:
    """Go into an element without links, or out of it."""
    found = re.match(r"<(/?)([a-z0-9]+)", tag)
    if found is None or tag.endswith("/>"):
        return
    if found[1] and within and within[-1] == found[2]:
        within.pop()
    elif not found[1] and found[2] in NOT_IN:
        within.append(found[2])


def _linked_text(text: str, open_terms: dict[str, str]) -> str:
    """A text with links on the terms that are new in it, which are then done."""
    found = []
    for term in open_terms:
        first = first_use(term, text)
        if first is not None:
            found.append((first.start(), -first.end(), term))
    out, done = [], 0
    for start, minus_end, term in sorted(found):
        if start >= done:
            out += [text[done:start], f'<a class="term" href="#{open_terms.pop(term)}">']
            out += [text[start:-minus_end], "</a>"]
            done = -minus_end
    return "".join((*out, text[done:]))
