"""A number of a run is traced to its estimand, model, formula and the lines of its plan."""

from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from textwrap import indent, wrap

from ketaoutcomes.compose.explanation import explain
from ketaoutcomes.compose.material import Material
from ketaoutcomes.errors import CheckError, Problem
from ketaoutcomes.read.source import read_yaml
from ketaoutcomes.report import Code, Definitions
from ketaoutcomes.results import Result
from ketaoutcomes.run_folder import Run, read_run

WIDTH = 96
LABEL = 22
MOST_SUGGESTIONS = 5


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
    CheckError
        If no run, or more than one, has such a result.
    """
    place, run = _the_run(identifier, folder)
    row = next(row for row in run.results.rows if row.id == identifier)
    material = Material(run.plan, run.results, run.records, run.provenance)
    parts = [_written(part) for part in explain(material, row)]
    lines = "\n".join(_plan_lines(run, row))
    return "\n\n".join([*parts, f"The plan, {place / 'plan.yaml'}\n{indent(lines, '  ')}"])


def _the_run(identifier: str, folder: Path | None) -> tuple[Path, Run]:
    """The one run that has the result."""
    places = [folder] if folder is not None else sorted(Path("reports").glob("*/"))
    runs = [(place, read_run(place, whole=False)[0]) for place in places]
    having = [(p, run) for p, run in runs if any(row.id == identifier for row in run.results.rows)]
    if len(having) == 1:
        return having[0]
    if having:
        found = ", ".join(str(place) for place, _ in having)
        problem = Problem(identifier, "one run with this result", found, "name the folder after it")
        raise CheckError("more than one run has this result", (problem,))
    known = [row.id for _, run in runs for row in run.results.rows]
    near = get_close_matches(identifier, known, n=MOST_SUGGESTIONS, cutoff=0.6)
    remedy = f"did you mean {', '.join(near)}?" if near else "take an id from results.csv"
    where = str(folder) if folder is not None else "reports/"
    raise CheckError("there is no such result", (Problem(where, identifier, "no such id", remedy),))


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


def _plan_lines(run: Run, row: Result) -> Iterator[str]:
    """The lines of the plan that the number comes from, each block with its line numbers."""
    plan, text = run.plan, run.provenance.plan_text
    paths: list[tuple[str, ...]] = []
    if row.analysis in plan.analyses:
        estimand = plan.analyses[row.analysis].estimand
        endpoint = plan.estimands[estimand].endpoint
        paths = [("analyses", row.analysis), ("estimands", estimand), ("endpoints", endpoint)]
    elif row.table == "dmt01":
        paths = [("report", "baseline_table")]
    if row.phase in plan.phases:
        paths.append(("phases", row.phase))
    positions = read_yaml(text, run.provenance.plan_file).positions
    lines = text.splitlines()
    for path in paths:
        if path in positions:
            yield from _block(lines, positions[path].line)


def _block(lines: list[str], first: int) -> Iterator[str]:
    """A key with all that is indented below it; `first` counts from 1."""
    depth = len(lines[first - 1]) - len(lines[first - 1].lstrip())
    yield f"{first:>4}  {lines[first - 1]}"
    for number, line in enumerate(lines[first:], first + 1):
        if line.strip() and len(line) - len(line.lstrip()) <= depth:
            return
        if line.strip():
            yield f"{number:>4}  {line}"
