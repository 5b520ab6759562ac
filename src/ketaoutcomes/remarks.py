"""Remarks: whatever was left out, ignored, guessed or could not be had, as a value.

A stage that drops, ignores or presumes anything says so with a `Remark`. It travels with the data
to the terminal, the manifest and the page, where it stands beside the numbers that it concerns.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final, Literal

Gravity = Literal["note", "warning"]

COUNTED: Final = re.compile(
    r"(?<![\w.,/-])(?P<count>\d[\d,]*)(?: of (?P<whole>\d[\d,]*))? "
    r"(?P<unit>(?:adverse )?(?:participants?|subjects?|scores?|events?|rows?|records?|others?|"
    r"doses?|visits?|values?|times?|people|dropouts?|were|had|have|has|was)\b)"
)
"""A count in words that a remark holds without naming it as its count."""

COUNT: Final = "{count}"
"""Where in the words of a remark its count stands."""


@dataclass(frozen=True)
class Remark:
    """One thing that a reader of the numbers must know.

    Attributes
    ----------
    what : str
        What happened, in a full sentence; `{count}` in it stands for how many. It names no row and
        no subject.
    where : str
        File, column, phase or endpoint; "" for the whole study.
    remedy : str
        What the user can do about it; "" where nothing is to be done.
    count : int or None
        How many of `unit` are concerned; it is not shown on a page that hides counts of its size.
    total : int or None
        Out of how many, where the rest must not be worked out either.
    unit : str
        What is counted, in the singular.
    gravity : {"note", "warning"}
        "warning" where the reader may be misled without it.
    analyses : tuple of str
        The analyses whose numbers it concerns; empty for the whole page.
    """

    what: str
    where: str = ""
    remedy: str = ""
    count: int | None = None
    total: int | None = None
    unit: str = "participant"
    gravity: Gravity = "note"
    analyses: tuple[str, ...] = field(default=())

    def sentence(self, smallest: int = 1) -> str:
        """What happened and what to do, with the count where it may be shown.

        Parameters
        ----------
        smallest : int
            The smallest count, other than zero, that may be shown.
        """
        what = self.what.replace(COUNT, self._counted(smallest)).strip()
        words = (f"{self.where}: {what}" if self.where else what).rstrip(".") + "."
        remedy = self.remedy[:1].upper() + self.remedy[1:].rstrip(".")
        return f"{words} {remedy}." if remedy else words

    def of(self, *analyses: str) -> "Remark":
        """The same remark, about the numbers of these analyses."""
        return replace(self, analyses=analyses)

    def shown(self, smallest: int) -> "Remark":
        """The remark as a page may hold it: without a count that must stay hidden."""
        bare = replace(self, what=without_small_counts(self.what, smallest))
        if self._may_be_shown(smallest):
            return replace(bare, total=None)
        what = bare.what.replace(COUNT, self._counted(smallest))
        return replace(bare, what=what, count=None, total=None)

    def _may_be_shown(self, smallest: int) -> bool:
        count = self.count or 0
        rest = self.total - count if self.total is not None else 0
        return not (0 < count < smallest or 0 < rest < smallest)

    def _counted(self, smallest: int) -> str:
        if self.count is None:
            return f"some {self.unit}s"
        if not self._may_be_shown(smallest):
            few = 0 < self.count < smallest
            return f"fewer than {smallest} {self.unit}s" if few else f"most {self.unit}s"
        return f"{self.count} {self.unit}{'' if self.count == 1 else 's'}"


def without_small_counts(words: str, smallest: int) -> str:
    """A sentence in which small numbers of participants, scores, events and the like are not told.

    Parameters
    ----------
    smallest : int
        The smallest count, other than zero, that may be shown.
    """

    def told(found: re.Match[str]) -> str:
        number = int(found["count"].replace(",", ""))
        whole = int((found["whole"] or found["count"]).replace(",", ""))
        of = f" of {found['whole']}" if found["whole"] else ""
        if 0 < number < smallest:
            return f"fewer than {smallest}{of} {found['unit']}"
        if 0 < whole - number < smallest:
            return f"most{of} {found['unit']}"
        return found[0]

    return COUNTED.sub(told, words) if smallest > 1 else words


def merged(remarks: Iterable[Remark]) -> tuple[Remark, ...]:
    """Remarks that say the same once, about all their analyses; warnings come first."""
    found: dict[Remark, dict[str, None]] = {}
    whole: set[Remark] = set()
    for remark in remarks:
        key = replace(remark, analyses=())
        found.setdefault(key, {}).update(dict.fromkeys(remark.analyses))
        if not remark.analyses:
            whole.add(key)
    told = (key if key in whole else replace(key, analyses=tuple(n)) for key, n in found.items())
    return tuple(sorted(told, key=lambda remark: remark.gravity != "warning"))
