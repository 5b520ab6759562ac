"""The page as a reader opens it."""

from pathlib import Path

import pytest

from browser import chromium, faults_of
from ketaoutcomes.render.html import render_html
from sample_report import sample_report

pytestmark = pytest.mark.browser


def test_every_block_is_sound(tmp_path: Path) -> None:
    page = tmp_path / "sample.html"
    page.write_text(render_html(sample_report()))
    with chromium() as browser:
        assert faults_of(browser, page) == []


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
