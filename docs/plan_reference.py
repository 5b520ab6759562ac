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

For example, `study: {id: trd}` is the key `id` of the block [Study](#study). A key without default
is required. A key that is not on this page is refused, with its line and column. A plan with the
key `synthesis` pools published results and is a `SynthesisPlan`; every other one is an
`AnalysisPlan`.

A plan is read as people type it. `covariates: baseline, region` is a list of two, and a note says
so; `covariates: none` is an empty list, and one value stands for a list of one. Values of closed
lists are read in any case, with spaces, hyphens or `_`, and by their names in SAS, SPSS, R and ICH
E9(R1). Visits, arms and other names of the plan are written as it defines them. An error names the
spelling that is meant, and never another number or another word.

## In an editor

Editors that follow the first line of a plan know these keys, too. It was tried with
yaml-language-server 2.0, which the extension YAML of VS Code and other editors use.
`ketaoutcomes schema --write` puts the schema next to the plan. It has the same source as this page.

- At `model:` or `kind:` an editor lists the values with their meaning. Below, it offers the keys of
  that model alone.
- A key that is misspelt or belongs to another model is underlined, and so is a value that no list
  has. Keys that do not go together are underlined with the sentence of this page.
- Values are expected as they are written here. `Primary` is read as `primary`, and yet underlined.
- Only `validate` knows whether a name (an arm, a visit, an estimand) is defined, and whether the
  data have it. A value after `<<`, which takes the place of a repeated one, is checked by it alone.
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
    table = ["| key | meaning | takes | default | example |", "|---|---|---|---|---|", *rows]
    rules = [f"- {words[0].upper()}{words[1:]}." for words in _wrong_together(part)]
    return "\n".join(
        [
            f"## {name}",
            "",
            part.get("description", ""),
            "",
            *table,
            "",
            *rules,
            *([""] if rules else []),
        ]
    )


def _wrong_together(part: Schema) -> Iterator[str]:
    """What is said of keys that do not go together, each once."""
    yield from dict.fromkeys(rule["else"]["errorMessage"] for rule in part.get("allOf", ()))


def _row(key: str, value: Schema, required: bool) -> str:
    default = "" if required else f"`{_yaml(value.get('default'))}`"
    values = "".join(f"<br>`{_yaml(one)}`: {words}" for one, words in _explained(value).items())
    meaning = f"{value['description']}{values}"
    example = f"`{key}: {_example(value['examples'][0])}`"
    takes = " or ".join(dict.fromkeys(_kinds(value)))
    cells = [f"`{key}`", meaning, takes, default, example]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _explained(value: Any) -> dict[str, str]:
    """The values of the closed lists of a key, each with its meaning."""
    found: dict[str, str] = {}
    match value:
        case {"enum": [*choices], "enumDescriptions": [*words]}:
            found |= dict(zip(choices, words, strict=True))
        case {"const": choice, "description": str(words)} if "examples" not in value:
            found[choice] = words
        case dict():
            for inner in value.values():
                found |= _explained(inner)
        case list():
            for inner in value:
                found |= _explained(inner)
    return found


def _example(value: Any) -> str:
    """An example in one line of YAML."""
    match value:
        case dict():
            return f"{{{', '.join(f'{_example(k)}: {_example(v)}' for k, v in value.items())}}}"
        case list():
            return f"[{', '.join(map(_example, value))}]"
        case str():
            return json.dumps(value, ensure_ascii=False) if _needs_quotes(value) else value
        case _:
            return _yaml(value)


def _needs_quotes(text: str) -> bool:
    """Whether YAML reads a bare text as something else, or ends it early."""
    plain = re.fullmatch(r"[A-Za-z][\w./() +*=-]*", text)
    return plain is None or text in {"yes", "no", "true", "false", "none"}


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
        case {"anyOf": [*_]} | {"oneOf": [*_]} | {"allOf": [{"if": _, "then": _}, *_]}:
            for choice in _choices(value):
                yield from _kinds(choice)
        case {"type": "array"}:
            yield f"list of {_either(value.get('items', {}))}"
        case {"type": "object"} if of := _values(value):
            yield f"names, each with {_either(of)}"
        case _:
            yield _scalar(value)


def _choices(value: Schema) -> list[Schema]:
    """The kinds of block or value of which one stands there."""
    if "allOf" in value:
        return [kind["then"] for kind in value["allOf"]]
    choices = value.get("anyOf") or value["oneOf"]
    lists = [one.get("items") for one in choices if one.get("type") == "array"]
    # one value may stand for a list, as the page says; closed lists and blocks are not named twice
    told = [one for one in lists if one != {"type": "string"}]
    return [one for one in choices if one.get("type") != "null" and one not in told]


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
