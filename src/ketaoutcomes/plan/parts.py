"""The base of every part of a plan."""

from typing import Annotated

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
        default=None, description="what the report calls the endpoint; default: by its kind"
    )
