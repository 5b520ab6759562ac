"""The base of every part of a plan."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=40)]
"""An identifier of the plan: letters, digits and underscores."""

Label = Annotated[str, StringConstraints(min_length=1, max_length=200)]
"""Words shown to a reader."""


class PlanPart(BaseModel):
    """A frozen part of the plan that refuses keys it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class EndpointPart(PlanPart):
    """What every endpoint may say."""

    label: Label | None = Field(
        default=None,
        description="Name of the endpoint in the report. The default follows from its kind.",
        examples=["Change in MADRS total score"],
    )


SYNONYMS: Final = "x-synonyms"
"""In the schema of a closed value: value -> other names of exactly the same."""
INSTEAD: Final = "x-instead"
"""In the schema of a closed value: name of something else, or of what is written otherwise -> what
to do."""


MEANINGS: Final = "x-meanings"
"""In the schema of a key: value of its closed list -> what the value means."""


def meanings(of_values: Mapping[str, str]) -> Any:
    """What each value of a closed list means, for the `json_schema_extra` of its key.

    Parameters
    ----------
    of_values : mapping of str to str
        Value as plans write it -> a sentence.
    """
    return {MEANINGS: dict(of_values)}


def spoken(
    synonyms: Mapping[str, tuple[str, ...]], instead: Mapping[str, str] | None = None
) -> Any:
    """What people call the values of a closed list, to stand in an `Annotated` beside it.

    Parameters
    ----------
    synonyms : mapping of str to tuple of str
        Value -> names of exactly the same in other programs and guidelines; they are read as it.
    instead : mapping of str to str
        Name of what a plan has no value for, or another one -> what to do.
    """
    told: dict[str, Any] = {name: list(others) for name, others in synonyms.items()}
    extra: dict[str, Any] = {SYNONYMS: told, INSTEAD: dict(instead or {})}
    return Field(json_schema_extra=extra)


def in_style(value: str) -> str:
    """A closed value as plans write it: small letters and digits, `_` between words.

    A value of signs alone, such as a decimal sign, stays as it is.
    """
    return re.sub(r"[\W_]+", "_", value.casefold()).strip("_") or value
