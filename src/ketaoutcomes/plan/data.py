"""The `data:` block: a synthetic scenario, or files of a real dataset."""

from typing import Final, Literal, Self

from pydantic import Field, model_validator

from ketaoutcomes.plan.parts import Name, PlanPart

FileRole = Literal["subjects", "visits", "events", "times"]

RESERVED_NAMES: Final = frozenset(
    {
        *("subject", "phase", "arm", "visit", "day", "scale", "score", "change", "baseline"),
        *("outcome", "time", "event", "reason", "row"),
    }
)
"""What the analysis data call their own columns; no covariate may be named so."""


class SyntheticData(PlanPart):
    """A cohort generated from a scenario, with known truth."""

    scenario: Name = Field(description="a scenario of `python -m ketaoutcomes list`")
    seed: int = Field(ge=0, lt=2**63)
    subjects: int | None = Field(
        default=None, ge=4, le=10_000_000, description="number of subjects; default: the scenario's"
    )


class Columns(PlanPart):
    """The columns of the files, by what they hold.

    A column that a file does not need is left out. `covariates` maps the plan's covariate names to
    columns.
    """

    subject: str
    arm: str | None = None
    phase: str | None = None
    visit: str | None = Field(default=None, description="the visit's label")
    day: str | None = Field(default=None, description="study day, 1 = first dose")
    value: str | None = Field(default=None, description="the score")
    baseline: str | None = Field(default=None, description="the score at baseline, on every row")
    scale: str | None = Field(default=None, description="which scale a row holds")
    event: str | None = Field(default=None, description="what happened, in the events file")
    time: str | None = Field(default=None, description="time to event or censoring")
    occurred: str | None = Field(default=None, description="1 or true where the event occurred")
    censored: str | None = Field(default=None, description="1 or true where censored (ADaM CNSR)")
    reason: str | None = Field(default=None, description="why follow-up ended")
    covariates: dict[Name, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _names_are_free(self) -> Self:
        taken = sorted(RESERVED_NAMES & set(self.covariates))
        if taken:
            raise ValueError(f"a covariate may not be called {', '.join(taken)}; rename it")
        return self


class Labels(PlanPart):
    """The data's own labels turned into the plan's: label in the data -> name in the plan."""

    arm: dict[str, str] = Field(default_factory=dict)
    phase: dict[str, str] = Field(default_factory=dict)
    visit: dict[str, str] = Field(default_factory=dict)
    scale: dict[str, str] = Field(default_factory=dict)
    event: dict[str, str] = Field(default_factory=dict)


class DataBlock(PlanPart):
    """Where the data come from: exactly one of `synthetic` and `files`."""

    synthetic: SyntheticData | None = None
    files: dict[FileRole, str] | None = None
    columns: Columns | None = None
    labels: Labels = Labels()
    scale: str | None = None
    time_unit: Literal["days", "weeks", "months"] = "days"
    first_dose_day: Literal[0, 1] = Field(
        default=1, description="what the `day` column holds on the day of the first dose"
    )
    factors: tuple[Name, ...] = Field(
        default=(), strict=False, description="covariates that are categories written as numbers"
    )
    keep: dict[FileRole, dict[str, tuple[str, ...]]] = Field(
        default_factory=dict,
        strict=False,
        description="use only the rows of a file where a column holds one of these values",
    )
    encoding: str = "utf-8"
    citation: str | None = Field(default=None, description="whose data these are")

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.synthetic is None) == (self.files is None):
            raise ValueError("the data block takes exactly one of `synthetic` and `files`")
        if self.files is not None and self.columns is None:
            raise ValueError("`files` needs `columns`, which say what the files hold")
        if self.files is not None and not self.files:
            raise ValueError("`files` names no file")
        return self

    @model_validator(mode="after")
    def _names_what_is_there(self) -> Self:
        files: set[str] = set(self.files or ())
        covariates = self.columns.covariates if self.columns else {}
        unknown: list[str] = sorted(set[str](self.keep) - files)
        if unknown:
            raise ValueError(f"`keep` speaks of {', '.join(unknown)}, which `files` does not name")
        unknown = sorted(set(self.factors) - set(covariates))
        if unknown:
            raise ValueError(f"`factors` names {', '.join(unknown)}, which is no covariate")
        if (
            "times" in files
            and self.columns
            and (self.columns.occurred is None) == (self.columns.censored is None)
        ):
            raise ValueError("a `times` file takes exactly one of `occurred` and `censored`")
        return self

    @property
    def file_columns(self) -> Columns:
        """The columns of the files.

        Raises
        ------
        ValueError
            If the data are synthetic.
        """
        if self.columns is None:
            raise ValueError("synthetic data have no columns to name")
        return self.columns
