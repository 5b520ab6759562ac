"""A mapping may take over another's keys by `<<`; its own come first."""

from ketaoutcomes.plan.reading.source import Position, read_yaml

TEXT = """\
base: &base {a: 1, b: 2}
one: {<<: *base, b: 3}
two:
  <<: [*base, {c: 4}]
odd: {<<: 5}
"""


def test_own_keys_come_before_those_taken_over() -> None:
    data = read_yaml(TEXT, "plan.yaml").data
    assert data["one"] == {"b": 3, "a": 1}
    assert data["two"] == {"a": 1, "b": 2, "c": 4}


def test_a_key_taken_over_has_the_place_where_it_is_written() -> None:
    positions = read_yaml(TEXT, "plan.yaml").positions
    assert positions["one", "a"] == Position(1, 14)
    assert positions["one", "b"] == Position(2, 18)


def test_what_is_no_mapping_is_a_key_of_its_own() -> None:
    assert read_yaml(TEXT, "plan.yaml").data["odd"] == {"<<": 5}


def test_a_key_written_twice_is_still_told() -> None:
    source = read_yaml("one: {<<: {a: 1}, b: 2, b: 3}\n", "plan.yaml")
    assert [path for path, _ in source.duplicates] == [("one", "b")]
