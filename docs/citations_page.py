"""A Sphinx extension: the page of every citation and whether it was read, from `citations.csv`."""

import csv
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
INTRODUCTION = """\
# Citations

Every publication that the code, these pages, the shipped plans and the published evidence name.
**read**: a page of the publisher, an index or another project's bibliography says the same as the
citation. **not looked up**: taken from memory or from another text, and to be looked up. **not
verified**: looked for and not found, so that the fact that rests on it is not confirmed.
"""


def setup(app: Any) -> dict[str, bool]:
    """Write the page before Sphinx looks for pages."""
    page = HERE / "citations.md"
    app.connect("config-inited", lambda *_: page.write_text(citations(), encoding="utf-8"))
    return {"parallel_read_safe": True}


def citations() -> str:
    """The page as Markdown."""
    with (HERE / "citations.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    head = ["| citation | status | read at | on |", "|---|---|---|---|"]
    return "\n".join([INTRODUCTION, *head, *map(_row, rows), ""])


def _row(row: dict[str, str]) -> str:
    cells = (row["citation"], row["status"], row["read_at"], row["checked_on"])
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
