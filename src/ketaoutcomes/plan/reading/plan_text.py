"""A plan file against the schema of its kind."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Final, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from ketaoutcomes.errors import PlanError, Problem
from ketaoutcomes.plan.gaps import gaps_in
from ketaoutcomes.plan.reading.faults import by_place, duplicate_keys, place, schema_faults
from ketaoutcomes.plan.reading.source import YamlSource, read_yaml
from ketaoutcomes.plan.reading.typed import Renamed, Typed, typed
from ketaoutcomes.remarks import Remark

STILL_READ: Final = "the old words are read for now"
OF_LISTS: Final = {
    "names": "a single name with a comma is written in brackets and quotes",
    "values": "",
}
"""What is read as a list -> how else it could be meant."""
Plan = TypeVar("Plan", bound=BaseModel)


@dataclass(frozen=True)
class Parsed(Generic[Plan]):
    """A file with the faults that its schema finds, and the plan where it finds none."""

    text: str
    source: YamlSource
    plan: Plan | None
    problems: tuple[Problem, ...]
    remarks: tuple[Remark, ...]


def parse(path: FilePath, model: type[Plan], text: str | None = None) -> Parsed[Plan]:
    """Read a file and hold it against a schema.

    Parameters
    ----------
    text : str, optional
        The text of the plan where it was read already, or stands in no file, whose name it then
        only bears.

    Raises
    ------
    PlanError
        If the file cannot be read, or is no YAML.
    """
    if text is None:
        text = read_text(path)
    read = typed(read_yaml(text, str(path)), model)
    source = read.source
    problems = duplicate_keys(source, path)
    if left := tuple(gaps_in(source.data)):
        # what depends on a gap cannot be held against the schema before it is filled
        problems += [_of_gap(place(source, path, at), wanted) for at, wanted in left]
        return Parsed(text, source, None, tuple(problems), remarks_of(path, read))
    plan: Plan | None = None
    try:
        plan = model.model_validate(source.data)
    except ValidationError as error:
        problems += schema_faults(error, source, path, model)
    return Parsed(text, source, plan, tuple(problems), remarks_of(path, read))


def remarks_of(path: FilePath, read: Typed) -> tuple[Remark, ...]:
    """What is written otherwise than plans write it: each key, the values together, each list."""
    first = {one.old: one for one in reversed(read.renamed)}
    ordered = sorted(first.values(), key=lambda one: (one.place.line, one.place.column))
    keys = [one for one in ordered if one.what == "key"]
    values = [one for one in ordered if one.what == "value"]
    lists = [one for one in ordered if one.what in OF_LISTS]
    remarks = [
        Remark(f"the key `{one.old}` is now called `{one.new}`", _at(path, one), STILL_READ)
        for one in keys
    ]
    if values:
        one, several = values[0], len(values) > 1
        what = (
            f"{len(values)} values are written in an earlier style, as `{one.old}`, now `{one.new}`"
            if several
            else f"`{one.old}` is now written `{one.new}`"
        )
        remarks.append(Remark(what, _at(path, one), STILL_READ))
    remarks += [
        Remark(f"`{one.old}` is read as the list `{one.new}`", _at(path, one), OF_LISTS[one.what])
        for one in lists
    ]
    return tuple(remarks)


def _at(path: FilePath, one: Renamed) -> str:
    return f"{path}:{one.place.line}:{one.place.column}"


def tell_remarks(remarks: Iterable[Remark], tell: Callable[[str], None] | None) -> None:
    """Each in words, to whoever listens."""
    if tell is None:
        return
    for remark in remarks:
        tell(f"{remark.gravity}: {remark.sentence()}")


def _of_gap(where: str, wanted: str) -> Problem:
    """A gap that a proposed plan left, with the candidates."""
    return Problem(
        where,
        "what only the author of the plan can say",
        "a gap that is not filled",
        f"fill this: {wanted}",
    )


def faulty(path: FilePath, problems: Iterable[Problem]) -> PlanError:
    """What is told of a file with faults, in the order of its lines."""
    told = sorted(problems, key=by_place)
    count = "1 error" if len(told) == 1 else f"{len(told)} errors"
    return PlanError(f"{path} has {count}", tuple(told))


def read_text(path: FilePath) -> str:
    """The text of a plan file; a PlanError says why there is none."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        problem = Problem(
            str(path),
            "an analysis plan that can be read",
            error.strerror or str(error),
            "give the path of a plan, for example analyses/trd.yaml",
        )
    except UnicodeDecodeError as error:
        problem = Problem(
            str(path),
            "text in UTF-8",
            f"the byte 0x{error.object[error.start]:02x} at offset {error.start}",
            "save the file as UTF-8",
        )
    raise PlanError(f"cannot read {path}", (problem,)) from None
