"""A plan run in Python: its numbers, figures, words and models at hand, its folder on demand."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from ketaoutcomes.api.plans import Plan, Written, written
from ketaoutcomes.api.shown import Summary
from ketaoutcomes.data.frames import Frames
from ketaoutcomes.endpoints.data import TimeToEventData
from ketaoutcomes.errors import CheckError, Problem, did_you_mean
from ketaoutcomes.families.fitted import ModelRecord
from ketaoutcomes.pipeline import Prepared, Request, agenda_of, analyse, prepare
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.estimand_rules import estimand_warnings
from ketaoutcomes.plan.reading.synthesis_file import is_synthesis
from ketaoutcomes.remarks import Remark
from ketaoutcomes.report.blocks import Abstract, Block, Callout, Figure, Report, Section, Table
from ketaoutcomes.report.finding import finding
from ketaoutcomes.report.html import render_html, render_part
from ketaoutcomes.report.labels import analysis_title
from ketaoutcomes.report.layout import numbered
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.methods import method_in_words
from ketaoutcomes.results import Result
from ketaoutcomes.runs.replacing import replace_folder
from ketaoutcomes.runs.run_folder import Run, report_of, run_files
from ketaoutcomes.synthesis.page.report import compose_synthesis_report
from ketaoutcomes.synthesis.run import (
    Synthesis,
    pool_plan,
    refuse_what_a_synthesis_has_not,
    synthesis_files,
)
from ketaoutcomes.visible import LINES, visible

if TYPE_CHECKING:
    from lifelines import KaplanMeierFitter

Tell = Callable[[str], None]
Data = str | Path | Mapping[str, Any] | None
"""The folder of the files that a plan names; or the frames themselves, by what they hold."""


def _silent(_step: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Drawing:
    """A figure of the page, which a notebook shows.

    Attributes
    ----------
    figure : Figure
        The `<svg>` element, caption, words for who cannot see it, and the numbers it shows.
    """

    figure: Figure

    @property
    def svg(self) -> str:
        """The drawing."""
        return self.figure.svg

    @property
    def caption(self) -> str:
        """What it shows, in words."""
        return self.figure.caption

    def save(self, path: str | Path) -> None:
        """Write the drawing as an SVG file."""
        Path(path).write_text(self._repr_svg_(), encoding="utf-8")

    def _repr_svg_(self) -> str:
        """The drawing as a document of its own."""
        return self.svg

    def __repr__(self) -> str:
        return visible(f"Figure: {self.caption}", LINES)


@dataclass(frozen=True, repr=False)
class StudyAnalysis:
    """One analysis of a study.

    Attributes
    ----------
    study : Study
    name : str
        Its id in the plan.
    """

    study: "Study"
    name: str

    @property
    def title(self) -> str:
        """The analysis as the page names it."""
        return analysis_title(self.study.plan, self.name)

    @property
    def table(self) -> pd.DataFrame:
        """Its rows of the results."""
        results = self.study.results
        return results[results["analysis"] == self.name].reset_index(drop=True)

    @property
    def estimate(self) -> Result | None:
        """The number that estimates its estimand, with all that is known of it."""
        return self.study.material.main_result(self.name)

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Its figures and tables, as the page has them."""
        sections = self.study.report.sections
        return tuple(b for s in sections for b in s.blocks if _belongs(b, self.name))

    @property
    def figures(self) -> tuple[Drawing, ...]:
        """Its figures in the order of the page."""
        return tuple(Drawing(block) for block in self.blocks if isinstance(block, Figure))

    @property
    def figure(self) -> Drawing:
        """The first of its figures.

        Raises
        ------
        CheckError
            If it has none.
        """
        if not self.figures:
            raise CheckError(f"the analysis `{self.name}` has no figure; its numbers are in .table")
        return self.figures[0]

    @property
    def words(self) -> str:
        """What was found, and how, in sentences."""
        material, row = self.study.material, self.estimate
        found = [finding(material, self.name, row)] if row and row.estimate is not None else []
        return "\n\n".join([*found, method_in_words(material, self.name)])

    @property
    def fit(self) -> ModelRecord | None:
        """What is kept of its model: covariance, curves, convergence; without what is hidden."""
        records = self.study.done.records
        return next((record for record in records if record.analysis == self.name), None)

    @property
    def rows(self) -> pd.DataFrame:
        """The rows that it analyses, as the plan derives them.

        Raises
        ------
        CheckError
            If small counts are hidden: the rows hold every participant.
        """
        if self.study.plan.smallest_cell > 1:
            raise CheckError(
                "the derived rows hold every participant, and this plan hides counts under "
                f"{self.study.plan.smallest_cell}"
            )
        return self.study.prepared.endpoints[self.name].frame.copy()

    def asked(self, rows: pd.DataFrame) -> tuple[Any, ...]:
        """What the second program of its model is called with, for these rows.

        Parameters
        ----------
        rows : DataFrame
            As those of `rows`, or changed to see what the second program says of them.
        """
        plan = self.study.plan
        analysis = plan.analyses[self.name]
        endpoint = replace(self.study.prepared.endpoints[self.name], frame=rows)
        estimand = plan.estimands[analysis.estimand]
        return plan, self.name, analysis, estimand, endpoint, self.study.done.results.rows

    @property
    def lifelines(self) -> dict[str, "KaplanMeierFitter"]:
        """Arm -> a `KaplanMeierFitter` of lifelines, fitted to the same times.

        Raises
        ------
        CheckError
            If it is no analysis of times, or small counts are hidden: such an object holds every
            time.
        """
        endpoint = self.study.prepared.endpoints.get(self.name)
        if not isinstance(endpoint, TimeToEventData):
            raise CheckError(f"the analysis `{self.name}` has no times to an event")
        if self.study.plan.smallest_cell > 1:
            raise CheckError(
                "an object of lifelines holds the time of every participant, and this plan hides "
                f"counts under {self.study.plan.smallest_cell}; use ketaoutcomes.kaplan_meier on "
                "your own frame"
            )
        from ketaoutcomes.api.survival import kaplan_meier  # noqa: PLC0415  (for who asks)

        level = self.study.plan.report.confidence_level
        rows = (
            endpoint.frame
            if endpoint.intervals.empty
            else endpoint.intervals.merge(endpoint.frame[["subject", "arm"]], on="subject")
        )
        entry = "entry" if "entry" in rows and (rows["entry"] > 0).any() else None
        shown = kaplan_meier(
            rows, time="time", event="event", arm="arm", entry=entry, conf_level=level
        )
        return shown.lifelines

    def __repr__(self) -> str:
        return visible(f"{self.title}\n\n{self.words}", LINES)

    def _repr_html_(self) -> str:
        """Its words, figures and tables."""
        said = Callout(self.title, tuple(self.words.split("\n\n")), "answer")
        return render_part((said, *self.blocks), numbered(self.study.report))


