"""Analyses: how an estimand is estimated; each family of analyses brings its own."""

from typing import Annotated, Any, Union

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema

from ketaoutcomes.families.registry import models, no_models
from ketaoutcomes.plan.analysis import AnalysisPart
from ketaoutcomes.plan.parts import INSTEAD


class _OneOfAll:
    """Stands for the union of the analyses of all families, known once they are loaded."""

    @classmethod
    def __get_pydantic_core_schema__(
        cls, _source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        parts = tuple(model.part for model in models().values())
        any_of_them: Any = Union[parts]  # noqa: UP007 - known when the families are
        return handler.generate_schema(Annotated[any_of_them, Field(discriminator="model")])

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """The union, and what to write for names that other programs give to models."""
        return {**handler(schema), INSTEAD: {"model": dict(no_models())}}


Analysis = Annotated[AnalysisPart, _OneOfAll]
"""An analysis of a plan: of one of the models of the registry."""


def adjusted(model: str) -> tuple[str, ...]:
    """The keys of a model that name the baseline score where the plan leaves them out."""
    if model not in models():
        return ()
    fields = models()[model].part.model_fields
    return tuple(name for name, field in fields.items() if field.default == ("baseline",))
