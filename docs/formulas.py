"""A Sphinx extension: formulas written as plain text get their subscripts and superscripts.

The pages on methods write V_ij and x^{a} so that they read well as text; the site sets them as a
book does. Code, which is fenced with its language, is left alone.
"""

import re
from collections.abc import Iterator
from typing import Any

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

PAGES = "methods/"
GREEK = "\u0391-\u03c9"
MARKS = "\u0302\u0303\u0304"
"""A hat, a tilde and a bar, which stand after their letter."""
INDEX = re.compile(
    rf"(?<=[A-Za-z0-9{GREEK}{MARKS}²₀\u2113∂|)])(?P<sign>[_^])"
    rf"(?:\{{(?P<long>[^{{}}]*)\}}|(?P<word>[+−]?[A-Za-z0-9½∞{GREEK}]+[+−]?)"
    r"|\((?P<group>(?:[^()]|\([^()]*\))*)\))"
)
LONE = re.compile(rf"(?:(?:^|[^A-Za-z0-9_])(?:ED|se|d?[A-Za-z\u2113∂])|[{GREEK}])[{MARKS}²]?$")
"""What may carry a subscript in a sentence: one letter; `dose_response` is a word."""
LETTER = re.compile(r"[a-z]")


class Indices(SphinxPostTransform):
    """Indices in the text and the formulas of a page on methods."""

    default_priority = 200

    def run(self, **_kwargs: Any) -> None:
        """Set every index of the page."""
        if not self.env.docname.startswith(PAGES):
            return
        for block in list(self.document.findall(nodes.literal_block)):
            if block.get("language", "none") in ("none", "default"):
                block["classes"].append("formula")
                block.children = []
                block += list(parts_of(block.rawsource or block.astext(), formula=True))
                block.rawsource = ""  # no highlighting: the parts are set as they are
        for text in list(self.document.findall(nodes.Text)):
            inside = (nodes.literal, nodes.literal_block, nodes.raw, nodes.math, nodes.subscript)
            parent = text.parent
            if not isinstance(parent, (*inside, nodes.superscript)) and INDEX.search(str(text)):
                parent.replace(text, list(parts_of(str(text))))


def parts_of(text: str, *, formula: bool = False) -> Iterator[nodes.Node]:
    """The text with its indices as nodes of their own; in a formula words may have a letter."""
    done = 0
    for found in INDEX.finditer(text):
        index = found["long"] or found["word"] or found["group"]
        named = LONE.search(text[: found.start()]) or (formula and LETTER.fullmatch(index))
        if found["sign"] == "_" and not named:
            continue
        yield nodes.Text(text[done : found.start()])
        kind = nodes.subscript if found["sign"] == "_" else nodes.superscript
        yield kind("", "", nodes.Text(re.sub(r"_(\w)", r"\1", index)))
        done = found.end()
    yield nodes.Text(text[done:])


def setup(app: Any) -> dict[str, bool]:
    """Run after the pages are read."""
    app.add_post_transform(Indices)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
