"""The page as a reader opens it."""

from pathlib import Path

import pytest
from pypdf import PdfReader

from browser import chromium, faults_of
from ketaoutcomes.render.html import render_html
from sample_report import sample_report

pytestmark = pytest.mark.browser


def test_every_block_is_sound(tmp_path: Path) -> None:
    page = tmp_path / "sample.html"
    page.write_text(render_html(sample_report()))
    with chromium() as browser:
        assert faults_of(browser, page) == []


def test_it_prints_whole(tmp_path: Path) -> None:
    page = tmp_path / "sample.html"
    page.write_text(render_html(sample_report()))
    with chromium() as browser:
        tab = browser.new_page()
        tab.goto(page.as_uri())
        tab.pdf(path=tmp_path / "sample.pdf", prefer_css_page_size=True)
    pages = PdfReader(tmp_path / "sample.pdf").pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    for words in ("Table 1.", "Figure 1. Time to relapse", "Unstructured covariance", "0.34"):
        assert words in text
    # the numbers of a figure are folded on the screen and open on paper
    assert text.count("LS mean change of the MADRS total") == 2
    assert "Skip to the report" not in text
    width, height = (float(side) for side in pages[0].mediabox[2:])
    assert (round(width), round(height)) == (595, 842)


def test_keys_reach_the_report_and_every_scrollable_part(tmp_path: Path) -> None:
    page = tmp_path / "sample.html"
    page.write_text(render_html(sample_report()))
    with chromium() as browser:
        tab = browser.new_page()
        tab.goto(page.as_uri())
        tab.keyboard.press("Tab")
        assert tab.evaluate("document.activeElement.textContent") == "Skip to the report"
        tab.keyboard.press("Enter")
        tab.keyboard.press("Tab")
        assert tab.evaluate("document.querySelector('main').contains(document.activeElement)")
        seen = set()
        for _ in range(40):
            seen.add(tab.evaluate("document.activeElement.tagName"))
            tab.keyboard.press("Tab")
        assert {"SUMMARY", "PRE", "DIV"} <= seen


def test_a_fault_is_found(tmp_path: Path) -> None:
    page = tmp_path / "faulty.html"
    page.write_text(
        "<!DOCTYPE html><html lang='en'><title>x</title><main><h1>x</h1>"
        "<p style='color:#999;background:#aaa'>pale</p><img src='http://127.0.0.1:9/x.png'>"
        "<div style='width:3000px'>wide</div></main></html>"
    )
    with chromium() as browser:
        faults = "\n".join(faults_of(browser, page))
    for word in ("color-contrast", "image-alt", "request for", "wider than the window"):
        assert word in faults
