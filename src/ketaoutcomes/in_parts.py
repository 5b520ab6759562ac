"""Data that do not fit into the memory, top-down: parts -> cohorts -> endpoints -> sums.

Each part is read, checked and derived as a whole study is. What is kept of it are the sums that
its analyses rest on; these add up, and are the same whatever the parts.
"""

import pickle
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial, reduce
from operator import add
from pathlib import Path
from typing import Any, Final

from ketaoutcomes.cluster import joined_cluster
from ketaoutcomes.cohort import (
    ASSIGNMENT_COLUMNS,
    EVENT_COLUMNS,
    FOLLOW_UP_COLUMNS,
    SUBJECT_COLUMNS,
    TIME_COLUMNS,
    VISIT_COLUMNS,
    Cohort,
    Source,
    empty_frame,
)
from ketaoutcomes.cohorts.obtain import obtain_cohort
from ketaoutcomes.data.parts import Part, in_parts
from ketaoutcomes.data.readers.databases import hashes_of
from ketaoutcomes.data.readers.refusals import changed_meanwhile
from ketaoutcomes.describe.flow import flow_of_part, joined_flow
from ketaoutcomes.describe.main_result import failed_main_result
from ketaoutcomes.endpoints.data import EndpointData
from ketaoutcomes.errors import KetaOutcomesError, unexpected
from ketaoutcomes.families.fitted import Fitted
from ketaoutcomes.families.fitting import derive_endpoint
from ketaoutcomes.families.registry import Parts, model_of
from ketaoutcomes.memory import free_all, without_what_is_there
from ketaoutcomes.names_in_data import name_remarks
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.files import files_of
from ketaoutcomes.privacy.labels import LabelCounts, label_counts
from ketaoutcomes.progress import Share
from ketaoutcomes.remarks import Remark, merged
from ketaoutcomes.results import Result

Each = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]
"""What `map` does, here or on a cluster."""

ALL_ROWS: Final = (
    "this needs all rows at once, and the data were read in parts. Set `parts: 1` in the data "
    "block on a machine with more memory, or take an extract of the data"
)


@dataclass(frozen=True)
class ReadInParts:
    """What is left of data that were read in parts.

    Attributes
    ----------
    cohort : Cohort
        Without rows: where the data came from, and what must be said of them.
    ready : mapping
        What each analysis is fitted to.
    stopped : mapping
        The analyses that cannot be done, with the reason.
    """

    cohort: Cohort
    hashes: tuple[tuple[str, str], ...]
    ready: Mapping[str, Any]
    stopped: Mapping[str, str]
    remarks: tuple[Remark, ...]
    flow: tuple[Result, ...] = ()
    """Participant flow of all parts."""
    labels: LabelCounts = field(default_factory=LabelCounts)
    """How many participants have each text of the data, where some may not be shown."""


@dataclass(frozen=True)
class _Reading:
    """What the first reading of a part gave."""

    source: Source
    named: tuple[Remark, ...]
    told: Mapping[str, tuple[Remark, ...]]
    flow: tuple[Result, ...]
    sums: dict[str, Any] = field(default_factory=dict)
    censuses: dict[str, Any] = field(default_factory=dict)
    stopped: dict[str, str] = field(default_factory=dict)
    labels: LabelCounts = field(default_factory=LabelCounts)


