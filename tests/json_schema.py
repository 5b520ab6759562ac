"""A JSON Schema checker for the keywords that the schemas of plans use; any other one stops it.

It was held against the package `jsonschema` on all shipped plans and on the spoiled ones of
`test_schema.py`; it stands here as that package is none of the project's.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

Schema = dict[str, Any]
SILENT = {
    *("$id", "$schema", "$defs", "title", "description", "examples", "default"),
    *("enumDescriptions", "errorMessage", "then", "else"),
    *("markdownDescription", "markdownEnumDescriptions"),
}
TYPES: dict[str, Callable[[Any], bool]] = {
    "object": lambda x: isinstance(x, dict),
    "array": lambda x: isinstance(x, list),
    "string": lambda x: isinstance(x, str),
    "boolean": lambda x: isinstance(x, bool),
    "null": lambda x: x is None,
    "integer": lambda x: isinstance(x, int) and not isinstance(x, bool),
    "number": lambda x: isinstance(x, int | float) and not isinstance(x, bool),
}
BOUNDS: dict[str, Callable[[Any, Any], bool]] = {
    "minimum": lambda x, bound: x >= bound,
    "maximum": lambda x, bound: x <= bound,
    "exclusiveMinimum": lambda x, bound: x > bound,
    "exclusiveMaximum": lambda x, bound: x < bound,
}
SIZES = {
    "minLength": (str, 1),
    "maxLength": (str, -1),
    "minItems": (list, 1),
    "maxItems": (list, -1),
    "minProperties": (dict, 1),
    "maxProperties": (dict, -1),
}


def breaks(value: Any, schema: Schema, root: Schema) -> list[str]:
    """The keywords that a value breaks, each with its message where the schema has one."""
    return list(_broken(value, schema, root))


def _broken(value: Any, schema: Schema | bool, root: Schema) -> Iterator[str]:
    if isinstance(schema, bool):
        yield from () if schema else ("false",)
        return
    for keyword, rule in schema.items():
        if keyword in SILENT:
            continue
        yield from _of_keyword(keyword)(value, rule, schema, root)


def _of_keyword(keyword: str) -> Callable[[Any, Any, Schema, Schema], Iterator[str]]:
    if keyword in BOUNDS:
        return lambda x, rule, _s, _r: _said(
            keyword, not TYPES["number"](x) or BOUNDS[keyword](x, rule)
        )
    if keyword in SIZES:
        kind, sign = SIZES[keyword]
        return lambda x, rule, _s, _r: _said(
            keyword, not isinstance(x, kind) or sign * (len(x) - rule) >= 0
        )
    return KEYWORDS[keyword]


def _said(keyword: str, holds: bool) -> Iterator[str]:
    if not holds:
        yield keyword


def _properties(x: Any, rule: Schema, _s: Schema, root: Schema) -> Iterator[str]:
    if isinstance(x, dict):
        for key in rule.keys() & x.keys():
            yield from _broken(x[key], rule[key], root)


def _patterns(x: Any, rule: Schema, _s: Schema, root: Schema) -> Iterator[str]:
    if isinstance(x, dict):
        for pattern, inner in rule.items():
            for key in (key for key in x if re.search(pattern, key)):
                yield from _broken(x[key], inner, root)


def _others(x: Any, rule: Any, schema: Schema, root: Schema) -> Iterator[str]:
    if not isinstance(x, dict):
        return
    known = schema.get("properties", {})
    patterns = schema.get("patternProperties", {})
    for key in x:
        if key in known or any(re.search(pattern, key) for pattern in patterns):
            continue
        if rule is False:
            yield f"additionalProperties {key}"
        elif isinstance(rule, dict):
            yield from _broken(x[key], rule, root)


def _names(x: Any, rule: Schema, _s: Schema, root: Schema) -> Iterator[str]:
    if isinstance(x, dict):
        for key in x:
            yield from _broken(key, rule, root)


def _items(x: Any, rule: Schema, _s: Schema, root: Schema) -> Iterator[str]:
    if isinstance(x, list):
        for item in x:
            yield from _broken(item, rule, root)


def _prefix(x: Any, rule: list[Schema], _s: Schema, root: Schema) -> Iterator[str]:
    if isinstance(x, list):
        for item, inner in zip(x, rule, strict=False):
            yield from _broken(item, inner, root)


def _all(x: Any, rule: list[Schema], _s: Schema, root: Schema) -> Iterator[str]:
    for inner in rule:
        if found := list(_broken(x, inner, root)):
            yield ", ".join(found)


def _chosen(x: Any, rule: Schema, schema: Schema, root: Schema) -> Iterator[str]:
    then = schema.get("else" if breaks(x, rule, root) else "then", True)
    if found := list(_broken(x, then, root)):
        yield then.get("errorMessage") or ", ".join(found)


def _count(x: Any, rule: list[Schema], root: Schema) -> int:
    return sum(not breaks(x, inner, root) for inner in rule)


KEYWORDS: dict[str, Callable[[Any, Any, Schema, Schema], Iterator[str]]] = {
    "$ref": lambda x, rule, _s, root: _broken(x, root["$defs"][rule.rsplit("/", 1)[1]], root),
    "type": lambda x, rule, _s, _r: _said("type", TYPES[rule](x)),
    "enum": lambda x, rule, _s, _r: _said("enum", any(_same(x, one) for one in rule)),
    "const": lambda x, rule, _s, _r: _said("const", _same(x, rule)),
    "pattern": lambda x, rule, _s, _r: _said(
        "pattern", not isinstance(x, str) or re.search(rule, x) is not None
    ),
    "required": lambda x, rule, _s, _r: (
        f"required {key}" for key in rule if isinstance(x, dict) and key not in x
    ),
    "properties": _properties,
    "patternProperties": _patterns,
    "additionalProperties": _others,
    "propertyNames": _names,
    "items": _items,
    "prefixItems": _prefix,
    "allOf": _all,
    "if": _chosen,
    "anyOf": lambda x, rule, _s, root: _said("anyOf", _count(x, rule, root) > 0),
    "oneOf": lambda x, rule, _s, root: _said("oneOf", _count(x, rule, root) == 1),
    "not": lambda x, rule, _s, root: _said("not", bool(breaks(x, rule, root))),
}


def _same(value: Any, other: Any) -> bool:
    """Equal, and true is not 1."""
    return value == other and isinstance(value, bool) == isinstance(other, bool)
