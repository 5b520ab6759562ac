"""The base of every part of a plan."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Final, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    StringConstraints,
    model_validator,
)
from pydantic_core import CoreSchema

from ketaoutcomes.plan.combinations import Combination, rules_in_schema

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=40)]
"""An identifier of the plan: letters, digits and underscores."""

Label = Annotated[str, StringConstraints(min_length=1, max_length=200)]
"""Words shown to a reader."""


class PlanPart(BaseModel):
    """A frozen part of the plan that refuses keys it does not know."""

    # built once, as part of the first plan that is read: then the families of analyses are loaded
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)

    combinations: ClassVar[tuple[Combination, ...]] = ()
    """Keys of this part, but not of the parts it is made of, that do not go together."""

    @classmethod
    def all_combinations(cls) -> tuple[Combination, ...]:
        """The rules of this part and of the parts that it is made of."""
        own = (part.__dict__.get("combinations", ()) for part in reversed(cls.__mro__))
        return tuple(rule for rules in own for rule in rules)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        made = handler(schema)
        if rules := cls.all_combinations():
            handler.resolve_ref_schema(made)["allOf"] = rules_in_schema(rules, cls)
        return made

    @model_validator(mode="after")
    def _keys_go_together(self) -> Self:
        for rule in self.all_combinations():
            if rule.broken(self):
                raise ValueError(rule.words)
        return self


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


SENTENCES: Final = "x-sentences"
"""In the schema of an item of a list: it is a sentence, whose commas part no items."""

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
