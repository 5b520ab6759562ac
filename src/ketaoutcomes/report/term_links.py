"""The first use of each term on a page, linked to its entry in the glossary."""

import re
from collections.abc import Mapping
from typing import Final

from ketaoutcomes.report.terms import first_use

WHOLE: Final = ("<svg", "<style", "<script")
"""Elements that are passed as one: their many tags hold no text of the page."""
TOKEN: Final = re.compile(
    r"(<svg\b.*?</svg>|<style\b.*?</style>|<script\b.*?</script>|<[^>]*>)", re.DOTALL
)
NOT_IN: Final = re.compile(
    r"<(h1|h2|h3|a|code|pre|title|nav|header|footer|summary|ol)\b(?!.*/>)", re.DOTALL
)
"""Elements whose text holds no link: headings, code, references and other links."""
LETTER: Final = re.compile(r"[^\W\d_]")


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
        if part.startswith(WHOLE):
            out.append(part)
        elif part.startswith("<"):
            _step(part, within)
            at_glossary = (at_glossary or 'id="glossary"' in part) and part != "</section>"
            out.append(part)
        elif within or at_glossary or not open_terms or not LETTER.search(part):
            out.append(part)
        else:
            out.append(_linked_text(part, open_terms))
    return "".join(out)


def _step(tag: str, within: list[str]) -> None:
    """Go into an element without links, or out of it."""
    if within and tag == f"</{within[-1]}>":
        within.pop()
    elif found := NOT_IN.match(tag):
        within.append(found[1])


def _linked_text(text: str, open_terms: dict[str, str]) -> str:
    """A text with links on the terms that are new in it, which are then done."""
    found = []
    for term in open_terms:
        first = first_use(term, text)
        if first is not None:
            found.append((first.start, -first.stop, term))
    out, done = [], 0
    for start, minus_end, term in sorted(found):
        if start >= done:
            out += [text[done:start], f'<a class="term" href="#{open_terms.pop(term)}">']
            out += [text[start:-minus_end], "</a>"]
            done = -minus_end
    return "".join((*out, text[done:]))
