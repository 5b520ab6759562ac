"""The `data:` block: a synthetic scenario, or files of a real dataset."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from ketaoutcomes.plan.columns import Columns, KeptValues, Labels
from ketaoutcomes.plan.combinations import Combination, ExactlyOne, Never, Written
from ketaoutcomes.plan.covariates import CovariateName
from ketaoutcomes.plan.derived import ColumnName, Derivation, TakenRows
from ketaoutcomes.plan.files import (
    FILE_MEANINGS,
    FileName,
    FileRole,
    FileSource,
    Writing,
    WrittenFiles,
    name_of,
)
from ketaoutcomes.plan.parts import Label, Name, PlanPart, meanings

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
    """A cohort simulated from a scenario, with known true values."""

    scenario: Name = Field(
        description="Name of the scenario; `ketaoutcomes list` prints them all.",
        examples=["trd_short_term"],
    )
    seed: int = Field(
        ge=0,
        lt=2**63,
        description="Seed of the simulation; the same seed gives the same participants.",
        examples=[20261124],
    )
    subjects: int | None = Field(
        default=None,
        ge=4,
        le=10_000_000,
        description="Number of participants. The default is that of the scenario.",
        examples=[400],
    )
    trial: Literal["typical", "new"] = Field(
        default="typical",
        description="Which trial of the scenario's design is simulated.",
        examples=["new"],
        json_schema_extra=meanings(
            {
                "typical": "The trial that the scenario describes.",
                "new": (
                    "Another trial, whose drug effect, placebo response and adverse-event rates "
                    "differ as those of published trials do."
                ),
            }
        ),
    )
    sites: int | None = Field(
        default=None,
        ge=2,
        le=500,
        description=(
            "Number of sites that enrol the participants, each with its own effects on baseline, "
            "response and dropout. The default is that of the scenario; most have no sites, and "
            "then there is no covariate `site`."
        ),
        examples=[12],
    )
    truth: bool = Field(
        default=True,
        description=(
            "Whether results are compared with the true values of the scenario, which "
            "takes long the first time."
        ),
        examples=[False],
    )


class VisitWindows(PlanPart):
    """Scores without a scheduled visit go to the visit nearest in days.

    Before or on the first dose that is the baseline, after it another visit. Of several scores for
    one visit the nearest is taken; a score with the visit's own label goes before all.
    """

    ties: Literal["earlier", "later"] = Field(
        default="earlier",
        description="Which visit or score is taken where two are equally near.",
        examples=["earlier"],
        json_schema_extra=meanings({"earlier": "The earlier one.", "later": "The later one."}),
    )
    within_days: float | None = Field(
        default=None,
        gt=0,
        description="Largest distance from a visit in days; scores farther away are excluded.",
        examples=[7],
    )


class Diary(PlanPart):
    """Daily scores. Each visit has the mean of the days that end with it.

    A visit on the day of the first dose has the days before it.
    """

    days: int = Field(
        default=7,
        ge=2,
        le=31,
        description="Number of days up to the visit whose mean is the score of the visit.",
        examples=[7],
    )
    needed: int = Field(
        default=4,
        ge=1,
        le=31,
        description="Fewest days with an entry; with fewer the score of the visit is missing.",
        examples=[4],
    )

    @model_validator(mode="after")
    def _can_be_reached(self) -> Self:
        if self.needed > self.days:
            raise ValueError("`needed` is more than `days`, so that no visit would have a score")
        return self


class Deidentification(PlanPart):
    """Columns that look like identifiers and are none, each with the reason."""

    accept: dict[str, Label] = Field(
        default_factory=dict,
        description="Reason why each of these columns identifies no person.",
        examples=[{"id": "random number of the study"}],
    )


class DataBlock(WrittenFiles):
    """Where the data come from: exactly one of `synthetic` and `files`."""

    combinations: ClassVar[tuple[Combination, ...]] = (
        ExactlyOne(
            ("synthetic", "files"), "the data block takes exactly one of `synthetic` and `files`"
        ),
        Never(
            {"files": Written.YES, "standard": Written.NO, "columns": Written.NO},
            "`files` needs `columns`, which say what the files hold",
        ),
        Never(
            {"diary": Written.YES, "visit_windows": Written.YES},
            "`diary` says which days belong to a visit, and so does `visit_windows`: write one",
        ),
        *(
            Never(
                {"synthetic": Written.YES, key: written},
                f"`{key}` says how a file is read, and `synthetic` reads none: remove one of them",
            )
            for key, written in (
                ("rows_are_subjects", (True,)),
                ("baseline_score", Written.YES),
                ("diary", Written.YES),
            )
        ),
    )

    synthetic: SyntheticData | None = Field(
        default=None,
        description="Simulated scenario that the participants come from. It replaces `files`.",
        examples=[{"scenario": "trd_short_term", "seed": 20261124}],
    )
    files: dict[FileRole, FileSource] | None = Field(
        default=None,
        description="Files of the data, by what they hold. It replaces `synthetic`.",
        examples=[{"subjects": "adsl.csv", "visits": "adqs.csv"}],
        json_schema_extra=meanings(FILE_MEANINGS),
    )
    standard: Literal["adam"] | None = Field(
        default=None,
        description=(
            "Standard of the files, whose columns are then known; `columns` changes single ones."
        ),
        examples=["adam"],
        json_schema_extra=meanings({"adam": "CDISC ADaM."}),
    )
    derive: dict[FileRole, dict[ColumnName, Derivation]] = Field(
        default_factory=dict,
        description=(
            "New columns of a file, each by a formula or by recoding a column. They are "
            "made in this order."
        ),
        examples=[{"subjects": {"older": "age >= 65"}}],
        json_schema_extra=meanings(FILE_MEANINGS),
    )
    take: dict[FileRole, TakenRows] = Field(
        default_factory=dict,
        description=(
            "Row to use where several rows of a file belong together; applied after `where`."
        ),
        examples=[{"visits": {"row": "last", "per": ["id", "visit"], "by": "date"}}],
        json_schema_extra=meanings(FILE_MEANINGS),
    )
    dictionary: FileName | None = Field(
        default=None,
        description="Data dictionary of a REDCap export; its choices become value labels.",
        examples=["dictionary.csv"],
    )
    rows_are_subjects: bool = Field(
        default=False,
        description=(
            "Whether each row of the one file is a participant, so that no column identifies them."
        ),
        examples=[True],
    )
    columns: Columns | None = Field(
        default=None,
        description="Columns of the files, by what they hold.",
        examples=[{"subject": "id", "arm": "group", "visit": "week", "value": "madrs"}],
    )
    labels: Labels = Field(
        default=Labels(),
        description="Names of the plan for the labels in the data.",
        examples=[{"arm": {"A": "placebo", "B": "esketamine"}}],
    )
    scale: str | None = Field(
        default=None,
        description="Scale of all scores, where no column holds it.",
        examples=["MADRS"],
    )
    currency: Label | None = Field(
        default=None,
        description="Currency of all costs, where no column holds it.",
        examples=["EUR"],
    )
    baseline_score: float | None = Field(
        default=None,
        description=(
            "Baseline score of every participant where it is fixed by definition, such as"
            " 0 for changes."
        ),
        examples=[0],
    )
    visit_windows: VisitWindows | None = Field(
        default=None,
        description="How scores without a scheduled visit are assigned to visits.",
        examples=[{"within_days": 3}],
    )
    diary: Diary | None = Field(
        default=None,
        description="How daily scores, told by the column `day`, become means for each visit.",
        examples=[{"days": 7, "needed": 4}],
    )
    time_unit: TimeUnit = Field(
        default="days",
        description="Unit of the times to event in the data.",
        examples=["weeks"],
        json_schema_extra=meanings(
            {
                "hours": "Hours, 24 to a day.",
                "days": "Days, with fractions where the data have them.",
                "weeks": "Weeks of 7 days.",
                "months": "Months of 30.4375 days.",
                "years": "Years of 365.25 days.",
            }
        ),
    )
    day_unit: TimeUnit = Field(
        default="days",
        description="Unit of the column `day`; units other than days count from the first dose.",
        examples=["weeks"],
        json_schema_extra=meanings(
            {
                "hours": "Hours, 24 to a day.",
                "days": "Days, with fractions where the data have them.",
                "weeks": "Weeks of 7 days.",
                "months": "Months of 30.4375 days.",
                "years": "Years of 365.25 days.",
            }
        ),
    )
    first_dose_day: Literal[0, 1] = Field(
        default=1,
        description="Value of the column `day` on the day of the first dose.",
        examples=[0],
        json_schema_extra=meanings(
            {"0": "The first dose is on day 0.", "1": "The first dose is on day 1, as in CDISC."}
        ),
    )
    factors: tuple[CovariateName, ...] = Field(
        default=(),
        strict=False,
        description="Covariates that are categories although they are written as numbers.",
        examples=[["centre"]],
    )
    where: dict[FileRole, dict[str, KeptValues]] = Field(
        default_factory=dict,
        description=(
            'Rows of a file to use: those where a column holds one of these values. "" '
            "stands for an empty cell."
        ),
        examples=[{"visits": {"ANL01FL": "Y", "PARAMCD": ["MADRS", "HAMD17"]}}],
        json_schema_extra=meanings(FILE_MEANINGS),
    )
    missing: MissingValues | None = Field(
        default=None,
        description="Values that mean missing, in all files; or by file, or by file and column.",
        examples=[[-9, "not done"]],
        json_schema_extra=meanings(FILE_MEANINGS),
    )
    header_row: HeaderRow = Field(
        default=1,
        description="Row of a text file or sheet that names the columns, or the row for each file.",
        examples=[3],
        json_schema_extra=meanings(FILE_MEANINGS),
    )
    parts: Annotated[int, Field(ge=1, le=4096)] | None = Field(
        default=None,
        description=(
            "Number of parts in which Parquet or DuckDB data are read. The default is "
            "one, or more from five million rows on."
        ),
        examples=[8],
    )
    deidentification: Deidentification = Field(
        default=Deidentification(),
        description="Columns that look like identifiers and were checked.",
        examples=[{"accept": {"id": "random number of the study"}}],
    )
    citation: str | None = Field(
        default=None,
        description="Citation of the data.",
        examples=["Proudfoot et al. 2003, Psychol Med 33:217-227"],
    )

    @property
    def asks_truth(self) -> bool:
        """Whether the report compares its results with the true values of a scenario."""
        return self.synthetic is not None and self.synthetic.truth

    @model_validator(mode="after")
    def _rows_have_a_subject(self) -> Self:
        if self.columns is None or self.standard is not None:
            return self
        if self.files and self.columns.subject is None and not self.rows_are_subjects:
            raise ValueError(
                "`columns` needs `subject`, the column that identifies the participant; if each "
                "row is a participant, write `rows_are_subjects: true`"
            )
        return self

    @model_validator(mode="after")
    def _diary_told_by_days(self) -> Self:
        columns = self.file_columns
        if self.diary is not None and (columns.visit or columns.wide):
            raise ValueError(
                "with `diary` the column `day` says when a score was given: remove `visit` from "
                "`columns`, and give each day a row"
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
                "`rows_are_subjects` needs one file, as it is unknown which rows of two files "
                "belong to one participant"
            )
        return self

    @model_validator(mode="after")
    def _names_what_is_there(self) -> Self:
        files: set[str] = set(self.files or ())
        for key in ("where", "missing", "header_row", "derive", "take"):
            told = getattr(self, key)
            unknown: list[str] = sorted(set[str](told) - files if isinstance(told, dict) else ())
            if unknown:
                raise ValueError(
                    f"`{key}` speaks of {', '.join(unknown)}, which `files` does not name"
                )
        unknown = sorted(set(self.factors) - set(self.file_columns.covariates))
        if unknown:
            raise ValueError(f"`factors` names {', '.join(unknown)}, which is not a covariate")
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
        told = columns.occurred or columns.censored or columns.after or self.standard
        if "times" in (self.files or {}) and (both or told is None):
            raise ValueError(
                "a `times` file takes exactly one of `occurred` and `censored`; name under "
                "`columns` the column that says whether the event occurred, or `after` and `by` "
                "for an event between two times"
            )
        return self

    @property
    def keeps_derived(self) -> bool:
        """Whether scores may be derived, as carried forward, and not observed."""
        if self.file_columns.derived:
            return True
        return any(self.where.get("visits", {}).get("DTYPE", ()))

    def writing(self, role: FileRole, labels: frozenset[str] = frozenset()) -> Writing:
        """How the file of a role is written, and which of its columns hold labels."""
        row = self.header_row
        return Writing(
            encoding=self.encoding,
            decimal=self.decimal,
            grouping=self.grouping,
            header_row=row.get(role, 1) if isinstance(row, dict) else row,
            codes=self.labelled_values == "codes",
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
