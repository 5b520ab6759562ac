"""What the plan makes of a file before anything else: derived columns, and rows that it takes."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Discriminator, Field, StringConstraints, Tag

from ketaoutcomes.plan.columns import ColumnNames, DataLabel
from ketaoutcomes.plan.expression import parsed
from ketaoutcomes.plan.parts import PlanPart, meanings


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

    column: str = Field(description="Column whose values are recoded.", examples=["smoker"])
    recode: dict[DataLabel, DataLabel] = Field(
        min_length=1,
        description='New value for each value in the data; "" makes it missing.',
        examples=[{"1": "yes", "2": "no", "9": ""}],
    )
    others: Literal["keep", "missing", "error"] = Field(
        default="keep",
        description="What becomes of values that `recode` does not name.",
        examples=["error"],
        json_schema_extra=meanings(
            {
                "keep": "They stay as they are.",
                "missing": "They become missing.",
                "error": "They are reported as an error.",
            }
        ),
    )


def _derivation_kind(told: object) -> str:
    return "formula" if isinstance(told, str) else "recoded"


Derivation = Annotated[
    Annotated[ExpressionText, Tag("formula")] | Annotated[Recoded, Tag("recoded")],
    Discriminator(_derivation_kind),
]


class TakenRows(PlanPart):
    """Of several rows that belong together, one is used."""

    row: Literal["first", "last"] = Field(
        description="Which of the rows is used.",
        examples=["last"],
        json_schema_extra=meanings({"first": "The first row.", "last": "The last row."}),
    )
    per: ColumnNames = Field(
        description="Columns in which rows that belong together agree.", examples=[["id", "visit"]]
    )
    by: str | None = Field(
        default=None,
        description=(
            "Column of numbers or ISO dates that orders the rows. The default is the "
            "order of the file."
        ),
        examples=["date"],
    )
