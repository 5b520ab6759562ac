"""What every section of the report of a synthesis is made from."""

from dataclasses import dataclass

from ketaoutcomes.plan.synthesis import MEASURE_LABELS, Outcome, SynthesisPlan
from ketaoutcomes.report.labels import titled
from ketaoutcomes.report.numbers import interval_name, number
from ketaoutcomes.report.provenance import Provenance
from ketaoutcomes.results import Result, ResultTable
from ketaoutcomes.second.check import Check
from ketaoutcomes.second.page import Told
from ketaoutcomes.studies import StudyData

TWO = 2


@dataclass(frozen=True)
class SynthesisMaterial:
    """Plan, results, the studies behind them, and provenance."""

    plan: SynthesisPlan
    results: ResultTable
    data: tuple[StudyData, ...]
    provenance: Provenance
    checks: tuple[Check, ...] = ()

    @property
    def interval_name(self) -> str:
        """A confidence interval of this report, with its level: `95% CI`."""
        return interval_name(self.plan.report.confidence_level)

    def outcome(self, name: str) -> Outcome:
        """An outcome of the plan."""
        return self.plan.outcomes[name]

    def studies_of(self, name: str) -> StudyData:
        """The studies of an outcome."""
        return next(data for data in self.data if data.outcome == name)

    def row(self, name: str, statistic: str, table: str = "synt02") -> Result | None:
        """The row of an outcome with this statistic."""
        found = self.results.select(analysis=name, table=table, statistic=statistic)
        return found[0] if found else None

    def measure(self, name: str) -> str:
        """What the effect of an outcome is."""
        return MEASURE_LABELS[self.outcome(name).measure]

    def measure_within(self, name: str) -> str:
        """The same within a sentence."""
        words = self.measure(name)
        return words[:1].lower() + words[1:]

    @property
    def told(self) -> Told:
        """What is said of second programs."""
        return Told(
            self.checks,
            self.results.rows,
            headline=self.plan.check == "headline",
            heading_of=lambda row: self.outcome(row.analysis).label,
            name_of=_in_words,
        )

    def favours(self, name: str) -> tuple[str, str]:
        """What lies left and right of no difference."""
        arms = ("favours active", "favours control")
        return arms if self.outcome(name).better == "lower" else (arms[1], arms[0])


def _in_words(row: Result) -> str:
    """A number of an outcome by what it is."""
    return titled(", ".join(part for part in (row.statistic, row.group) if part))


def text_of(row: Result | None) -> str:
    """Estimate and limits with two decimals, as effects of studies are given."""
    if row is None or row.estimate is None:
        return "not estimated" if row is not None and row.status == "failed" else "–"
    return f"{number(row.estimate, TWO)} ({bounds_of(row)})"


def bounds_of(row: Result) -> str:
    """The limits with two decimals."""
    return f"{number(row.conf_low, TWO)} to {number(row.conf_high, TWO)}"
