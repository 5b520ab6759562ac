"""What a page shows to its reader: each paragraph, cell, caption and word of a drawing a line."""

from html.parser import HTMLParser

LINES = frozenset(
    {
        *("p", "li", "td", "th", "caption", "figcaption", "h1", "h2", "h3", "dt", "dd", "summary"),
        *("text", "div", "figure", "section"),
    }
)
"""Elements that are read by themselves."""

NOT_READ = frozenset({"style", "script", "pre", "code", "title"})
"""Elements without prose: names of functions, packages and columns stand in `code`."""


class _Lines(HTMLParser):
    """Collects the text of each line; references are titles of others and are not read."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = [""]
        self.skipped: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        if self.skipped:
            self.skipped += [tag] if tag == self.skipped[0] else []
        elif tag in NOT_READ or known.get("class") == "references":
            self.skipped.append(tag)
            self.lines[-1] += "`x`"
        elif tag in LINES:
            self.lines.append("")
        for key in ("aria-label", "alt"):
            if known.get(key):
                self.lines[-1:] = [known[key] or "", self.lines[-1]]

    def handle_endtag(self, tag: str) -> None:
        if self.skipped and tag == self.skipped[0]:
            self.skipped.pop()
        elif tag in LINES:
            self.lines.append("")

    def handle_data(self, data: str) -> None:
        if not self.skipped:
            self.lines[-1] += data


def displayed(page: str) -> list[str]:
    """The lines of a page in HTML, without those that are only code."""
    reader = _Lines()
    reader.feed(page)
    reader.close()
    lines = (" ".join(line.split()) for line in reader.lines)
    return [line for line in lines if line.replace("`x`", "").strip()]
