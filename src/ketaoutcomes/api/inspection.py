"""A first look at data: what each column seems to hold, and a plan to start from."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from ketaoutcomes.data.inspection.inspect import Inspection, inspect_folder, inspect_frames
from ketaoutcomes.data.inspection.words import inspection_words, plan_words
from ketaoutcomes.errors import DataError, Problem


@dataclass(frozen=True, repr=False)
class Looked:
    """What was seen.

    Attributes
    ----------
    seen : Inspection
        Guesses, what may identify a person, and proposed plans.
    """

    seen: Inspection

    @property
    def plan(self) -> dict[str, Any]:
        """The likeliest plan, to be completed: `run` takes it once that is done.

        Raises
        ------
        DataError
            If no plan can be proposed.
        """
        chosen = self.seen.chosen
        if chosen is None:
            raise DataError(
                "no plan can be proposed: no file with participants and an outcome was recognised"
            )
        return chosen.plan

    @property
    def plan_text(self) -> str:
        """The same as YAML, with what is to be checked as comments; "" where there is none."""
        return plan_words(self.seen)

    @property
    def columns(self) -> pd.DataFrame:
        """One row a column: in which file, and what it seems to be."""
        rows = [
            (guess.file, guess.kind, name, {c: r for r, c in guess.roles.items()}.get(name, ""))
            for guess in self.seen.guesses
            for name in guess.columns
        ]
        return pd.DataFrame(rows, columns=["file", "layout", "column", "role"])

    @property
    def identifiers(self) -> pd.DataFrame:
        """Columns that may identify a person; their values are not shown."""
        rows = [(f.file, f.column, f.kind, f.rows) for f in self.seen.findings]
        return pd.DataFrame(rows, columns=["file", "column", "kind", "rows"])

    @property
    def unreadable(self) -> tuple[Problem, ...]:
        """What could not be read, and why."""
        return self.seen.unreadable

    def __repr__(self) -> str:
        return inspection_words(self.seen)

    def _repr_html_(self) -> str:
        return f"<pre>{escape(repr(self))}</pre>"


def inspect(data: str | Path | Mapping[str, Any], *, accept: str | None = None) -> Looked:
    """Look at the files of a folder, at one file, or at frames; nothing is computed from them.

    Parameters
    ----------
    data : str, Path or dict of DataFrame
        A folder or a file; or frames by any name.
    accept : str, optional
        Why columns that look like identifiers identify nobody; written into the plan.

    Raises
    ------
    DataError
        If there is nothing that can be read.
    """
    if isinstance(data, Mapping):
        return Looked(inspect_frames(data, accept))
    return Looked(inspect_folder(Path(data), accept))
