"""Figures and tables that a reader of a page meets twice, found in its HTML."""

import re
from collections import Counter

NAMES = re.compile(r'\bid="[^"]*"|url\(#[^)]*\)|href="#[^"]*"')


def repeats(page: str) -> list[str]:
    """The beginning of each drawing and of each table's body that the page holds more than once."""
    drawings = re.findall(r"<svg\b.*?</svg>", page, flags=re.DOTALL)
    tables = re.findall(r"<thead>.*?</tbody>", page, flags=re.DOTALL)
    bodies = [re.sub(r"<[^>]*>", "|", re.sub(r'\stitle="[^"]*"', "", table)) for table in tables]
    seen = Counter([*(NAMES.sub("", drawing) for drawing in drawings), *bodies])
    return [look[:400] for look, times in seen.items() if times > 1]
