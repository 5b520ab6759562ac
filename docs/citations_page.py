"""A Sphinx extension: the page of every citation, what it is used for and whether it was found."""

import csv
import sys
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import quote

HERE = Path(__file__).parent
sys.path.append(str(HERE))

from citations_named import used_for  # noqa: E402 - the docs are no package

INTRODUCTION = """\
# Citations

Every publication that the code, these pages, the shipped plans and the published evidence name.

| status | what it means | citations |
| --- | --- | --- |
| read | the publication, its abstract or a table of it was read | {read} |
| found | an index, a manual or another project's bibliography gives the same citation | {found} |
| not found | looked for and not found: the citation is not confirmed | {not found} |

Authors, year, journal, volume, first page and DOI were compared, as far as the place shows them.
Most publications are not open to reading. Sections, chapters and equations that stand beside a
citation were therefore not compared; what is computed from them is tested against other software.

## List
"""
MOST_USES = 3


def setup(app: Any) -> dict[str, bool]:
    """Write the page before Sphinx looks for pages."""
    page = HERE / "citations.md"
    app.connect("config-inited", lambda *_: page.write_text(citations(), encoding="utf-8"))
    return {"parallel_read_safe": True}


def citations() -> str:
    """The page as Markdown."""
    with (HERE / "citations.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    uses = used_for(rows)
    head = ["| citation | used for | status | confirmed in | on |", "|---|---|---|---|---|"]
    lines = (_row(row, uses[row["key"]]) for row in rows)
    counts = Counter(row["status"] for row in rows)
    return "\n".join([INTRODUCTION.format_map(counts), *head, *lines, ""])


def _row(row: dict[str, str], uses: tuple[str, ...]) -> str:
    link = quote(row["link"], safe=":/")
    citation = f"[{row['citation']}]({link})" if link else row["citation"]
    more = len(uses) - MOST_USES
    use = "; ".join(uses[:MOST_USES]) + (f"; and {more} more" if more > 0 else "")
    cells = (citation, use, row["status"], row["where"], row["checked_on"])
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
