"""The `data:` block: a synthetic scenario, or files of a real dataset."""

from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from ketaoutcomes.plan.columns import Columns, KeptValues, Labels
from ketaoutcomes.plan.covariates import CovariateName
from ketaoutcomes.plan.derived import ColumnName, Derivation, TakenRows
from ketaoutcomes.plan.files import (
    FileName,
    FileRole,
    FileSource,
    Writing,
    WrittenFiles,
    name_of,
)
from ketaoutcomes.plan.parts import Label, Name, PlanPart

__all__ = ["Columns", "DataBlock", "FileRole", "Labels", "SyntheticData"]

TimeUnit = Literal["hours", "days", "weeks", "months", "years"]


def _reach(values: object) -> str:
    return "some" if isinstance(values, dict) else "all"


MissingInFile = Annotated[
    Annotated[KeptValues, Tag("all")] | Annotated[dict[str, KeptValues], Tag("some")],
    Discriminator(_reach),
]
"""Values that mean missing in a file: in each column, or in the columns that are named."""

MissingValues = Annotated[
    Annotated[KeptValues, Tag("all")] | Annotated[dict[FileRole, MissingInFile], Tag("some")],
    Discriminator(_reach),
]
"""Values that mean missing: in every file, or in the files that are named."""

RowNumber = Annotated[int, Field(ge=1, le=1000)]

HeaderRow = Annotated[
    Annotated[RowNumber, Tag("all")] | Annotated[dict[FileRole, RowNumber], Tag("some")],
    Discriminator(_reach),
]


class SyntheticData(PlanPart):
    """A cohort generated from a scenario, with known truth."""

    scenario: Name = Field(description="a scenario of `python -m ketaoutcomes list`")
    seed: int = Field(ge=0, lt=2**63)
    subjects: int | None = Field(
        default=None, ge=4, le=10_000_000, description="number of subjects; default: the scenario's"
    )
    trial: Literal["typical", "new"] = Field(
        default="typical",
        description="`typical`: the trial that the scenario describes; `new`: another trial of the "
        "same design, whose drug effect, placebo response and adverse-event rates differ from it "
        "as published trials do",
    )
    truth: bool = Field(
        default=True,
        description="whether the report compares its results with the true values of the scenario, "
        "which take long to find the first time",
    )


class VisitWindows(PlanPart):
    """Scores without a scheduled visit go to the visit nearest in days.

    Before or on the first dose that is the baseline, after it another visit. Of several scores for
    one visit the nearest is taken; a score with the visit's own label goes before all.
    """

    ties: Literal["earlier", "later"] = Field(
        default="earlier",
        description="the visit of a day as near to two, and the day of two as near to a visit",
    )
    within_days: float | None = Field(
        default=None, gt=0, description="leave out scores farther than this from every visit"
    )


class Deidentification(PlanPart):
    """Columns that look like identifiers and are none, each with the reason."""

    accept: dict[str, Label] = Field(default_factory=dict, description="column -> reason")


