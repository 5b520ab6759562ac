"""The JSON Schema of plans: every key explained, and the same verdict as the reader of plans."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import Field, create_model

from json_schema import breaks
from ketaoutcomes.cli.main import main
from ketaoutcomes.data.inspection.inspect import as_yaml
from ketaoutcomes.errors import PlanError
from ketaoutcomes.families.registry import models
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.parts import PlanPart
from ketaoutcomes.plan.reading.plan_file import read_plan
from ketaoutcomes.plan.reading.schema import (
    PLAN_FILE,
    SYNTHESIS_FILE,
    editor_line,
    plan_schema,
    schema_files,
    synthesis_schema,
)
from ketaoutcomes.plan.reading.source import read_yaml
from ketaoutcomes.plan.reading.typed import typed
from ketaoutcomes.plan.synthesis import SynthesisPlan
from ketaoutcomes.style_guide import violations

ANALYSES = Path(__file__).resolve().parents[3] / "analyses"
PLANS = sorted(ANALYSES.glob("*.yaml"))
PLAN, SYNTHESIS = plan_schema(), synthesis_schema()
SHORT_SENTENCE = 25


def blocks() -> dict[str, dict[str, Any]]:
    """Every block of both kinds of plan."""
    whole = {"AnalysisPlan": PLAN, "SynthesisPlan": SYNTHESIS}
    return {**whole, **PLAN["$defs"], **SYNTHESIS["$defs"]}


PROPERTIES = [
    pytest.param(key, block["properties"][key], id=f"{name}.{key}")
    for name, block in blocks().items()
    for key in block.get("properties", {})
]


def parts() -> Iterator[type[PlanPart]]:
    """The classes behind the blocks."""
    waiting: list[type[PlanPart]] = [AnalysisPlan, SynthesisPlan, *PlanPart.__subclasses__()]
    seen: dict[type[PlanPart], None] = {}
    while waiting:
        part = waiting.pop()
        if part not in seen:
            seen[part] = None
            waiting += part.__subclasses__()
    yield from (part for part in seen if part.__name__ in blocks())


FIELDS = [
    pytest.param(part, name, id=f"{part.__module__}.{part.__name__}.{name}")
    for part in parts()
    for name, field in part.model_fields.items()
    if field.examples
]


def words_of(schema: Any, under: str = "") -> Iterator[str]:
    """Everything that an editor shows of a schema."""
    if isinstance(schema, list):
        for part in schema:
            yield from words_of(part, under)
    if not isinstance(schema, dict):
        return
    for key, value in schema.items():
        is_words = under not in {"properties", "$defs"}
        if is_words and key in {"description", "errorMessage"}:
            yield value
        elif is_words and key == "enumDescriptions":
            yield from value
        else:
            yield from words_of(value, key)


def content(path: Path) -> dict[str, Any]:
    read: dict[str, Any] = read_yaml(path.read_text(), path.name).data
    return read


def test_there_are_as_many_keys_as_a_plan_has() -> None:
    """The tests below look at each of them, so they must be there."""
    assert len(PROPERTIES) > 600
    assert len(FIELDS) > 500


@pytest.mark.parametrize(("key", "schema"), PROPERTIES)
def test_every_key_has_a_sentence_and_an_example(key: str, schema: dict[str, Any]) -> None:
    assert schema.get("examples"), key
    described = schema.get("description", "")
    assert described.endswith(".")
    assert described[:1].isupper() or described.startswith("`")


@pytest.mark.parametrize(("part", "name"), FIELDS)
def test_every_example_is_accepted(part: type[PlanPart], name: str) -> None:
    """By the part itself, as it is read from a plan."""
    field = part.model_fields[name]
    alone = create_model(
        "Alone",
        __base__=PlanPart,
        **{name: (field.rebuild_annotation(), Field(json_schema_extra=field.json_schema_extra))},
    )
    for example in field.examples or ():
        text = as_yaml({name: example})
        read = typed(read_yaml(text, "plan.yaml"), alone).source.data
        assert getattr(alone.model_validate(read), name) is not None


def closed_lists(schema: Any, under: str = "") -> Iterator[dict[str, Any]]:
    """Every closed list that a plan writes a value of; rules on several keys explain themselves."""
    if isinstance(schema, list):
        for part in schema:
            yield from closed_lists(part, under)
    if isinstance(schema, dict):
        if "enum" in schema and under != "properties":
            yield schema
        for key, value in schema.items():
            if key not in {"allOf", "examples", "default"}:
                yield from closed_lists(value, "" if under == "properties" else key)


def test_every_value_of_a_closed_list_has_its_meaning() -> None:
    found = [*closed_lists(PLAN), *closed_lists(SYNTHESIS)]
    assert len(found) > 80
    for closed in found:
        assert len(closed["enumDescriptions"]) == len(closed["enum"])
        assert all(words.endswith(".") for words in closed["enumDescriptions"])


def distinct(words: str) -> set[str]:
    """The words of a text but the smallest, each by its first letters."""
    return {word[:4] for word in re.findall(r"[a-z]+", words.lower())} - {"a", "an", "the", "of"}


def test_no_meaning_only_repeats_its_value() -> None:
    empty = [
        (value, words)
        for closed in (*closed_lists(PLAN), *closed_lists(SYNTHESIS))
        for value, words in zip(closed["enum"], closed["enumDescriptions"], strict=True)
        if isinstance(value, str) and distinct(words) <= distinct(value)
    ]
    assert empty == []


def test_words_with_code_are_typeset_for_editors() -> None:
    """Without the second text the backticks themselves are shown."""
    coded = [
        (part["description"], part.get("markdownDescription"))
        for block in blocks().values()
        for part in block.get("properties", {}).values()
        if "`" in part["description"]
    ]
    assert len(coded) > 20
    assert [words for words, typeset in coded if words != typeset] == []


def test_the_words_of_the_schema_are_those_of_the_field() -> None:
    said = {words for schema in (PLAN, SYNTHESIS) for words in words_of(schema)}
    assert len(said) > 400
    lines = "\n".join(" ".join(part.split()) for words in said for part in words.split("\n\n"))
    assert [str(one) for one in violations(lines)] == []


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.stem)
def test_shipped_plans_follow_the_schema_and_name_it(path: Path) -> None:
    plan = content(path)
    schema = SYNTHESIS if "synthesis" in plan else PLAN
    assert breaks(plan, schema, schema) == []
    assert path.read_text().split("\n", 1)[0] == editor_line(plan)


TRD = (ANALYSES / "trd.yaml").read_text()
SPOILED = {
    "a key that nothing knows": ("  id: trd\n", "  id: trd\n  sponsor: x\n"),
    "a key that must be there": ("  condition: treatment-resistant depression\n", ""),
    "a value of no closed list": ("role: primary", "role: chief"),
    "a model that no family has": ("model: mmrm", "model: anova"),
    "text for a number": ("improvement_at_least_percent: 50", "improvement_at_least_percent: half"),
    "a number out of its range": ("seed: 20261124", "seed: -1"),
    "a name with a space": ("  madrs_change:", "  madrs change:"),
    "two of which one is taken": ("at_most: 12}", "at_most: 12, at_least: 9}"),
    "none of which one is taken": ("at_most: 12}", "}"),
    "two sources of data": (
        "  synthetic: {scenario: trd_short_term, seed: 20261124}\n",
        "  synthetic: {scenario: trd_short_term, seed: 20261124}\n"
        "  files: {visits: a.csv}\n  columns: {subject: id}\n",
    ),
    "files without columns": (
        "  synthetic: {scenario: trd_short_term, seed: 20261124}\n",
        "  files: {visits: a.csv}\n",
    ),
    **{
        f"{key} beside a scenario": (
            "  synthetic: {scenario: trd_short_term, seed: 20261124}\n",
            f"  synthetic: {{scenario: trd_short_term, seed: 20261124}}\n  {key}: {value}\n",
        )
        for key, value in (
            ("rows_are_subjects", "true"),
            ("baseline_score", "0"),
            ("diary", "{days: 7, needed: 4}"),
        )
    },
    "values that exclude each other": (
        "model: mmrm",
        "model: mmrm\n    method: ml\n    df: kenward_roger",
    ),
}


@pytest.mark.parametrize(("old", "new"), SPOILED.values(), ids=SPOILED)
def test_a_spoiled_plan_fails_in_the_schema_and_in_the_reader(old: str, new: str) -> None:
    assert old in TRD
    spoiled = TRD.replace(old, new, 1)
    assert breaks(read_yaml(spoiled, "plan.yaml").data, PLAN, PLAN)
    with pytest.raises(PlanError):
        read_plan(Path("plan.yaml"), spoiled)


def test_a_wrong_combination_is_said_in_one_sentence() -> None:
    sentences = {
        rule["else"]["errorMessage"]
        for block in blocks().values()
        for rule in block.get("allOf", ())
    }
    assert len(sentences) > 15
    assert [one for one in sentences if len(one.split()) > SHORT_SENTENCE] == []


def test_the_schema_is_written_where_a_plan_finds_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["schema", "--write", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert written == schema_files()
    assert all(str(tmp_path / name) in told for name in written)
    assert json.loads(written[PLAN_FILE]) == PLAN
    assert json.loads(written[SYNTHESIS_FILE]) == SYNTHESIS
    assert editor_line({}).endswith(f"={PLAN_FILE}")


def test_a_former_schema_is_replaced_and_no_other_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    former = tmp_path / PLAN_FILE
    former.write_bytes(schema_files()[PLAN_FILE] + b"\n")
    assert main(["schema", "--write", str(tmp_path)]) == 0
    assert former.read_bytes() == schema_files()[PLAN_FILE]
    former.write_text("{}")
    (tmp_path / SYNTHESIS_FILE).unlink()
    assert main(["schema", "--write", str(tmp_path)]) == 2
    assert former.read_text() == "{}"
    assert not (tmp_path / SYNTHESIS_FILE).exists()
    assert "move what is there" in capsys.readouterr().err


def test_the_printed_schema_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out) == PLAN


def parts_of(schema: Any, judged: bool = False) -> Iterator[tuple[dict[str, Any], bool]]:
    """Every part of a schema, and whether it stands in a condition, which an editor never shows."""
    if isinstance(schema, list):
        for part in schema:
            yield from parts_of(part, judged)
    if isinstance(schema, dict):
        yield schema, judged
        for key, part in schema.items():
            yield from parts_of(part, judged or key == "if")


def test_an_editor_can_show_what_is_wrong_and_where() -> None:
    """It shows a message of ours for a key that is required or refused, and for nothing else.

    Of `not` it says "a schema that is not allowed", and of the classes behind the blocks their
    names: neither may reach a user.
    """
    said = 0
    for part, judged in (*parts_of(PLAN), *parts_of(SYNTHESIS)):
        if not judged:
            assert "not" not in part
            assert "discriminator" not in part
        if "errorMessage" in part:
            said += 1
            assert part.get("required") or False in part["properties"].values()
    assert said > 40
    assert [key for part, _ in parts_of(PLAN) for key in part if key.startswith("x-")] == []
    titles = [part["title"] for part, _ in parts_of(PLAN) if isinstance(part.get("title"), str)]
    assert len(titles) > 50
    assert [title for title in titles if re.search(r"[a-z][A-Z]", title)] == []


ANALYSIS = next(iter(PLAN["properties"]["analyses"]["patternProperties"].values()))
ENDPOINT = next(iter(PLAN["properties"]["endpoints"]["patternProperties"].values()))


def keys_by_kind(block: dict[str, Any], tag: str) -> dict[str, set[str]]:
    """Kind -> the keys that an editor offers once the kind is written."""
    return {
        rule["if"]["properties"][tag]["const"]: set(
            PLAN["$defs"][rule["then"]["$ref"].rsplit("/", 1)[1]]["properties"]
        )
        for rule in block["allOf"]
    }


def test_an_editor_offers_the_keys_of_the_kind_alone() -> None:
    offered = keys_by_kind(ANALYSIS, "model")
    assert offered == {name: set(model.part.model_fields) for name, model in models().items()}
    assert list(offered) == ANALYSIS["properties"]["model"]["enum"]
    assert set(ANALYSIS["properties"]) <= set.intersection(*offered.values())
    assert set(ENDPOINT["properties"]["kind"]["enum"]) == set(keys_by_kind(ENDPOINT, "kind"))


@pytest.mark.parametrize("model", sorted(models()))
def test_a_key_of_another_model_is_the_one_message(model: str) -> None:
    """Not a list of what each of the other models would have wanted."""
    offered = keys_by_kind(ANALYSIS, "model")
    foreign = min(set.union(*offered.values()) - offered[model])
    part = {key: rule["examples"][0] for key, rule in required_of(model)}
    right = {**part, "model": model, "role": "supplementary"}
    assert breaks(right, ANALYSIS, PLAN) == []
    assert breaks({**right, foreign: 1}, ANALYSIS, PLAN) == [f"additionalProperties {foreign}"]


@pytest.mark.parametrize("block", [ANALYSIS, ENDPOINT])
def test_a_gap_in_place_of_a_block_is_one_message(block: dict[str, Any]) -> None:
    assert breaks("fill this: one of the outcomes", block, PLAN) == ["type"]


def required_of(model: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The keys without which an analysis of a model is refused."""
    (block,) = (
        PLAN["$defs"][rule["then"]["$ref"].rsplit("/", 1)[1]]
        for rule in ANALYSIS["allOf"]
        if rule["if"]["properties"]["model"]["const"] == model
    )
    yield from ((key, block["properties"][key]) for key in block["required"])


@pytest.mark.parametrize("one", ["us", ["us"], ["us", "ar1h"]])
def test_one_value_stands_for_a_list_as_it_is_read(one: Any) -> None:
    spoiled = TRD.replace("covariance: [us, toeph, ar1h]", f"covariance: {one}", 1)
    assert breaks(read_yaml(spoiled, "plan.yaml").data, PLAN, PLAN) == []
    read_plan(Path("plan.yaml"), spoiled)


def test_who_gets_a_plan_is_told_how_its_schema_gets_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without the file an editor puts an error at the first line."""
    assert main(["example", "dose", "--to", str(tmp_path)]) == 0
    command = f"python -m ketaoutcomes schema --write {tmp_path}"
    assert command in capsys.readouterr().out
    assert main(command.split()[3:]) == 0
    assert (tmp_path / PLAN_FILE).exists()
    capsys.readouterr()
    assert main(["example", "dose", "--to", str(tmp_path)]) == 0
    assert "schema" not in capsys.readouterr().out
