"""The files of a real dataset: what each holds, and which table of a file is meant."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import Discriminator, Field, StringConstraints, Tag, model_validator

from ketaoutcomes.plan.combinations import Combination, ExactlyOne, Never
from ketaoutcomes.plan.parts import PlanPart, meanings

FileRole = Literal[
    "subjects",
    "assignments",
    "visits",
    "events",
    "follow_up",
    "times",
    "adverse_events",
    "exposure",
    "costs",
    "laboratory",
    "ecg",
]
"""What a file holds: people, their arms (where they stand apart), scores, what happened, the last
day in the study (where it stands apart), times to event, adverse events, doses, money, values with
a reference range."""
FILE_MEANINGS: Final = {
    "subjects": "One row per participant: arm, baseline characteristics, end of treatment.",
    "assignments": "The arm of each participant, where it is in a file of its own.",
    "visits": "Scores of participants at visits.",
    "events": "Events with their days, such as relapse or the end of treatment.",
    "follow_up": "The last day in the study and why it ended, where a file of its own says it.",
    "times": "A time to event or censoring per participant.",
    "adverse_events": "Adverse events with their terms.",
    "exposure": "Doses given.",
    "costs": "Costs of participants.",
    "laboratory": "Laboratory values, one row per participant, test and day (ADaM ADLB).",
    "ecg": "Values of electrocardiograms, in the same form (ADaM ADEG).",
}
"""What a file holds, in a sentence."""

MEASURED: Final[tuple[FileRole, ...]] = ("laboratory", "ecg")
"""Files of values that are held against a reference range."""

FileName = Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""A path inside the data folder, without control characters."""


class TableOfFile(PlanPart):
    """One table of a file that holds several, or the rows of one SELECT on a file.

    Nothing is written to a file. A SELECT on a database is run by the database, opened read-only.
    On another file it is run in memory, where the table has the file's name without its ending.
    """

    combinations: ClassVar[tuple[Combination, ...]] = (
        ExactlyOne(
            ("table", "sheet", "query"),
            "a file with parts takes exactly one of `table`, `sheet` and `query`",
        ),
    )

    file: FileName = Field(description="Name of the file.", examples=["trial.duckdb"])
    table: str | None = Field(
        default=None,
        description="Table of a database, data frame of an R file, or file of a .zip archive.",
        examples=["visits"],
    )
    sheet: str | None = Field(
        default=None, description="Sheet of an Excel workbook.", examples=["Visits"]
    )
    query: str | None = Field(
        default=None,
        description="One SELECT statement on the file.",
        examples=["SELECT * FROM visits"],
    )

    @property
    def name(self) -> str:
        """How problems call it."""
        return f"{self.file} ({self.table or self.sheet or 'a query'})"


def _is_file(source: object) -> str:
    return "file" if isinstance(source, str) else "table"


FileOrTable = Annotated[
    Annotated[FileName, Tag("file")] | Annotated[TableOfFile, Tag("table")],
    Discriminator(_is_file),
]
TableName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=60)]


class SelectOfFiles(PlanPart):
    """One SELECT over several files, run in memory; it can reach nothing but these tables."""

    files: dict[TableName, FileOrTable] = Field(
        min_length=1,
        description="File behind each table that the SELECT names.",
        examples=[{"people": "people.csv", "scores": "scores.csv"}],
    )
    query: str = Field(
        description="One SELECT statement over these tables.",
        examples=["SELECT * FROM people JOIN scores USING (id)"],
    )

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        folded = [name.casefold() for name in self.files]
        if len(set(folded)) < len(folded):
            raise ValueError("two tables have names that differ in capitals alone; rename one")
        return self

    @property
    def name(self) -> str:
        """How problems call it."""
        return f"{', '.join(map(name_of, self.files.values()))} (a query)"


DecimalSign = Literal[".", ","]
GroupingSign = Literal[".", ",", " ", "'"]
"""What stands between thousands and hundreds; a space may also be one that does not break."""


@dataclass(frozen=True)
class Writing:
    """How a file is written, as far as it does not say so itself.

    Attributes
    ----------
    encoding : str
        Of text files and of SAS transport files.
    decimal : str
        The decimal sign of numbers that are kept as text.
    grouping : str or None
        The sign between thousands and hundreds of such numbers; None where there is none.
    header_row : int
        The row of a text file or an Excel sheet that names the columns.
    codes : bool
        Whether values that have a label are read as their codes.
    labels : frozenset of str
        Columns of labels, in which nothing is a number: subjects, arms, visits.
    """

    encoding: str = "utf-8"
    decimal: DecimalSign = "."
    grouping: GroupingSign | None = None
    header_row: int = 1
    codes: bool = False
    labels: frozenset[str] = frozenset()


class WrittenFiles(PlanPart):
    """How the files of a plan are written, as far as their formats do not say so themselves."""

    combinations: ClassVar[tuple[Combination, ...]] = (
        Never(
            {"grouping": (".",), "decimal": (".",)},
            "`grouping` and `decimal` are both `.`; where points mark thousands, the decimal sign "
            'is a comma: `decimal: ","`',
        ),
        Never(
            {"grouping": (",",), "decimal": (",",)},
            "`grouping` and `decimal` are both `,`; where commas mark thousands, the decimal sign "
            'is a point: `decimal: "."`',
        ),
    )

    encoding: str = Field(
        default="utf-8",
        description="Encoding of text files and SAS transport files.",
        examples=["latin-1"],
    )
    decimal: DecimalSign = Field(
        default=".",
        description="Decimal sign of numbers that are kept as text.",
        examples=[","],
        json_schema_extra=meanings({".": "A point.", ",": "A comma."}),
    )
    grouping: GroupingSign | None = Field(
        default=None,
        description="Thousands separator of numbers that are kept as text.",
        examples=["."],
        json_schema_extra=meanings(
            {".": "A point.", ",": "A comma.", " ": "A space.", "'": "An apostrophe."}
        ),
    )
    labelled_values: Literal["labels", "codes"] = Field(
        default="labels",
        description="How values with a label in SPSS, Stata or a data dictionary are read.",
        examples=["codes"],
        json_schema_extra=meanings({"labels": "As their labels.", "codes": "As their codes."}),
    )


def _source_kind(source: object) -> str:
    """Which of the sources is written, so that a fault is told once."""
    several = isinstance(source, SelectOfFiles) or (isinstance(source, dict) and "files" in source)
    return "files" if several else _is_file(source)


FileSource = Annotated[
    Annotated[FileName, Tag("file")]
    | Annotated[TableOfFile, Tag("table")]
    | Annotated[SelectOfFiles, Tag("files")],
    Discriminator(_source_kind),
]


def files_of(source: FileSource) -> tuple[str, ...]:
    """The names of its files on disk."""
    if isinstance(source, SelectOfFiles):
        return tuple(file for part in source.files.values() for file in files_of(part))
    return (source if isinstance(source, str) else source.file,)


def name_of(source: FileSource) -> str:
    """How problems and the report call a source."""
    return source if isinstance(source, str) else source.name
