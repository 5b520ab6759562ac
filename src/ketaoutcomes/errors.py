"""What can go wrong for a user, each kind with its exit code."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar

from ketaoutcomes.spelling import bare, slip_of
from ketaoutcomes.visible import visible


class ExitCode(IntEnum):
    """What the command tells the shell."""

    OK = 0
    FAILED_CHECK = 1
    PLAN = 2
    DATA = 3


LONGEST_NAME = 200
"""No name is longer; to look for near misses of long texts takes for ever."""


def did_you_mean(name: str, choices: Iterable[str]) -> str:
    """The choice that is the same name spelt otherwise, as a question; else nothing.

    Capitals, spaces and signs may differ, and letters by a slip of the hand. Digits are never
    guessed and words never exchanged: `Day 14` is not `Day 15`, `ketamine` not `esketamine`.
    """
    if len(name) > LONGEST_NAME:
        return ""
    known = tuple(dict.fromkeys(choices))
    alike = [choice for choice in known if bare(choice) == bare(name) != ""]
    near = alike[0] if len(alike) == 1 else "" if alike else slip_of(name, known)
    return f"did you mean `{near}`?" if near else ""


@dataclass(frozen=True, order=True)
class Problem:
    """One thing a user must mend.

    Attributes
    ----------
    place : str
        File with line and column, or file with column and row.
    expected : str
        What should stand there.
    found : str
        What stands there.
    remedy : str
        What to do about it.
    """

    place: str
    expected: str
    found: str
    remedy: str

    def __str__(self) -> str:
        lines = (
            self.place,
            f"  expected: {self.expected}",
            f"  found:    {self.found}",
            f"  fix:      {self.remedy}",
        )
        return "\n".join(map(visible, lines))


class KetaOutcomesError(Exception):
    """Base of the errors a user may cause; shown without a traceback.

    Parameters
    ----------
    summary : str
        One line: what could not be done.
    problems : tuple of Problem
        Everything that must be mended, found in one pass.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.FAILED_CHECK

    def __init__(self, summary: str, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(summary)
        self.summary = summary
        self.problems = problems

    def __str__(self) -> str:
        return "\n\n".join([visible(self.summary), *map(str, self.problems)])


class PlanError(KetaOutcomesError):
    """The analysis plan cannot be run as written."""

    exit_code: ClassVar[ExitCode] = ExitCode.PLAN


class CommandError(KetaOutcomesError):
    """The command asks for what cannot be: a place that is not free, a run that is not there."""

    exit_code: ClassVar[ExitCode] = ExitCode.PLAN


class FamilyError(KetaOutcomesError):
    """A package that adds a family of analyses cannot be used; the command is at fault."""

    exit_code: ClassVar[ExitCode] = ExitCode.PLAN


class DataError(KetaOutcomesError):
    """The data do not keep the contract of the plan."""

    exit_code: ClassVar[ExitCode] = ExitCode.DATA


class ModelError(KetaOutcomesError):
    """A model cannot be read, or cannot be fitted to these data."""


class DataNote(UserWarning):
    """Something that a user of a function should know of the data: what was left out, and why."""


class NotEstimableError(Exception):
    """An analysis has no estimate; the message is the reason, for a reader of the report."""


def unexpected(error: Exception, what: str = "this analysis") -> str:
    """In plain words that a part of the program failed, with what is needed to report it."""
    if isinstance(error, NotEstimableError):
        return str(error)
    first = str(error).strip().split("\n", maxsplit=1)[0]
    kind = type(error).__name__
    detail = f"{kind}: {first}" if first else kind
    return f"an unexpected error stopped {what} ({detail}); please report it"


class CheckError(KetaOutcomesError):
    """A result could not be had, or a written report does not hold."""

    exit_code: ClassVar[ExitCode] = ExitCode.FAILED_CHECK
