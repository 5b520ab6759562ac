"""A fitted model as a page of text and of HTML."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

import pandas as pd

from ketaoutcomes.visible import LINES, visible


@dataclass(frozen=True)
class Table:
    """A frame with its caption.

    Attributes
    ----------
    index : bool
        Whether the names of the rows are shown.
    """

    caption: str
    frame: pd.DataFrame
    index: bool = False


@dataclass(frozen=True)
class Summary:
    """What `str` shows as text and a notebook as HTML.

    Attributes
    ----------
    title : str
    facts : mapping
        Name and value of each line at the top.
    tables : tuple of Table
    notes : tuple of str
    """

    title: str
    facts: Mapping[str, str]
    tables: tuple[Table, ...]
    notes: tuple[str, ...] = ()

    def as_text(self) -> str:
        """Plain text."""
        width = max(map(len, self.facts), default=0)
        facts = [f"{name:<{width}}  {value}" for name, value in self.facts.items()]
        tables = [
            f"{table.caption}\n{table.frame.to_string(index=table.index, na_rep='')}"
            for table in self.tables
        ]
        notes = [f"Note: {note}" for note in self.notes]
        parts = ["\n".join(facts), *tables, "\n".join(notes)]
        page = [f"{self.title}\n{'=' * len(self.title)}", *filter(None, parts)]
        return visible("\n\n".join(page), LINES)

    def as_html(self) -> str:
        """HTML without a style of its own."""
        facts = "".join(
            f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>"
            for name, value in self.facts.items()
        )
        tables = "".join(
            f"<h4>{escape(table.caption)}</h4>"
            + table.frame.to_html(index=table.index, na_rep="", border=0)
            for table in self.tables
        )
        notes = "".join(f"<p>Note: {escape(note)}</p>" for note in self.notes)
        shown = f"<h3>{escape(self.title)}</h3><table>{facts}</table>{tables}{notes}"
        return visible(shown, LINES)

    def __str__(self) -> str:
        return self.as_text()

    def __repr__(self) -> str:
        return self.as_text()

    def _repr_html_(self) -> str:
        return self.as_html()


def rounded(frame: pd.DataFrame) -> pd.DataFrame:
    """A table of estimates with the digits that a reader needs."""
    shown = frame.copy()
    for name in shown.select_dtypes("number"):
        digits = {"df": 1, "den_df": 1, "num_df": 0}.get(str(name), 4)
        shown[name] = shown[name].map(f"{{:.{digits}f}}".format)
    if "p_value" in frame:
        shown["p_value"] = frame["p_value"].map(lambda p: "<0.0001" if p < 0.0001 else f"{p:.4f}")
    return shown
