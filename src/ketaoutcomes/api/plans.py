"""A plan as users have it, a file, a text or Python's own words, becomes a plan that was read."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from ketaoutcomes.data.inspection.inspect import as_yaml
from ketaoutcomes.errors import KetaOutcomesError, PlanError, Problem
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.reading.plan_file import read_plan as read_plan_file
from ketaoutcomes.plan.reading.plan_text import read_text
from ketaoutcomes.plan.reading.source import read_yaml
from ketaoutcomes.plan.reading.typed import restyled
from ketaoutcomes.plan.synthesis import SynthesisPlan

NAME: Final = Path("plan.yaml")
"""What problems and the report call a plan that is in no file; so the folder of a run names it."""

Plan = str | Path | Mapping[str, Any] | AnalysisPlan | SynthesisPlan
"""The path of a plan, its text, or the plan in Python's words."""


@dataclass(frozen=True)
class Written:
    """A plan as it was given.

    Attributes
    ----------
    path : Path
        Its file, or what it is called.
    text : str or None
        The plan, where it stands in no file or was read already.
    by_keys : bool
        Whether a place in it is named by its keys, as the text was not written by the user.
    """

    path: Path
    text: str | None = None
    by_keys: bool = False

    def read(self) -> "Written":
        """The same with its text, which is then read no second time.

        Raises
        ------
        PlanError
            If the file cannot be read.
        """
        return self if self.text is not None else replace(self, text=read_text(self.path))

    @contextmanager
    def errors_placed(self) -> Iterator[None]:
        """Errors name keys in place of the lines of a text that the user has not written."""
        try:
            yield
        except KetaOutcomesError as error:
            if not (self.by_keys and self.text):
                raise
            raise _placed_by_keys(error, self.text) from None


def written(plan: Plan, roles: tuple[str, ...] = ()) -> Written:
    """Take a plan as it was given.

    Parameters
    ----------
    roles : tuple of str
        What the frames hold that are given with it; a plan in Python's words need not name files.

    Raises
    ------
    PlanError
        If it is no plan.
    """
    match plan:
        case str() if "\n" in plan:
            return Written(NAME, plan)
        case str() | Path():
            return Written(Path(plan))
        case AnalysisPlan() | SynthesisPlan():
            content = plan.model_dump(mode="json", by_alias=True, exclude_unset=True)
            return Written(NAME, as_yaml(restyled(content, type(plan))), by_keys=True)
        case Mapping():
            content = _plain(_with_files(plan, roles), ())
            return Written(NAME, as_yaml(content), by_keys=True)
        case _:
            raise PlanError(
                f"a value of type `{type(plan).__name__}` is not a plan; give the path of a YAML "
                "file, its text, a dict or an AnalysisPlan"
            )


def read_plan(plan: Plan) -> AnalysisPlan:
    """Read a plan and hold it against all rules; no data are looked at.

    Parameters
    ----------
    plan : str, Path, dict or AnalysisPlan
        The path of a YAML file; its text, of several lines; or the same in dicts and lists.

    Raises
    ------
    PlanError
        If it holds any fault; `problems` has all of them, each with its place and a remedy.
    """
    given = written(plan)
    with given.errors_placed():
        return read_plan_file(given.path, given.text)[0]


def _with_files(plan: Mapping[str, Any], roles: tuple[str, ...]) -> Mapping[str, Any]:
    """The plan with a name for each frame, where it names no source of data."""
    data = plan.get("data")
    block = {} if data is None else data
    if not roles or not isinstance(block, Mapping) or {"files", "synthetic"} & set(block):
        return plan
    return {**plan, "data": {"files": {role: role for role in roles}, **block}}


def _plain(value: object, keys: tuple[str, ...]) -> Any:
    """What YAML has a word for.

    Raises
    ------
    PlanError
        If a value is of a type that a plan cannot hold.
    """
    match value:
        case Mapping():
            return {str(key): _plain(item, (*keys, str(key))) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            items = sorted(value) if isinstance(value, set | frozenset) else value
            return [_plain(item, keys) for item in items]
        case np.generic():
            return value.item()
        case Path():
            return str(value)
        case None | bool() | int() | float() | str():
            return value
    place = f"the plan, {'.'.join(keys)}"
    found = f"a value of type {type(value).__name__}"
    problem = Problem(place, "text, numbers, lists and dicts", found, "write it in such words")
    raise PlanError("the plan cannot be written down", (problem,))


def _placed_by_keys(error: KetaOutcomesError, text: str) -> KetaOutcomesError:
    positions = read_yaml(text, str(NAME)).positions
    keys = {(at.line, at.column): path for path, at in positions.items()}
    problems = tuple(replace(one, place=_by_keys(one.place, keys)) for one in error.problems)
    return type(error)(error.summary, problems)


def _by_keys(place: str, keys: Mapping[tuple[int, int], tuple[str | int, ...]]) -> str:
    """The keys that stand at a line and column; another place stays as it is."""
    found = re.fullmatch(rf"{re.escape(str(NAME))}:(\d+):(\d+)", place)
    path = keys.get((int(found[1]), int(found[2]))) if found else None
    return f"the plan, {'.'.join(map(str, path))}" if path else place
