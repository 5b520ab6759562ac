"""Characters that act are spelled out wherever a user looks."""

import unicodedata
from dataclasses import replace
from io import BytesIO, TextIOWrapper

import docx
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketaoutcomes.api import summary
from ketaoutcomes.api.shown import Summary
from ketaoutcomes.api.study import answer_html, answer_text
from ketaoutcomes.cli.terminal import note, say
from ketaoutcomes.errors import PlanError, Problem
from ketaoutcomes.report.html import render_html
from ketaoutcomes.report.word import render_word
from ketaoutcomes.visible import LINES, all_visible, visible
from sample_report import sample_report

HOSTILE = "Drug \u202e\u2066gurd\x1b[2J\x07\x00 10\u00a0mg \u2212 caf\u00e9 \u0939\u200d\u0940"
SHOWN = r"Drug \u202e\u2066gurd\x1b[2J\x07\x00" + " 10\u00a0mg \u2212 caf\u00e9 \u0939\u200d\u0940"
"""Letters of every script, spaces and joiners stay; what acts is spelled as in JSON and Python."""

BIDIRECTIONAL = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


@given(st.text())
def test_no_control_nor_direction_is_left(text: str) -> None:
    for letter in visible(text):
        assert unicodedata.category(letter) not in {"Cc", "Cs", "Zl", "Zp"}
        assert unicodedata.bidirectional(letter) not in BIDIRECTIONAL


@given(st.text(st.characters(categories=["L", "M", "N", "P", "S", "Zs"])))
def test_what_is_seen_stays(text: str) -> None:
    assert visible(text) == text


def test_lines_are_kept_where_asked() -> None:
    assert visible("a\n\tb") == r"a\n\tb"
    assert visible("a\n\tb", LINES) == "a\n\tb"


def test_a_page_and_its_tables_for_word_show_them() -> None:
    report = replace(sample_report(), title=HOSTILE, notes=(HOSTILE,))
    page = render_html(report)
    assert page.count(SHOWN) >= 2
    assert not {"\u202e", "\u2066", "\x1b", "\x07", "\x00"} & set(page)
    words = [p.text for p in docx.Document(BytesIO(render_word(report))).paragraphs]
    assert [text for text in words if text.startswith("Drug")]
    assert all(SHOWN[:30] in text for text in words if text.startswith("Drug"))


def test_a_record_without_them_is_given_back_itself() -> None:
    plain = sample_report()
    assert all_visible(plain) is plain
    both = all_visible((plain, replace(plain, title=HOSTILE)))
    assert both[0] is plain
    assert both[1] == replace(plain, title=visible(HOSTILE))


def test_python_shows_them() -> None:
    report = replace(sample_report(), title=HOSTILE)
    frame = pd.DataFrame({"arm": [HOSTILE]})
    told = (
        answer_text(report),
        answer_html(report),
        str(Summary(HOSTILE, frame, (HOSTILE,))),
        Summary(HOSTILE, frame, (HOSTILE,))._repr_html_(),
        summary.Summary(HOSTILE, {HOSTILE: "1"}, (summary.Table(HOSTILE, frame),)).as_text(),
        summary.Summary(HOSTILE, {HOSTILE: "1"}, (summary.Table(HOSTILE, frame),)).as_html(),
    )
    for text in told:
        assert SHOWN[:30] in text
        assert not {"\u202e", "\u2066", "\x1b", "\x07", "\x00"} & set(text)


def test_a_terminal_shows_them(capsys: pytest.CaptureFixture[str]) -> None:
    say(HOSTILE)
    note(HOSTILE)
    assert capsys.readouterr() == (f"{SHOWN}\n", f"{SHOWN}\n")
    fault = PlanError(HOSTILE, (Problem(HOSTILE, HOSTILE, HOSTILE, HOSTILE),))
    assert str(fault).count(SHOWN) == 5


def test_a_terminal_of_ascii_is_told_in_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    written = BytesIO()
    monkeypatch.setattr("sys.stdout", TextIOWrapper(written, encoding="ascii", write_through=True))
    say("\u00c5sberg \u2212 1")
    assert written.getvalue() == rb"\xc5sberg \u2212 1" + b"\n"
