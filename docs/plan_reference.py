"""A Sphinx extension: every key of an analysis plan, written from the plan's own schema."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ketaoutcomes.plan.reading.schema import plan_schema, synthesis_schema

Schema = dict[str, Any]
LINK = re.compile(r'"\$ref": "#/\$defs/(\w+)"')
PAGE = Path(__file__).parent / "plan-reference.md"
INTRODUCTION = """\
# Every key of a plan

Written from the schema that reads plans (`python -m ketaoutcomes schema`). A key without a
default must be there. A key that stands nowhere on this page is refused, with its line and column.
A plan with the key `synthesis` pools published results and is a `SynthesisPlan`; every other
one is an `AnalysisPlan`.
"""


def setup(app: Any) -> dict[str, bool]:
    """Write the page before Sphinx looks for pages."""
    app.connect("config-inited", lambda *_: PAGE.write_text(reference(), encoding="utf-8"))
    return {"parallel_read_safe": True}


def reference() -> str:
    """The page as Markdown."""
    parts: dict[str, Schema] = {}
    for name, schema in (("AnalysisPlan", plan_schema()), ("SynthesisPlan", synthesis_schema())):
        parts |= _in_order(name, schema)
    return "\n".join([INTRODUCTION, *(_part(name, part) for name, part in parts.items())])


def _in_order(name: str, schema: Schema) -> dict[str, Schema]:
    """The schema and the parts that it names, each where it is first named."""
    found = {name: schema}
    waiting = [{key: value for key, value in schema.items() if key != "$defs"}]
    while waiting:
        named = dict.fromkeys(LINK.findall(json.dumps(waiting.pop())))
        new = {part: schema["$defs"][part] for part in named if part not in found}
        found |= new
        waiting += reversed(new.values())
    return found


def _part(name: str, part: Schema) -> str:
    required = part.get("required", [])
    rows = [_row(key, value, key in required) for key, value in part.get("properties", {}).items()]
    if not rows:
        return ""
    table = ["| key | takes | default | meaning |", "|---|---|---|---|", *rows]
    return "\n".join([f"## {name}", "", part.get("description", ""), "", *table, ""])


def _row(key: str, value: Schema, required: bool) -> str:
    default = "" if required else f"`{_yaml(value.get('default'))}`"
    meaning = value.get("description", "").split("\n\n")[0].replace("\n", " ")
    cells = [f"`{key}`", " or ".join(dict.fromkeys(_kinds(value))), default, meaning]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _kinds(value: Schema) -> Iterator[str]:
    """What may stand there, in words."""
    match value:
        case {"$ref": str(link)}:
            name = link.rsplit("/", 1)[-1]
            yield f"[{name}](#{name.lower()})"
        case {"const": choice}:
            yield f"`{_yaml(choice)}`"
        case {"enum": [*choices]}:
            yield from (f"`{_yaml(choice)}`" for choice in choices)
        case {"anyOf": [*choices]} | {"oneOf": [*choices]}:
            for choice in (choice for choice in choices if choice.get("type") != "null"):
                yield from _kinds(choice)
        case {"type": "array"}:
            yield f"list of {_either(value.get('items', {}))}"
        case {"type": "object"} if of := _values(value):
            yield f"names, each with {_either(of)}"
        case _:
            yield _scalar(value)


def _values(value: Schema) -> Schema | None:
    """What stands under every name, where the names are the author's own."""
    match value:
        case {"patternProperties": {**patterns}} if len(patterns) == 1:
            return next(iter(patterns.values()))
        case {"additionalProperties": dict(of)}:
            return of
    return None


def _either(value: Schema) -> str:
    return " or ".join(dict.fromkeys(_kinds(value)))


def _scalar(value: Schema) -> str:
    words = {
        "string": "text",
        "integer": "whole number",
        "number": "number",
        "boolean": "`true` or `false`",
    }
    bounds = [
        f"{sign} {value[key]:g}"
        for key, sign in (
            ("minimum", "≥"),
            ("exclusiveMinimum", ">"),
            ("maximum", "≤"),
            ("exclusiveMaximum", "<"),
        )
        if key in value
    ]
    return " ".join([words.get(value.get("type", ""), "a value"), " and ".join(bounds)]).strip()


def _yaml(value: Any) -> str:
    """A default as it would be written in a plan."""
    match value:
        case None:
            return "none"
        case bool():
            return str(value).lower()
        case list():
            return f"[{', '.join(map(_yaml, value))}]"
        case dict():
            return "{}" if not value else "see its own section"
        case _:
            return str(value)