class DataBlock(WrittenFiles):
    """Where the data come from: exactly one of `synthetic` and `files`."""

    synthetic: SyntheticData | None = None
    files: dict[FileRole, FileSource] | None = None
    standard: Literal["adam"] | None = Field(
        default=None, description="the columns of CDISC ADaM are known; `columns` changes them"
    )
    derive: dict[FileRole, dict[ColumnName, Derivation]] = Field(
        default_factory=dict,
        description="new columns of a file, made in this order: name -> formula, or a column "
        "that is recoded",
    )
    take: dict[FileRole, TakenRows] = Field(
        default_factory=dict,
        description="of several rows of a file that belong together, the one to use; after `keep`",
    )
    dictionary: FileName | None = Field(
        default=None,
        description="the data dictionary of a REDCap export, whose choices become value labels",
    )
    rows_are_subjects: bool = Field(
        default=False,
        description="each row of the one file is a subject of its own, and no column says whose "
        "it is",
    )
    columns: Columns | None = None
    labels: Labels = Labels()
    scale: str | None = None
    baseline_score: float | None = Field(
        default=None,
        description="everyone's score at baseline where that is so by definition: 0 of a change",
    )
    visit_windows: VisitWindows | None = None
    time_unit: TimeUnit = "days"
    day_unit: TimeUnit = Field(
        default="days", description="other units than days count from the first dose"
    )
    first_dose_day: Literal[0, 1] = Field(
        default=1, description="what the `day` column holds on the day of the first dose"
    )
    factors: tuple[CovariateName, ...] = Field(
        default=(), strict=False, description="covariates that are categories written as numbers"
    )
    keep: dict[FileRole, dict[str, KeptValues]] = Field(
        default_factory=dict,
        description='use only the rows of a file where a column holds one of these; "" is empty',
    )
    missing: MissingValues | None = Field(
        default=None,
        description="values that mean missing: `[-9, not done]`, or file -> values, or "
        "file -> column -> values",
    )
    header_row: HeaderRow = Field(
        default=1,
        description="the row of a text file or a sheet that names the columns; or file -> row",
    )
    parts: Annotated[int, Field(ge=1, le=4096)] | None = Field(
        default=None,
        description="read Parquet or DuckDB data in so many parts of whole participants; default: "
        "one, or more from five million rows on",
    )
    deidentification: Deidentification = Deidentification()
    citation: str | None = Field(default=None, description="whose data these are")

    @property
    def asks_truth(self) -> bool:
        """Whether the report compares its results with the true values of a scenario."""
        return self.synthetic is not None and self.synthetic.truth

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.synthetic is None) == (self.files is None):
            raise ValueError("the data block takes exactly one of `synthetic` and `files`")
        if self.files is not None and not self.files:
            raise ValueError("`files` names no file")
        if self.files is None or self.standard is not None:
            return self
        if self.columns is None:
            raise ValueError("`files` needs `columns`, which say what the files hold")
        if self.columns.subject is None and not self.rows_are_subjects:
            raise ValueError(
                "`columns` needs `subject`, the column that says whose a row is; if the file has "
                "none and each row is a subject of its own, write `rows_are_subjects: true`"
            )
        return self

    @model_validator(mode="after")
    def _rows_of_one_file(self) -> Self:
        if not self.rows_are_subjects:
            return self
        if self.file_columns.subject is not None:
            raise ValueError("`rows_are_subjects` stands instead of `columns.subject`")
        if len(set(map(name_of, (self.files or {}).values()))) > 1:
            raise ValueError(
                "`rows_are_subjects` needs one file, as nothing tells which rows of two files "
                "belong to one subject"
            )
        return self

    @model_validator(mode="after")
    def _names_what_is_there(self) -> Self:
        files: set[str] = set(self.files or ())
        for key in ("keep", "missing", "header_row", "derive", "take"):
            told = getattr(self, key)
            unknown: list[str] = sorted(set[str](told) - files if isinstance(told, dict) else ())
            if unknown:
                raise ValueError(
                    f"`{key}` speaks of {', '.join(unknown)}, which `files` does not name"
                )
        unknown = sorted(set(self.factors) - set(self.file_columns.covariates))
        if unknown:
            raise ValueError(f"`factors` names {', '.join(unknown)}, which is no covariate")
        if "severity" in self.file_columns.covariates and "adverse_events" in files:
            raise ValueError(
                "`severity` is that of an adverse event; call the covariate for example "
                "`severity_at_entry`"
            )
        return self

    @model_validator(mode="after")
    def _event_told_one_way(self) -> Self:
        columns = self.file_columns
        both = columns.occurred is not None and columns.censored is not None
        neither = columns.occurred is None and columns.censored is None and self.standard is None
        if "times" in (self.files or {}) and (both or neither):
            raise ValueError("a `times` file takes exactly one of `occurred` and `censored`")
        return self

    @property
    def keeps_derived(self) -> bool:
        """Whether scores may be derived, as carried forward, and not observed."""
        if self.file_columns.derived:
            return True
        return any(self.keep.get("visits", {}).get("DTYPE", ()))

    def writing(self, role: FileRole, labels: frozenset[str] = frozenset()) -> Writing:
        """How the file of a role is written, and which of its columns hold labels."""
        row = self.header_row
        return Writing(
            encoding=self.encoding,
            decimal=self.decimal,
            grouping=self.grouping,
            header_row=row.get(role, 1) if isinstance(row, dict) else row,
            codes=self.value_labels == "codes",
            labels=labels,
        )

    def missing_in(self, role: FileRole) -> dict[str | None, tuple[str, ...]]:
        """Column, or None for every column -> the values that mean missing in a file."""
        told = self.missing.get(role) if isinstance(self.missing, dict) else self.missing
        if told is None:
            return {}
        if isinstance(told, dict):
            return dict(told.items())
        return {None: told}

    @property
    def file_columns(self) -> Columns:
        """The columns that the plan names."""
        return self.columns or Columns()

    @property
    def source_names(self) -> tuple[str, ...]:
        """The files, and tables of databases, as the report calls them."""
        return tuple(dict.fromkeys(name_of(source) for source in (self.files or {}).values()))
