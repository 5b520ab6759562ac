"""What the plan makes of a file before anything else: derived columns, and rows that it takes."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Discriminator, Field, StringConstraints, Tag

from ketaoutcomes.plan.columns import ColumnNames, DataLabel
from ketaoutcomes.plan.expression import parsed
from ketaoutcomes.plan.parts import PlanPart


def _is_expression(text: str) -> str:
    parsed(text)
    return text


ExpressionText = Annotated[
    str, StringConstraints(min_length=1, max_length=1000), AfterValidator(_is_expression)
]
"""A formula of the columns of a file: `week_8 - week_0`, `if(age >= 65, "old", "young")`."""

ColumnName = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^`\n\r]+$")]


class Recoded(PlanPart):
    """A column with other words for its values."""

    column: str = Field(description="the column whose values are recoded")
    recode: dict[DataLabel, DataLabel] = Field(
        min_length=1, description='value in the data -> new value; "" makes it missing'
    )
    others: Literal["keep", "missing", "error"] = Field(
        default="keep", description="what becomes of values that `recode` does not name"
    )


def _derivation_kind(told: object) -> str:
    return "formula" if isinstance(told, str) else "recoded"


Derivation = Annotated[
    Annotated[ExpressionText, Tag("formula")] | Annotated[Recoded, Tag("recoded")],
    Discriminator(_derivation_kind),
]


class TakenRows(PlanPart):
    """Of several rows that belong together, one is used."""

    row: Literal["first", "last"] = Field(description="which of them")
    per: ColumnNames = Field(description="the columns in which rows that belong together agree")
    by: str | None = Field(
        default=None,
        description="the column of numbers or ISO dates that orders them; without it, the order of "
        "the file",
    )
