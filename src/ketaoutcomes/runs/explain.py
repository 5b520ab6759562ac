"""A number of a run is traced to its estimand, model, formula and the lines of its plan."""

from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path
from textwrap import indent, wrap

from ketaoutcomes.deferred import imported_when_called
from ketaoutcomes.errors import CommandError, Problem
from ketaoutcomes.plan.reading.source import read_yaml
from ketaoutcomes.plan.reading.synthesis_file import is_synthesis
from ketaoutcomes.power.folder import is_power, read_power_run
from ketaoutcomes.report.blocks import Code, Definitions
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.provenance import Provenance
from ketaoutcomes.results import Result
from ketaoutcomes.runs.run_folder import PLAN, Run, read_results, read_run

# a folder is of one kind: what explains the others is not needed
with imported_when_called(__name__):
    from ketaoutcomes.power.page.method import explain_power
    from ketaoutcomes.report.explanation import explain
    from ketaoutcomes.report.labels import characteristics_of
    from ketaoutcomes.synthesis.page.explanation import explain_synthesis
    from ketaoutcomes.synthesis.page.material import SynthesisMaterial
    from ketaoutcomes.synthesis.run import read_synthesis_run

WIDTH = 96
LABEL = 22
MOST_SUGGESTIONS = 5
Explained = Callable[[Path, Result], tuple[Iterable[Definitions | Code], str]]


def explanation(identifier: str, folder: Path | None) -> str:
    """Everything that is known of a result, as text for a terminal.

    Parameters
    ----------
    identifier : str
        Id of a result, as `results.csv` and the page have it.
    folder : Path or None
        The folder of a run; without one, the runs in `reports/` are searched.

    Raises
    ------
    CommandError
        If no run, or more than one, has such a result.
    """
    place, row = _the_result(identifier, folder)
    parts, lines = _explained(place)(place, row)
    written = [_written(part) for part in parts]
    return "\n\n".join([*written, f"The plan, {place / PLAN}\n{indent(lines, '  ')}"])


def _explained(place: Path) -> Explained:
    """How numbers of a folder are explained, by what the folder is."""
    if is_power(place):
        return _of_power
    return _of_synthesis if is_synthesis(place / PLAN) else _of_run


def _of_power(place: Path, row: Result) -> tuple[Iterable[Definitions | Code], str]:
    done = read_power_run(place, whole=False)[0]
    material = Material(done.plan, done.results, (), done.provenance)
    paths = [("power",), ("analyses", row.analysis)]
    if row.table == "powt02":
        paths.append(("multiplicity", row.group.split(",")[0].split(" ")[0]))
    return explain_power(material, row), _plan_lines(done.provenance, paths)


def _of_run(place: Path, row: Result) -> tuple[Iterable[Definitions | Code], str]:
    run = read_run(place, whole=False)[0]
    material = Material(run.plan, run.results, run.records, run.provenance, checks=run.checks)
    paths = _paths(run, row)
    with characteristics_of(run.plan):
        return tuple(explain(material, row)), _plan_lines(run.provenance, paths)


def _of_synthesis(place: Path, row: Result) -> tuple[Iterable[Definitions | Code], str]:
    done = read_synthesis_run(place, whole=False)[0]
    material = SynthesisMaterial(done.plan, done.results, done.data, done.provenance, done.checks)
    paths = [("outcomes", row.analysis), ("pooling",)]
    return explain_synthesis(material, row), _plan_lines(done.provenance, paths)


def _the_result(identifier: str, folder: Path | None) -> tuple[Path, Result]:
    """The folder of the one run that has the result, and the result."""
    places = [folder] if folder is not None else _runs_here()
    rows = {place: read_results(place, whole=False).rows for place in places}
    having = [(p, row) for p, found in rows.items() for row in found if row.id == identifier]
    if len(having) == 1:
        return having[0]
    if having:
        found = ", ".join(str(place) for place, _ in having)
        problem = Problem(identifier, "one run with this result", found, "name the folder after it")
        raise CommandError("more than one run has this result", (problem,))
    known = [row.id for found in rows.values() for row in found]
    near = get_close_matches(identifier, known, n=MOST_SUGGESTIONS, cutoff=0.6)
    remedy = f"did you mean {', '.join(near)}?" if near else "take an id from results.csv"
    where = str(folder) if folder is not None else "reports/"
    problem = Problem(where, f"a result with the id `{identifier}`", "none", remedy)
    raise CommandError("there is no such result", (problem,))


def _runs_here() -> list[Path]:
    """The folders of runs where they are written unless told otherwise."""
    reports = Path("reports")
    found = sorted(reports.glob("*/"))
    if not found:
        problem = Problem(
            "reports/",
            "the folders of runs, as no other place is named",
            "no run in it" if reports.is_dir() else "no such folder",
            "name the folder of the run after the id: explain ID DIR",
        )
        raise CommandError("there is no run to look in", (problem,))
    return found


def _written(part: Definitions | Code) -> str:
    """A part as lines: a title, and below it terms with what they mean."""
    if isinstance(part, Code):
        return f"{part.caption}\n{indent(part.text, '  ')}"
    lines = [part.title]
    for term, meaning in part.items:
        first, *others = wrap(meaning, WIDTH - LABEL) or [""]
        label = f"  {term} "
        if len(label) > LABEL:
            lines.append(label.rstrip())
            label = ""
        lines.append(f"{label:<{LABEL}}{first}")
        lines += [f"{'':<{LABEL}}{line}" for line in others]
    return "\n".join(lines)


def _paths(run: Run, row: Result) -> list[tuple[str, ...]]:
    """The blocks of the plan that the number comes from."""
    plan = run.plan
    paths: list[tuple[str, ...]] = []
    if row.analysis in plan.analyses:
        estimand = plan.analyses[row.analysis].estimand
        endpoint = plan.estimands[estimand].endpoint
        paths = [("analyses", row.analysis), ("estimands", estimand), ("endpoints", endpoint)]
    elif row.table == "dmt01":
        paths = [("report", "baseline_table")]
    if row.phase in plan.phases:
        paths.append(("phases", row.phase))
    return paths


def _plan_lines(provenance: Provenance, paths: Iterable[tuple[str, ...]]) -> str:
    """These blocks of the plan, each line with its number."""
    text = provenance.plan_text
    positions = read_yaml(text, provenance.plan_file).positions
    lines = text.splitlines()
    return "\n".join(
        line for path in paths if path in positions for line in _block(lines, positions[path].line)
    )


def _block(lines: list[str], first: int) -> Iterator[str]:
    """A key with all that is indented below it; `first` counts from 1."""
    depth = len(lines[first - 1]) - len(lines[first - 1].lstrip())
    yield f"{first:>4}  {lines[first - 1]}"
    for number, line in enumerate(lines[first:], first + 1):
        if line.strip() and len(line) - len(line.lstrip()) <= depth:
            return
        if line.strip():
            yield f"{number:>4}  {line}"
