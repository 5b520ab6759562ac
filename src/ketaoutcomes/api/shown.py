"""Results that show themselves: as text at a prompt, as a table in a notebook."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from html import escape

import pandas as pd

from ketaoutcomes.visible import LINES, visible

DIGITS = "{:.4g}"
LIMITS = ("conf_low", "conf_high")
NUMBERS = (
    *("estimate", "std_error", "df", "statistic", *LIMITS, "p_value"),
    *("n", "n_events", "n_at_risk", "n_censored"),
)
"""Columns of a tidy frame that are not keys of its rows."""


@dataclass(frozen=True, repr=False)
class Summary:
    """A title, a table and what is to be known of it; text at a prompt, HTML in a notebook."""

    title: str
    frame: pd.DataFrame
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        shown = self.frame.to_string(index=False, na_rep="", float_format=DIGITS.format)
        lines = [self.title, "", shown, *(["", *self.notes] if self.notes else [])]
        return visible("\n".join(lines), LINES)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """HTML in which every word from the data is escaped."""
        table = self.frame.to_html(index=False, na_rep="", float_format=DIGITS.format, border=0)
        notes = "".join(f"<p>{escape(note)}</p>" for note in self.notes)
        shown = f"<div><p><strong>{escape(self.title)}</strong></p>{table}{notes}</div>"
        return visible(shown, LINES)


class Tidied(ABC):
    """A result whose numbers are the rows of a frame, one a number."""

    @property
    @abstractmethod
    def title(self) -> str:
        """What it is, in a line."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be known of it, a sentence each."""
        return ()

    @abstractmethod
    def tidy(self) -> pd.DataFrame:
        """One row a number: what it is of, `estimate`, `std_error`, `conf_low` ..."""

    def conf_int(self) -> pd.DataFrame:
        """The confidence limits, with what each is of."""
        frame = self.tidy()
        keys = [name for name in frame if name not in NUMBERS]
        return frame[[*keys, *LIMITS]]

    def summary(self) -> Summary:
        """What a reader wants to see first."""
        return Summary(self.title, self.tidy(), self.notes)

    def __repr__(self) -> str:
        return str(self.summary())

    def _repr_html_(self) -> str:
        return self.summary()._repr_html_()
