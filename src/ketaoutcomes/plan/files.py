"""The files of a real dataset: what each holds, and where in a database it stands."""

from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, StringConstraints, Tag, model_validator

from ketaoutcomes.plan.parts import PlanPart

FileRole = Literal[
    "subjects", "assignments", "visits", "events", "times", "adverse_events", "exposure", "costs"
]
"""What a file holds: people, their arms (where they stand apart), scores, what happened, times to
event, harms, doses, money."""


FileName = Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""A path inside the data folder, without control characters."""


class DatabaseTable(PlanPart):
    """A table of a DuckDB or SQLite file, or one SELECT on it; the file is opened read-only."""

    file: FileName
    table: str | None = None
    query: str | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.table is None) == (self.query is None):
            raise ValueError("a database takes exactly one of `table` and `query`")
        return self

    @property
    def name(self) -> str:
        """How problems call it."""
        return f"{self.file} ({'a query' if self.table is None else self.table})"


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
        The row of a text file that names the columns.
    codes : bool
        Whether SPSS values that have a label are read as their codes.
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

    encoding: str = Field(default="utf-8", description="of text files and SAS transport files")
    decimal: DecimalSign = Field(default=".", description="decimal sign of numbers kept as text")
    grouping: GroupingSign | None = Field(
        default=None, description="sign between thousands and hundreds of numbers kept as text"
    )
    value_labels: Literal["labels", "codes"] = Field(
        default="labels", description="what to take of SPSS values that have a label"
    )

    @model_validator(mode="after")
    def _signs_differ(self) -> Self:
        if self.grouping == self.decimal:
            raise ValueError(
                f"`grouping` and `decimal` are both `{self.decimal}`; the decimal sign of a file "
                f'whose thousands are marked by a point is a comma: `decimal: ","`'
            )
        return self


def _source_kind(source: object) -> str:
    """Whether a file or a database is written, so that a fault is told once."""
    return "file" if isinstance(source, str) else "database"


FileSource = Annotated[
    Annotated[FileName, Tag("file")] | Annotated[DatabaseTable, Tag("database")],
    Discriminator(_source_kind),
]


def file_of(source: FileSource) -> str:
    """The name of the file on disk."""
    return source if isinstance(source, str) else source.file


def name_of(source: FileSource) -> str:
    """How problems and the report call a source."""
    return source if isinstance(source, str) else source.name