def _belongs(block: Block, name: str) -> bool:
    """Whether a figure or a table is of an analysis: by its id, or by the numbers that it shows."""
    if not isinstance(block, Figure | Table):
        return False
    if name in block.id.split("-")[1:]:
        return True
    ids = (
        ()
        if isinstance(block, Figure)
        else (r for row in block.rows for c in row for r in c.results)
    )
    return any(name in number.split("/")[1:2] for number in ids)


@dataclass(frozen=True, repr=False)
class Study:
    """A plan that was run.

    Attributes
    ----------
    plan : AnalysisPlan
        As it was run.
    done : Run
        Results, records of models and provenance.
    prepared : Prepared
        The cohort and the endpoint of each analysis.
    """

    plan: AnalysisPlan
    done: Run
    prepared: Prepared

    @property
    def results(self) -> pd.DataFrame:
        """Every number of the report, one a row, in its order: `id` names it."""
        return self.done.results.to_frame()

    @property
    def notes(self) -> pd.DataFrame:
        """Whatever was left out, ignored or presumed, in the data and in the fits."""
        told = [Remark(w, "the plan", gravity="warning") for w in estimand_warnings(self.plan)]
        return notes_frame((*told, *self.done.provenance.remarks))

    @property
    def failures(self) -> tuple[str, ...]:
        """Each number, figure and section that could not be had, with the reason."""
        return (*self.done.results.failures, *self.report.failures)

    @cached_property
    def report(self) -> Report:
        """The page as a value: sections of blocks."""
        return report_of(self.done)

    @cached_property
    def material(self) -> Material:
        """Plan, results, records and provenance, as sections are made from them."""
        done = self.done
        return Material(done.plan, done.results, done.records, done.provenance)

    @property
    def html(self) -> str:
        """The whole page."""
        return render_html(self.report)

    def __getitem__(self, name: str) -> StudyAnalysis:
        """An analysis of the plan.

        Raises
        ------
        KeyError
            If the plan has none of this name.
        """
        if name not in self.plan.analyses:
            near = did_you_mean(name, self.plan.analyses)
            known = f"use one of: {', '.join(self.plan.analyses)}"
            raise KeyError(f"there is no analysis `{name}`; {near or known}")
        return StudyAnalysis(self, name)

    def __iter__(self) -> Iterator[str]:
        return iter(self.plan.analyses)

    def __len__(self) -> int:
        return len(self.plan.analyses)

    def save(self, folder: str | Path, *, word: bool = False, rtf: bool = False) -> Path:
        """Write the folder that the command `run` writes, byte for byte.

        Parameters
        ----------
        word : bool
            Also the report for Word.
        rtf : bool
            Also the tables in Rich Text Format.

        Raises
        ------
        CommandError
            If the folder holds anything that no run has written, or cannot be written.
        """
        made = run_files(self.done, word=word, rtf=rtf, report=self.report)
        return saved(Path(folder), made.files)

    def __repr__(self) -> str:
        return answer_text(self.report)

    def _repr_html_(self) -> str:
        """The summary."""
        return answer_html(self.report)


