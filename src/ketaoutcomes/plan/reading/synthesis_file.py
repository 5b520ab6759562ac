"""Read the plan of a synthesis: every fault in one pass, each with line, column and a remedy."""

from collections.abc import Callable
from pathlib import Path as FilePath

from ketaoutcomes.errors import PlanError
from ketaoutcomes.plan.reading.plan_text import faulty, parse, read_text, tell_remarks
from ketaoutcomes.plan.reading.source import read_yaml
from ketaoutcomes.plan.synthesis import SynthesisPlan


def is_synthesis(path: FilePath, text: str | None = None) -> bool:
    """Whether a plan pools published results; False also where it cannot be read as YAML."""
    try:
        written = read_text(path) if text is None else text
        if SynthesisPlan.KEY not in written:
            return False  # most plans: parsing takes long
        data = read_yaml(written, str(path)).data
    except PlanError:
        return False
    return isinstance(data, dict) and SynthesisPlan.KEY in data


def read_synthesis(
    path: FilePath, text: str | None = None, tell: Callable[[str], None] | None = None
) -> tuple[SynthesisPlan, str]:
    """The plan in a file, or in a text that bears its name, and the text.

    Parameters
    ----------
    text : str, optional
        The text of the plan where it was read already, or stands in no file, whose name it then
        only bears.
    tell : callable, optional
        Takes a note in words on each key or value that has another name now.

    Raises
    ------
    PlanError
        If the file cannot be read or holds any fault; `problems` has all of them.
    """
    parsed = parse(path, SynthesisPlan, text)
    if parsed.problems or parsed.plan is None:
        raise faulty(path, parsed.problems)
    tell_remarks(parsed.remarks, tell)
    return parsed.plan, parsed.text
