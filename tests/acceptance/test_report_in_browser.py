"""The page as a reader opens it."""

from pathlib import Path
from unicodedata import normalize

import pytest
from pypdf import PdfReader

from browser import chromium, faults_of, faults_of_reading
from ketaoutcomes.cli.main import main
from ketaoutcomes.report.html import render_html
from sample_report import sample_report

pytestmark = pytest.mark.browser

ANALYSES = Path(__file__).resolve().parents[2] / "analyses"


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


PAGES = {
    "bipolar": "hidden counts and crossed periods",
    "dose": "five arms",
    "quality_of_life": "money and utilities",
    "ketamine_trials": "a synthesis",
}


@pytest.mark.usefixtures("few_pairs")
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_read_by_keyboard_in_order_and_in_any_window(name: str, tmp_path: Path) -> None:
    plan = (ANALYSES / f"{name}.yaml").read_text(encoding="utf-8")
    if name == "bipolar":
        plan = plan.replace("\nreport:\n", "\nreport:\n  smallest_cell: 11\n")
        assert "smallest_cell" in plan
    (tmp_path / "plan.yaml").write_text(plan, encoding="utf-8")
    out = tmp_path / "out"
    files = ["--data", str(ANALYSES)] if name == "ketamine_trials" else []  # others are simulated
    assert main(["run", str(tmp_path / "plan.yaml"), *files, "--out", str(out), "-q"]) == 0
    with chromium() as browser:
        assert faults_of_reading(browser, out / "report.html") == []


def test_a_fault_is_found(tmp_path: Path) -> None:
    page = tmp_path / "faulty.html"
    page.write_text(
        "<!DOCTYPE html><html lang='en'><title>x</title><main><h1>x</h1>"
        "<p style='color:#999;background:#aaa'>pale</p><img src='http://127.0.0.1:9/x.png'>"
        "<div style='width:3000px'>wide</div><h3 id=a>y</h3><p id=a></p>"
        "<table><tr><th>z</th><td></td></tr><tr><th scope=row></th></tr></table>"
        "<a style='outline:none' href='#nowhere'>there</a></main></html>"
    )
    with chromium() as browser:
        faults = "\n".join(faults_of(browser, page))
    for word in (
        *("color-contrast", "image-alt", "request for", "390 px: 2"),
        *("h3 after h1", "id twice: a", "th without scope: z", "th without words"),
        *("rows of 2,1 cells", "link to nothing: #nowhere", "focus cannot be seen: A there"),
        *("\n640 px: ", "\n320 px: "),
    ):
        assert word in faults


@pytest.fixture(scope="module")
def trd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the report on the plan with most analyses."""
    out = tmp_path_factory.mktemp("trd") / "out"
    assert main(["run", str(ANALYSES / "trd.yaml"), "--out", str(out), "-q"]) == 0
    return out


def test_the_front_has_eight_printed_pages_and_every_page_says_what_it_is(
    trd: Path, tmp_path: Path
) -> None:
    with chromium() as browser:
        tab = browser.new_page()
        tab.goto((trd / "report.html").as_uri())
        tab.pdf(path=tmp_path / "trd.pdf", prefer_css_page_size=True)
    pages = PdfReader(tmp_path / "trd.pdf").pages
    texts = [normalize("NFKC", page.extract_text()) for page in pages]  # no ligatures
    methods = next(k for k, text in enumerate(texts) if "Estimands and methods" in text)
    appendices = next(k for k, text in enumerate(texts) if "Appendices" in text)
    assert 1 < methods <= 8
    assert methods < appendices < len(texts) - 1
    front = " ".join(" ".join(texts[:methods]).split())
    for words in ("Abstract", "Participant flow", "Baseline characteristics", "Primary results"):
        assert words in front
    for words in ("Key secondary results", "Adverse events", "Limitations"):
        assert words in front
    for number, text in enumerate(texts, start=1):
        assert f"Page {number} of {len(texts)}" in text
        assert "Simulated data, no real patients, not for clinical decisions." in text
        assert "Esketamine nasal spray" in text


def test_the_page_is_whole_without_its_script_and_folded_parts_open_for_a_link(trd: Path) -> None:
    with chromium() as browser:
        tab = browser.new_context(java_script_enabled=False).new_page()
        tab.goto((trd / "report.html").as_uri())
        hidden = tab.locator("#mmrmt03-primary")
        assert not hidden.is_visible()
        tab.get_by_role("link", name="Change from baseline by visit").click()
        hidden.wait_for(state="visible")
        assert tab.get_by_role("search").count() == 0


def test_a_reader_finds_words_in_folded_parts_and_sees_where_they_are(trd: Path) -> None:
    with chromium() as browser:
        tab = browser.new_page(reduced_motion="reduce")
        tab.goto((trd / "report.html").as_uri())
        field = tab.get_by_label("Search this report")
        field.fill("contrasts of LS means")
        status = tab.get_by_role("search").get_by_role("status")
        assert status.text_content() == "1 found; Enter goes to each"
        field.press("Enter")
        assert status.text_content() == "1 of 1"
        assert tab.locator("#mmrmt03-primary caption").is_visible()
        tab.wait_for_function("document.querySelector('nav [aria-current]').hash === '#change'")
        field.fill("no such words")
        assert status.text_content() == "Not found"
        # spaces that do not break, true minus signs, and a phrase with a link inside
        for words in ("p < 0.001", "difference -", "n (%) of participants randomised"):
            field.fill(words)
            assert (status.text_content() or "").endswith("found; Enter goes to each"), words
        field.press("Escape")
        assert (field.input_value(), status.text_content()) == ("", "")


def test_what_a_link_saves_is_the_file_next_to_the_page(trd: Path) -> None:
    with chromium() as browser:
        tab = browser.new_page()
        asked: list[str] = []
        tab.on("request", lambda request: asked.append(request.url))
        tab.goto((trd / "report.html").as_uri())
        for identifier, folder in (("mmrmt01-primary", "tables"), ("kmg01-relapse", "figures")):
            with tab.expect_download() as waiting:
                tab.locator(f"#{identifier} .save").first.click()
            saved = waiting.value
            content = Path(saved.path()).read_bytes()
            assert content == (trd / folder / saved.suggested_filename).read_bytes()
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []


def test_text_in_a_figure_is_text_and_its_colours_follow_the_page(trd: Path) -> None:
    colours = {}
    with chromium() as browser:
        for scheme in ("light", "dark"):
            tab = browser.new_page(color_scheme=scheme)
            tab.goto((trd / "report.html").as_uri())
            words = tab.locator("#mmrmg01-primary svg text").filter(has_text="Day 28").first
            colours[scheme] = words.evaluate("text => getComputedStyle(text).fill")
    assert colours == {"light": "rgb(31, 41, 51)", "dark": "rgb(230, 233, 238)"}
