"""What a proposed plan settles: each reading of the data with its reason and its numbers."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

from ketaoutcomes.data.inspection.arms import TO_COMPLETE
from ketaoutcomes.data.inspection.questions import Question
from ketaoutcomes.plan.gaps import MARK

Kind = Literal[
    "file",
    "writing",
    "missing",
    "participant",
    "rows",
    "arm",
    "reference",
    "periods",
    "outcome",
    "scale",
    "bounds",
    "direction",
    "yes or no",
    "visits",
    "baseline",
    "result",
    "time",
    "unit",
    "event",
    "follow-up",
    "covariates",
    "model",
    "identifiers",
    "harms",
]
"""What can be settled of a plan."""

Path = tuple[str, ...]
"""Where something stands in a plan: its keys from the outside in."""
BLOCKS: Final = (
    *("data", "phases", "scales", "endpoints", "estimands", "analyses", "safety", "outcomes"),
)
"""Blocks of a plan that say how data are read and analysed; the others say what a study is."""
ANSWERED: Final = "it was answered"
A_NUMBER: Final = re.compile(r"\d")


@dataclass(frozen=True)
class Reading:
    """One thing that a plan settles, which cannot be said without a reason and a number.

    Attributes
    ----------
    kind : str
    says : str
        What is read, as the beginning of a sentence.
    because : str
        What makes it evident, or that it was answered.
    follows : str
        The consequence in numbers that a published plan may hold.
    settles : tuple of path
        The parts of the plan that follow from it.
    others : str
        The readings that were not taken.

    Raises
    ------
    ValueError
        If the reason is empty, or the consequence has no number.
    """

    kind: Kind
    says: str
    because: str
    follows: str
    settles: tuple[Path, ...] = ()
    others: str = ""

    def __post_init__(self) -> None:
        """Refuse a reading without a reason or without a number."""
        if not self.because or not A_NUMBER.search(self.follows):
            raise ValueError(f"a reading needs a reason and a number: {self}")

    @property
    def told(self) -> str:
        """The sentence of a comment: what, why, what else it could be, and what follows."""
        why = ", as answered" if self.because == ANSWERED else f" because {self.because}"
        others = f". Not: {self.others}" if self.others else ""
        return f"{self.says}{why}{others}. In numbers: {self.follows}"


def answered(kind: Kind, question: Question, follows: str, *settles: Path) -> Reading:
    """The reading that a question was decided for."""
    return Reading(
        kind,
        f"`{question.key}` is {question.chosen}",
        question.because or ANSWERED,
        follows,
        settles,
        question.not_taken,
    )


def settled_in(plan: dict[str, Any]) -> Iterator[Path]:
    """The parts of a plan that are neither gaps nor left to be completed."""
    for block in BLOCKS:
        yield from _leaves(plan.get(block), (block,))


def unsaid(plan: dict[str, Any], readings: tuple[Reading, ...]) -> tuple[Path, ...]:
    """The parts of a plan that no reading settles."""
    known = [path for reading in readings for path in reading.settles]
    return tuple(
        path for path in settled_in(plan) if not any(_within(path, part) for part in known)
    )


def _within(path: Path, part: Path) -> bool:
    """Whether a path lies in a part of the plan, in which `*` stands for any one key."""
    if len(path) < len(part):
        return False
    return all(wanted in ("*", key) for key, wanted in zip(path, part, strict=False))


def _leaves(value: Any, path: Path) -> Iterator[Path]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, (*path, str(key)))
    elif value is not None and not _is_left_open(value):
        yield path


def _is_left_open(value: Any) -> bool:
    return isinstance(value, str) and value.startswith((MARK, TO_COMPLETE))