@dataclass(frozen=True, repr=False)
class PooledStudies:
    """A synthesis of published results that was run; as `Study`, without participants."""

    done: Synthesis

    @property
    def results(self) -> pd.DataFrame:
        """Every number of the report, one a row."""
        return self.done.results.to_frame()

    @property
    def failures(self) -> tuple[str, ...]:
        """Each number that could not be had, with the reason."""
        return self.done.results.failures

    @cached_property
    def report(self) -> Report:
        """The page as a value."""
        done = self.done
        return compose_synthesis_report(
            done.plan, done.results, done.data, done.provenance, done.checks
        )

    @property
    def html(self) -> str:
        """The whole page."""
        return render_html(self.report)

    def save(self, folder: str | Path, *, word: bool = False, rtf: bool = False) -> Path:
        """Write the folder that the command `run` writes, byte for byte."""
        return saved(Path(folder), synthesis_files(self.done, word=word, rtf=rtf))

    def __repr__(self) -> str:
        return answer_text(self.report)

    def _repr_html_(self) -> str:
        """The summary."""
        return answer_html(self.report)


def run(
    plan: Plan,
    data: Data = None,
    *,
    only: str | Sequence[str] = (),
    seed: int | None = None,
    tell: Tell = _silent,
) -> Study | PooledStudies:
    """Run a plan; nothing is written.

    Parameters
    ----------
    plan : str, Path, dict or AnalysisPlan
        The path of a YAML file; its text, of several lines; or the same in dicts and lists.
    data : str, Path or dict of DataFrame, optional
        The folder of the files that the plan names, by default that of the plan; or pandas frames
        or Arrow tables by what they hold: `{"visits": frame, "subjects": frame}`.
    only : str or sequence of str
        Run these analyses alone.
    seed : int, optional
        Another seed of the synthetic cohort.
    tell : callable
        Is called with each step as it begins; `print` shows them.

    Returns
    -------
    Study, or PooledStudies for a plan with `synthesis:`

    Raises
    ------
    PlanError, DataError
        If the plan or the data are at fault; `problems` has every fault that could be found.
    """
    names = (only,) if isinstance(only, str) else tuple(only)
    given, place = _given(plan, data)
    with given.errors_placed():
        if is_synthesis(given.path, given.text):
            refuse_what_a_synthesis_has_not(names, seed)
            return PooledStudies(_pooled(given, place, tell))
        request = _request(given, place, names, seed)
        prepared = prepare(request, tell)
        return Study(prepared.plan, analyse(request, prepared, tell), prepared)