def read_in_parts(
    plan: AnalysisPlan,
    whole_plan: AnalysisPlan,
    folder: Path,
    number: int,
    cluster: str | None,
    tell: Callable[[str], None],
) -> ReadInParts:
    """Read data part by part, and add up what the analyses need.

    Parameters
    ----------
    whole_plan : AnalysisPlan
        The plan with all its analyses.
    number : int
        In how many parts.
    cluster : str or None
        Address of a Dask scheduler, or "local"; its workers must see the folder for temporary
        files of this machine.

    Raises
    ------
    DataError
        If the data of a part do not fit the plan.
    """
    stopped = {name: why for name in plan.analyses if (why := _why_not(plan, name))}
    names = tuple(name for name in plan.analyses if name not in stopped)
    tell(f"reading the data in {number} parts")
    hashes = _hashes(plan, folder)
    with (
        without_what_is_there(),
        in_parts(plan, folder, number) as parts,
        _workers(cluster) as each,
    ):
        readings = []
        sums: dict[str, list[Any]] = {}
        labels = LabelCounts()
        for reading in each(partial(_read, whole_plan=whole_plan, names=names), parts):
            readings.append(replace(reading, sums={}, labels=LabelCounts()))
            labels += reading.labels
            for name, found in reading.sums.items():
                sums[name] = _parts_of(plan, name).fewer([*sums.get(name, ()), found])
            stopped |= reading.stopped
            tell(Share(f"{len(readings)} of {len(parts)} parts", len(readings), len(parts)))
        names = tuple(name for name in names if name not in stopped)
        tell("adding up the parts")
        censuses = {
            name: reduce(add, (reading.censuses[name] for reading in readings))
            for name in names
            if _parts_of(plan, name).census is not None
        }
        for again in each(partial(_summed, censuses=censuses), parts) if censuses else ():
            for name, found in again.items():
                sums.setdefault(name, []).append(found)
        ready = {name: _joined(plan, name, sums.pop(name), censuses.get(name)) for name in names}
    if hashes != _hashes(plan, folder):
        raise changed_meanwhile(str(folder))
    remarks = _remarks(readings, names, len(parts))
    source = replace(_joined_source(readings), remarks=remarks)
    flow = joined_flow(plan, source, (reading.flow for reading in readings))
    cohort = _empty_cohort(source)
    return ReadInParts(cohort, hashes, ready, stopped, remarks, flow, labels)


def _joined_source(readings: Sequence[_Reading]) -> Source:
    """Where all parts came from, with the people of all of them."""
    not_entered: Counter[str] = Counter()
    for reading in readings:
        not_entered.update(dict(reading.source.not_entered))
    listed = [reading.source.listed for reading in readings]
    return replace(
        readings[0].source,
        listed=None if None in listed else sum(count or 0 for count in listed),
        not_entered=tuple(sorted(not_entered.items(), key=lambda pair: (-pair[1], pair[0]))),
    )


def _hashes(plan: AnalysisPlan, folder: Path) -> tuple[tuple[str, str], ...]:
    """The SHA-256 of each file, which is never held as a whole."""
    sources = (plan.data.files or {}).values()
    names = dict.fromkeys(file for source in sources for file in files_of(source))
    return tuple(hashed for name in names for hashed in hashes_of(folder / name, name))


def fit_in_parts(plan: AnalysisPlan, name: str, read: ReadInParts) -> Fitted:
    """Fit an analysis to the sums of its parts; a failed row where it has none."""
    reason = read.stopped.get(name)
    if reason is not None or read.ready[name] is None:
        message = reason or "no participant has what the analysis needs"
        return Fitted(name, (failed_main_result(plan, name, message),))
    analysis = plan.analyses[name]
    fit = _parts_of(plan, name).fit or model_of(analysis).fit
    estimand = plan.estimands[analysis.estimand]
    free_all()  # what the parts took, or the analysis before
    fitted: Fitted = fit(name, analysis, estimand, read.ready[name], plan.report.confidence_level)
    return fitted


def _parts_of(plan: AnalysisPlan, name: str) -> Parts:
    found = model_of(plan.analyses[name]).parts
    assert found is not None
    return found


def _why_not(plan: AnalysisPlan, name: str) -> str:
    """Why an analysis cannot be done in parts; "" if it can."""
    analysis = plan.analyses[name]
    model = model_of(analysis)
    if model.parts is None or model.prepare is not None:
        return ALL_ROWS
    asked = model.parts.needs_rows(analysis)
    return f"{asked}: {ALL_ROWS}" if asked else ""


@contextmanager
def _workers(cluster: str | None) -> Iterator[Each]:
    """One part after the other, or as many at a time as a cluster has workers."""
    if cluster is None:
        yield map
        return
    with joined_cluster(cluster) as client:

        def each(function: Callable[[Any], Any], items: Iterable[Any]) -> Iterable[Any]:
            found: list[Any] = client.gather(client.map(function, list(items), pure=False))
            return found

        yield each


def _read(part: Part, whole_plan: AnalysisPlan, names: Sequence[str]) -> _Reading:
    """The cohort of a part, its endpoints and what is added up of them."""
    plan = part.plan
    cohort, _ = obtain_cohort(plan, part.folder)
    told: dict[str, tuple[Remark, ...]] = {}
    reading = _Reading(cohort.source, tuple(name_remarks(plan, cohort, whole_plan)), told, ())
    endpoints: dict[str, EndpointData] = {}
    for name in names:
        try:
            endpoints[name] = _add_analysis(part, name, cohort, reading, told)
        except KetaOutcomesError:
            raise
        except Exception as error:  # noqa: BLE001 - one analysis never takes another down
            reading.stopped[name] = unexpected(error)
    flow = flow_of_part(plan, cohort, endpoints)
    found = replace(reading, flow=flow, labels=label_counts(cohort, plan.smallest_cell))
    del cohort, endpoints
    free_all()  # what is kept of each part lies among what is free, and would hold all of it
    return found


