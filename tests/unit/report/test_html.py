"""The page holds what the report says, and nothing that data could smuggle in."""

from html.parser import HTMLParser

from ketaoutcomes.report.html import render_html
from ketaoutcomes.report.layout import unbroken
from sample_report import HOSTILE, sample_report

VOID = {"meta", "link", "br", "hr", "img"}


class Outline(HTMLParser):
    """Collects ids, headings and unbalanced tags."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.open: list[str] = []
        self.headings: list[str] = []
        self.unbalanced: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if named.get("id"):
            self.ids.append(str(named["id"]))
        self.addresses += [str(named[key]) for key in ("href", "src") if named.get(key)]
        if tag in {"h1", "h2", "h3"}:
            self.headings.append(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.unbalanced.append(tag)


def outline() -> Outline:
    parser = Outline()
    parser.feed(render_html(sample_report()))
    return parser


def test_data_cannot_write_markup() -> None:
    page = render_html(sample_report())
    assert HOSTILE not in page
    assert page.count("&lt;script&gt;") == 3


def test_the_page_is_well_formed() -> None:
    parsed = outline()
    assert parsed.unbalanced == []
    assert parsed.open == []
    assert len(parsed.ids) == len(set(parsed.ids))
    assert parsed.headings[0] == "h1"
    assert parsed.headings.count("h1") == 1


def test_links_stay_in_the_page_and_arrive() -> None:
    parsed = outline()
    assert all(address.startswith(("#", "data:")) for address in parsed.addresses)
    targets = {a.removeprefix("#") for a in parsed.addresses if not a.startswith("data:")}
    assert targets <= set(parsed.ids)


def test_tables_and_figures_are_numbered_in_order() -> None:
    page = render_html(sample_report())
    assert "<strong>Table 1.</strong></a> LS mean change" in page
    assert "<strong>Figure 1.</strong></a> Time to relapse" in page


def test_a_number_names_its_result() -> None:
    assert 'title="mmrmt01/day_8/difference">−3.7' in render_html(sample_report())


def test_a_number_and_its_uncertainty_stay_on_a_line() -> None:
    assert unbroken("x (95% CI −8.0 to −2.3; p < 0.001)") == (
        "x (95%\u00a0CI\u00a0−8.0\u00a0to\u00a0−2.3; p\u00a0<\u00a00.001)"
    )
    assert unbroken("from place to place") == "from place to place"


def test_headers_are_set_as_their_columns() -> None:
    page = render_html(sample_report())
    assert '<th scope="col" class="numeric">Placebo</th>' in page
    assert '<tr class="group">' in page


def test_a_synthetic_report_says_so() -> None:
    assert "<strong>Simulated data,</strong>" in render_html(sample_report())


def test_the_same_report_gives_the_same_page() -> None:
    assert render_html(sample_report()) == render_html(sample_report())
