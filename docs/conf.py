"""How the documentation becomes a site: `make docs`."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))

from ketaoutcomes import __version__

project = "ketaoutcomes"
author = "the ketaoutcomes founders"
release = __version__
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "formulas",
    "plan_reference",
    "citations_page",
    "claims_page",
    "glossary_page",
    "scales_page",
    "validation_page",
    "questions_page",
    "gallery",
]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
highlight_language = "none"  # a block without a language is not Python
smartquotes = False  # a prime is a transpose on the pages of methods
suppress_warnings = ["ref.python"]  # attributes of several classes share names
myst_heading_anchors = 4
napoleon_google_docstring = False
napoleon_use_rtype = False
autodoc_typehints = "none"
autodoc_member_order = "bysource"
html_theme = "pydata_sphinx_theme"
html_context = {"default_mode": "auto"}  # light or dark, as the reader's system is
html_theme_options = {
    "logo": {"text": "ketaoutcomes"},
    "header_links_before_dropdown": 7,
    "navbar_align": "left",
    "navbar_end": ["theme-switcher"],
    "navigation_with_keys": True,
    # the tables of the plan reference take the whole width
    "secondary_sidebar_items": {"**": ["page-toc"], "plan-reference": []},
    "show_prev_next": True,
    "footer_start": [],
    "footer_end": [],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
html_static_path = ["static"]
html_css_files = ["site.css"]
html_sidebars: dict[str, list[str]] = {
    name: [] for name in ("index", "first-run", "tutorial", "gallery")
}
html_show_copyright = False
html_copy_source = False
html_last_updated_fmt = None