@dataclass(frozen=True, repr=False)
class Validated:
    """A plan and data that are in order.

    Attributes
    ----------
    plan : AnalysisPlan
    agenda : tuple of str
        What would be run.
    remarks : tuple of Remark
        What would be left out, ignored or presumed.
    """

    plan: AnalysisPlan
    agenda: tuple[str, ...]
    remarks: tuple[Remark, ...]

    @property
    def notes(self) -> pd.DataFrame:
        """What would be left out, ignored or presumed."""
        return notes_frame(self.remarks)

    def summary(self) -> Summary:
        """What would be run."""
        title = f"{self.plan.study.title}: the plan and its data are valid"
        notes = tuple(remark.sentence(self.plan.smallest_cell) for remark in self.remarks)
        return Summary(title, pd.DataFrame({"analysis": self.agenda}), notes)

    def __repr__(self) -> str:
        return str(self.summary())

    def _repr_html_(self) -> str:
        return self.summary()._repr_html_()


def validate(plan: Plan, data: Data = None) -> Validated:
    """Check a plan and its data; nothing is fitted.

    Parameters
    ----------
    plan, data
        As of `run`.

    Raises
    ------
    PlanError, DataError
        If the plan or the data are at fault; `problems` has every fault that could be found.
    """
    given, place = _given(plan, data)
    with given.errors_placed():
        prepared = prepare(_request(given, place, (), None), _silent)
    shown = tuple(r.shown(prepared.plan.smallest_cell) for r in prepared.remarks)
    return Validated(prepared.plan, agenda_of(prepared.plan), shown)


def _given(plan: Plan, data: Data) -> tuple[Written, Path | Frames | None]:
    """The plan, and the place of its data."""
    if isinstance(data, Mapping):
        return written(plan, tuple(data)).read(), Frames.of(data)
    given = written(plan)
    return given.read(), Path(data) if data is not None else None


def _request(
    given: Written, place: Path | Frames | None, only: tuple[str, ...], seed: int | None
) -> Request:
    return Request(
        plan=given.path,
        plan_text=given.text,
        data_folder=place if isinstance(place, Path) else None,
        frames=place if isinstance(place, Frames) else None,
        only=only,
        seed=seed,
    )


def _pooled(given: Written, place: Path | Frames | None, tell: Tell) -> Synthesis:
    if isinstance(place, Frames):
        problem = Problem(
            "the data",
            "the folder of the file that the plan names",
            "frames",
            "write the published results to a file, and give its folder",
        )
        raise CheckError("a synthesis reads a file", (problem,))
    return pool_plan(given.path, place, given.path.name, tell, given.text)


def notes_frame(remarks: Sequence[Remark]) -> pd.DataFrame:
    """One row a remark: how grave it is, its sentence, and the analyses that it concerns."""
    rows = [
        {"gravity": remark.gravity, "note": remark.sentence(), **asdict(remark)}
        for remark in remarks
    ]
    columns = ["gravity", "note", "where", "remedy", "count", "unit", "analyses"]
    return pd.DataFrame(rows, columns=columns)


def saved(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Write the files of a run in place of those of a former one, and of nothing else."""
    replace_folder(folder, files)
    return folder


def answer_html(report: Report) -> str:
    """The summary of a page, for a notebook."""
    section = _answer(report)
    said = "Simulated data, no real patients, not for clinical decisions."
    banner = f"<p><strong>{said}</strong></p>" if report.synthetic else ""
    title = f"<h3>{escape(visible(report.title))}</h3>"
    return f"{title}{banner}{render_part(section.blocks, numbered(report))}"


def answer_text(report: Report) -> str:
    """The same for a prompt."""
    boxes = (block for block in _answer(report).blocks if isinstance(block, Abstract | Callout))
    said = (f"{box.title}: {paragraph}" for box in boxes for paragraph in box.paragraphs)
    return visible("\n\n".join([report.title, *said]), LINES)


def _answer(report: Report) -> Section:
    """The first section."""
    return report.sections[0]
