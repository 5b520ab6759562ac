"""What every section of the report is made from."""

from dataclasses import dataclass
from typing import TypeVar

from ketaoutcomes.cohorts.evidence.library import Evidence
from ketaoutcomes.families.fitted import ModelRecord
from ketaoutcomes.families.registry import main_results, model_of
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.analysis import AnalysisPart
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.report.numbers import interval_name
from ketaoutcomes.report.provenance import Provenance
from ketaoutcomes.results import Result, ResultTable
from ketaoutcomes.second.check import Check

Record = TypeVar("Record", bound=ModelRecord)
Part = TypeVar("Part", bound=AnalysisPart)


@dataclass(frozen=True)
class Material:
    """Plan, results, model records and provenance of one run, what is published, and checks."""

    plan: AnalysisPlan
    results: ResultTable
    records: tuple[ModelRecord, ...]
    provenance: Provenance
    evidence: Evidence | None = None
    checks: tuple[Check, ...] = ()

    @property
    def interval_name(self) -> str:
        """A confidence interval of this report, with its level: `95% CI`."""
        return interval_name(self.plan.report.confidence_level)

    def analyses(self, kind: type[Part]) -> dict[str, Part]:
        """The analyses of a kind by name, in the order of the plan."""
        return {n: a for n, a in self.plan.analyses.items() if isinstance(a, kind)}

    def estimand(self, analysis: str) -> Estimand:
        """The estimand of an analysis."""
        return self.plan.estimands[self.plan.analyses[analysis].estimand]

    def record(self, analysis: str, kind: type[Record]) -> Record | None:
        """What is kept of the model of an analysis, if it is of this kind."""
        own = (r for r in self.records if isinstance(r, kind) and r.analysis == analysis)
        return next(own, None)

    def contrast(self, analysis: str, statistic: str, table: str | None = None) -> Result | None:
        """Active against reference of the estimand, at its visit, of a table or of any.

        Where the estimand names no visit, the last one.
        """
        estimand = self.estimand(analysis)
        rows = self.results.select(
            analysis=analysis,
            statistic=statistic,
            arm=estimand.treatment.active,
            reference=estimand.treatment.reference,
            **({"table": table} if table else {}),
        )
        if estimand.visit is not None:
            rows = tuple(row for row in rows if row.visit in (estimand.visit, ""))
        return rows[-1] if rows else None

    def main_result(self, analysis: str) -> Result | None:
        """The number that estimates the estimand of an analysis.

        It is that of the table of the estimand where there is one: other tables hold the same
        statistic under other assumptions. A model with an estimate of its own has that.
        """
        model = model_of(self.plan.analyses[analysis])
        if model.statistic and model.estimates and not model.described_in:
            return self.contrast(analysis, model.statistic, model.table)
        table, statistic = main_results()[self.estimand(analysis).summary]
        return self.contrast(analysis, statistic, table) or self.contrast(analysis, statistic)

    def of_arm(self, analysis: str, statistic: str, arm: str, visit: str = "") -> Result | None:
        """One number of one arm."""
        keys = {"analysis": analysis, "statistic": statistic, "arm": arm, "reference": ""}
        rows = self.results.select(**keys, **({"visit": visit} if visit else {}))
        return rows[0] if rows else None

    def adjusted_p(self, analysis: str) -> Result | None:
        """The row of the adjusted p-value of an analysis's main result, where a family holds it."""
        main = self.main_result(analysis)
        if main is None:
            return None
        rows = self.results.select(
            table="multt01", statistic="adjusted p", analysis=analysis, visit=main.visit
        )
        same = (r for r in rows if r.arm == main.arm and r.estimate == main.estimate)
        return next(same, None)
