"""A design tried on many simulated trials."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from ketaoutcomes.api.plans import Plan, written
from ketaoutcomes.api.shown import Summary
from ketaoutcomes.api.study import answer_html, saved
from ketaoutcomes.power.page.page import compose_power_report
from ketaoutcomes.power.run import PowerRequest, PowerRun, power_files, simulate_power
from ketaoutcomes.report.blocks import Report

SHOWN = ["analysis", "arm", "group", "statistic", "estimate", "conf_low", "conf_high"]


@dataclass(frozen=True, repr=False)
class Power:
    """Power, type I error, bias and coverage over the simulated trials.

    Attributes
    ----------
    done : PowerRun
        Plan, results and provenance.
    """

    done: PowerRun

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
        return compose_power_report(self.done.plan, self.done.results, self.done.provenance)

    def save(self, folder: str | Path) -> Path:
        """Write the folder that the command `power` writes, byte for byte."""
        return saved(Path(folder), power_files(self.done))

    def summary(self) -> Summary:
        """How often each hypothesis was rejected."""
        results = self.results
        frame = results.loc[results["statistic"].isin(["power", "type I error"]), SHOWN]
        return Summary(f"{self.done.plan.study.title}: power", frame)

    def __repr__(self) -> str:
        return str(self.summary())

    def _repr_html_(self) -> str:
        return answer_html(self.report)


def power(
    plan: Plan,
    *,
    replicates: int | None = None,
    subjects: int | Sequence[int] = (),
    workers: int = 1,
    cluster: str | None = None,
    work: str | Path | None = None,
    tell: Callable[[str], None] = lambda _step: None,
) -> Power:
    """Simulate, analyse and sum up the trials of a plan's `power:` block; no report is written.

    Parameters
    ----------
    plan
        As of `run`, on a synthetic cohort.
    replicates, subjects : int, int or sequence of int, optional
        Default: the plan's.
    workers : int
        Processes; -1 is one a processor. The numbers are the same for any number.
    cluster : str, optional
        A Dask scheduler in place of processes, or "local".
    work : str or Path, optional
        Folder of finished trials, from which a stopped simulation goes on; by default none.

    Raises
    ------
    PlanError
        If the plan is at fault, or its data are real.
    """
    given = written(plan)
    sizes = (subjects,) if isinstance(subjects, int) else tuple(subjects)
    with given.errors_placed():
        request = PowerRequest(
            plan=given.path,
            plan_text=given.text,
            work=None if work is None else Path(work),
            replicates=replicates,
            subjects=sizes,
            workers=workers,
            cluster=cluster,
        )
        return Power(simulate_power(request, tell))
