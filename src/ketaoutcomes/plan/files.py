"""The files of a real dataset: what each holds, and where in a database it stands."""

from typing import Annotated, Literal, Self

from pydantic import Discriminator, StringConstraints, Tag, model_validator

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