def _add_analysis(
    part: Part,
    name: str,
    cohort: Cohort,
    reading: _Reading,
    told: dict[str, tuple[Remark, ...]],
) -> EndpointData:
    """The sums of an analysis; or its census, and its endpoint on disk for the second reading.

    Returns
    -------
    EndpointData
        The endpoint of the analysis in this part.
    """
    plan = part.plan
    analysis, way = plan.analyses[name], _parts_of(plan, name)
    whole = derive_endpoint(plan, name, cohort)
    told[name] = whole.remarks
    endpoint: Any = replace(whole, remarks=())
    if way.census is None:
        estimand = plan.estimands[analysis.estimand]
        reading.sums[name] = way.sums(analysis, estimand, endpoint, None)
        return whole
    reading.censuses[name] = way.census(analysis, endpoint)
    _kept(part, name).write_bytes(pickle.dumps(endpoint))
    return whole


def _kept(part: Part, name: str) -> Path:
    """Where the endpoint of an analysis waits for the second reading."""
    return part.folder / f"{name}.endpoint"


def _summed(part: Part, censuses: Mapping[str, Any]) -> dict[str, Any]:
    """The sums of the analyses that had to know of all parts first."""
    plan, sums = part.plan, {}
    for name, census in censuses.items():
        analysis = plan.analyses[name]
        # written a moment ago into a folder of ours
        endpoint = pickle.loads(_kept(part, name).read_bytes())  # noqa: S301
        estimand = plan.estimands[analysis.estimand]
        sums[name] = _parts_of(plan, name).sums(analysis, estimand, endpoint, census)
        del endpoint
        free_all()
    return sums


def _joined(plan: AnalysisPlan, name: str, sums: list[Any], census: object) -> Any:
    """What an analysis is fitted to."""
    analysis = plan.analyses[name]
    estimand = plan.estimands[analysis.estimand]
    return _parts_of(plan, name).joined(analysis, estimand, sums, census)


def _remarks(readings: Sequence[_Reading], names: Sequence[str], number: int) -> tuple[Remark, ...]:
    """What is said of all parts, counts added up.

    What is missing from the data is missing from every part; a warning may hold for one alone.
    """
    first = Remark(
        f"The data were read in {number} parts of whole participants. Baseline, missing data "
        "and safety, and checks by a second program, need all rows at once and are left out",
        remedy="set `parts: 1` in the data block on a machine with more memory",
    )
    named = [r for r in readings[0].named if all(r in reading.named for reading in readings)]
    of_data = _added([reading.source.remarks for reading in readings])
    of_endpoints = (
        remark.of(name)
        for name in names
        for remark in _added([reading.told.get(name, ()) for reading in readings])
    )
    return merged((first, *of_data, *named, *of_endpoints))


def _added(parts: Sequence[tuple[Remark, ...]]) -> list[Remark]:
    """Remarks with counts added up; notes without a count are those that hold for every part."""
    counts: dict[Remark, list[Remark]] = {}
    for remarks in parts:
        for remark in dict.fromkeys(remarks):
            counts.setdefault(replace(remark, count=None, total=None), []).append(remark)
    added = []
    for key, found in counts.items():
        if found[0].count is None:
            if key.gravity == "warning" or len(found) == len(parts):
                added.append(key)
            continue
        totals = [remark.total for remark in found if remark.total is not None]
        added.append(
            replace(
                key,
                count=sum(remark.count or 0 for remark in found),
                total=sum(totals) if totals else None,
            )
        )
    return added


def _empty_cohort(source: Source) -> Cohort:
    return Cohort(
        subjects=empty_frame(SUBJECT_COLUMNS),
        assignments=empty_frame(ASSIGNMENT_COLUMNS),
        visits=empty_frame(VISIT_COLUMNS),
        events=empty_frame(EVENT_COLUMNS),
        follow_up=empty_frame(FOLLOW_UP_COLUMNS),
        times=empty_frame(TIME_COLUMNS),
        source=source,
    )
