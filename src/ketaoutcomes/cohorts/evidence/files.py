"""The package's evidence files become Evidence, or one error that names every fault."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from importlib.resources import files
from pathlib import Path as FilePath
from typing import Any

from pydantic import BaseModel, ConfigDict, RootModel, ValidationError

from ketaoutcomes.cohorts.evidence.claims import Claim
from ketaoutcomes.cohorts.evidence.ledger import read_ledger
from ketaoutcomes.cohorts.evidence.library import Evidence
from ketaoutcomes.cohorts.evidence.named import NamedMiss
from ketaoutcomes.cohorts.evidence.parameters import Family, FittedFamily, FreeParameter
from ketaoutcomes.cohorts.evidence.precision import precision_of
from ketaoutcomes.cohorts.evidence.records import PublishedResult, ResultId, Source
from ketaoutcomes.cohorts.evidence.shipped import read_not_compared, read_shipped
from ketaoutcomes.cohorts.evidence.trials import Trial
from ketaoutcomes.errors import DataError, PlanError, Problem, did_you_mean
from ketaoutcomes.plan.parts import Label
from ketaoutcomes.plan.reading.faults import by_place, duplicate_keys, place, schema_faults
from ketaoutcomes.plan.reading.source import Path, YamlSource, read_yaml
from ketaoutcomes.runs.kept import kept

SOURCES, CLAIMS, TRIALS = "sources.yaml", "claims.yaml", "trials.yaml"
PARAMETERS, FITTED, SHIPPING = "parameters.yaml", "fitted.yaml", "shipping.yaml"
LEDGER, SHIPPED, FOLDS = "ledger.csv", "shipped.csv", "folds.csv"
NOT_CARRIED = "not_carried.csv"
NAMED, MISSED = "named.yaml", "missed.yaml"


class _File(RootModel[Any]):
    """A file, whose schema is made when it is first read."""

    model_config = ConfigDict(defer_build=True)


class _Results(_File):
    """A file of published results."""

    root: tuple[PublishedResult, ...]


class _Sources(_File):
    """The file of sources."""

    root: dict[str, Source]


class _Claims(_File):
    """The file of claims."""

    root: dict[str, Claim]


class _Trials(_File):
    """The file of trials."""

    root: dict[str, Trial]


class _Families(_File):
    """The file of free parameters."""

    root: dict[str, Family]


class _Shipping(_File):
    """The file of what is fitted in the scenarios as they ship."""

    root: dict[str, dict[str, FreeParameter]]


class _Fitted(_File):
    """The file of the values that were found."""

    root: dict[str, FittedFamily]


class _Named(_File):
    """The file of misses that a review named."""

    root: tuple[NamedMiss, ...]


class _Missed(_File):
    """The file of reasons for results that are missed."""

    root: dict[ResultId, Label]


_MODELS: dict[str, type[BaseModel]] = {
    SOURCES: _Sources,
    CLAIMS: _Claims,
    TRIALS: _Trials,
    PARAMETERS: _Families,
    FITTED: _Fitted,
    SHIPPING: _Shipping,
    NAMED: _Named,
    MISSED: _Missed,
}


def read_evidence(folder: FilePath | None = None) -> Evidence:
    """The evidence of the package, or of a folder that holds the same files.

    Raises
    ------
    DataError
        If a file holds any fault; `problems` has all of them.
    """
    texts = _texts(folder)
    read = kept("evidence", texts, lambda: _sound(texts)) if folder is None else _sound(texts)
    parsed = {name: _model(name).model_validate(data).root for name, data in read.items()}
    return replace(
        _evidence(parsed),
        ledger=read_ledger(_table_text(folder, LEDGER)),
        shipped=read_shipped(_table_text(folder, SHIPPED)),
        folds=read_shipped(_table_text(folder, FOLDS)),
        not_carried=read_not_compared(_table_text(folder, NOT_CARRIED)),
    )


def _sound(texts: Mapping[str, str]) -> dict[str, Any]:
    """The plain data of files without any fault."""
    problems: list[Problem] = []
    sources: dict[str, YamlSource] = {}
    parsed: dict[str, Any] = {}
    for name, text in texts.items():
        sources[name], parsed[name], faults = _read_file(name, text)
        problems += faults
    if not problems:
        problems = list(_contradictions(sources, parsed))
    if problems:
        count = "1 fault" if len(problems) == 1 else f"{len(problems)} faults"
        raise DataError(f"the evidence has {count}", tuple(sorted(problems, key=by_place)))
    return {name: source.data for name, source in sources.items()}


def _model(name: str) -> Any:
    """The schema of a file."""
    return _MODELS.get(name, _Results)


def _table_text(folder: FilePath | None, name: str) -> str:
    """The text of a table that the program writes; empty where there is none."""
    root = files("ketaoutcomes").joinpath("cohorts", "evidence") if folder is None else folder
    file = root.joinpath(name)
    return file.read_text(encoding="utf-8") if file.is_file() else ""


def claims_that_take_analyses() -> dict[str, bool]:
    """Each claim that the package carries, and whether an analysis can be relevant to it."""
    text = files("ketaoutcomes").joinpath("cohorts", "evidence", CLAIMS).read_text(encoding="utf-8")

    def read() -> dict[str, bool]:
        claims = read_yaml(text, CLAIMS).data
        return {name: claim.get("analysis", True) for name, claim in claims.items()}

    found: dict[str, bool] = kept("claims", text, read)
    return found


def _texts(folder: FilePath | None) -> dict[str, str]:
    """Each YAML file of the folder by name."""
    root = files("ketaoutcomes").joinpath("cohorts", "evidence") if folder is None else folder
    return {
        file.name: file.read_text(encoding="utf-8")
        for file in sorted(root.iterdir(), key=lambda file: file.name)
        if file.name.endswith(".yaml")
    }


def _read_file(name: str, text: str) -> tuple[YamlSource, Any, list[Problem]]:
    """A file by its schema."""
    model = _model(name)
    try:
        source = read_yaml(text, name)
    except PlanError as error:
        raise DataError(error.summary, error.problems) from None
    problems = duplicate_keys(source, FilePath(name))
    try:
        return source, model.model_validate(source.data).root, problems
    except ValidationError as error:
        faults = schema_faults(error, source, FilePath(name), model, "the file")
        return source, None, problems + faults


def _evidence(parsed: Mapping[str, Any]) -> Evidence:
    return Evidence(
        results=tuple(result for _, _, result in _all_results(parsed)),
        sources=parsed[SOURCES],
        claims=parsed[CLAIMS],
        trials=parsed[TRIALS],
        families=parsed.get(PARAMETERS, {}),
        fitted=parsed.get(FITTED, {}),
        shipping=parsed.get(SHIPPING, {}),
        named=parsed.get(NAMED, ()),
        missed=parsed.get(MISSED, {}),
    )


def _all_results(parsed: Mapping[str, Any]) -> Iterator[tuple[str, int, PublishedResult]]:
    """Each published result with its file and place."""
    for name, content in parsed.items():
        if name not in _MODELS:
            for index, result in enumerate(content):
                yield name, index, result


def _contradictions(
    sources: Mapping[str, YamlSource], parsed: Mapping[str, Any]
) -> Iterator[Problem]:
    """Faults that no entry shows by itself."""
    first_ids: dict[str, str] = {}
    first_numbers: dict[tuple[object, ...], str] = {}
    for name, index, result in _all_results(parsed):
        here = _Place(sources[name], name, (index,))
        yield from _dangling_names(result, here, parsed)
        if precision_of(result) is None:
            yield here.problem(
                "id",
                "a way to its standard error: `se`, `ci`, `tolerance`, or `n` (a mean: and `sd`)",
                f"`{result.id}` without one",
                "add what the publication gives",
            )
        if result.tolerance is not None and result.assumed is None:
            yield here.problem(
                "tolerance", "`assumed` beside a `tolerance`", "none", "say where it comes from"
            )
        yield from _said_twice(result, here, first_ids, first_numbers)
    yield from _dangling_claims(sources, parsed)
    yield from _dangling_misses(sources, parsed)


def _dangling_names(
    result: PublishedResult, here: "_Place", parsed: Mapping[str, Any]
) -> Iterator[Problem]:
    """Sources, trials and arms that nothing defines."""
    if result.source not in parsed[SOURCES]:
        yield here.unknown("source", result.source, "a source", parsed[SOURCES])
    trial = parsed[TRIALS].get(result.trial)
    if trial is None:
        yield here.unknown("trial", result.trial, "a trial", parsed[TRIALS])
    elif trial.replica is not None or trial.shipped:
        known = set(trial.replica.arms) if trial.replica is not None else set()
        known |= {arm for comparison in trial.shipped for arm in comparison.arms}
        for key in ("arm", "versus"):
            arm = getattr(result, key)
            if arm is not None and arm not in known:
                yield here.unknown(key, arm, "an arm of the trial", known)


def _said_twice(
    result: PublishedResult,
    here: "_Place",
    first_ids: dict[str, str],
    first_numbers: dict[tuple[object, ...], str],
) -> Iterator[Problem]:
    """Two entries of one name, or for the same number."""
    number = (
        result.trial,
        result.arm,
        result.statistic,
        result.scale,
        result.at_hours,
        result.with_hours,
        result.event,
        result.versus,
        result.at_least,
        result.at_most,
        result.fall_percent,
        result.state,
        repr((result.among, result.against)),
    )
    if result.id in first_ids:
        yield here.problem("id", "a name used once", f"`{result.id}` again", "rename one of them")
    elif number in first_numbers:
        yield here.problem(
            "id",
            "one entry for a number",
            f"`{result.id}` is what `{first_numbers[number]}` is",
            "remove one of the two",
        )
    first_ids.setdefault(result.id, result.id)
    first_numbers.setdefault(number, result.id)


def _dangling_claims(
    sources: Mapping[str, YamlSource], parsed: Mapping[str, Any]
) -> Iterator[Problem]:
    """Results and sources of claims that nothing defines."""
    known = {
        "results": {result.id for _, _, result in _all_results(parsed)},
        "sources": set(parsed[SOURCES]),
    }
    for name, claim in parsed[CLAIMS].items():
        for key, names in known.items():
            here = _Place(sources[CLAIMS], CLAIMS, (name, key))
            for index, written in enumerate(getattr(claim, key)):
                if written not in names:
                    yield here.unknown(index, written, f"one of the {key}", names)


def _dangling_misses(
    sources: Mapping[str, YamlSource], parsed: Mapping[str, Any]
) -> Iterator[Problem]:
    """Results of named misses, and of reasons, that nothing defines."""
    known = {result.id for _, _, result in _all_results(parsed)}
    for index, miss in enumerate(parsed.get(NAMED, ())):
        if miss.result is not None and miss.result not in known:
            here = _Place(sources[NAMED], NAMED, (index,))
            yield here.unknown("result", miss.result, "a result", known)
    for name in parsed.get(MISSED, {}):
        if name not in known:
            yield _Place(sources[MISSED], MISSED, ()).unknown(name, name, "a result", known)


class _Place:
    """Where an entry stands in a file."""

    def __init__(self, source: YamlSource, name: str, path: Path) -> None:
        self._source, self._name, self._path = source, FilePath(name), path

    def problem(self, key: str | int, expected: str, found: str, remedy: str) -> Problem:
        """A fault of one key of the entry."""
        where = place(self._source, self._name, (*self._path, key))
        return Problem(where, expected, found, remedy)

    def unknown(
        self, key: str | int, written: str, expected: str, known: "Mapping[str, Any] | set[str]"
    ) -> Problem:
        """A name that nothing defines."""
        remedy = did_you_mean(written, known) or f"define it, or use one of the {len(known)} known"
        return self.problem(key, expected, f"`{written}`", remedy)
