"""How the documentation becomes a site: `make docs`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

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
    "scales_page",
    "validation_page",
]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
smartquotes = False  # a prime is a transpose on the pages of methods
suppress_warnings = ["ref.python"]  # attributes of several classes share names
myst_heading_anchors = 3
napoleon_google_docstring = False
napoleon_use_rtype = False
autodoc_typehints = "none"
autodoc_member_order = "bysource"
html_theme = "alabaster"
html_theme_options = {
    "description": "Outcomes research for rapid-acting antidepressants",
    "fixed_sidebar": True,
    "page_width": "1080px",
    "show_powered_by": False,
}
html_static_path = ["static"]
html_css_files = ["site.css"]
html_sidebars = {"**": ["about.html", "searchfield.html", "navigation.html"]}
html_show_copyright = False
html_copy_source = False
html_last_updated_fmt = None
