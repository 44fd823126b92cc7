"""What MkDocs is told beyond its configuration: pages from outside of docs/, and a built site that loads nothing.

CHANGELOG, CONTRIBUTING and SECURITY stand in the root of the repository, where people look for them. Here they become
pages of the site as well, and so does the notebook; links between them and docs/ lead to the right place in both.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files

_AROUND = ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")
_NOTEBOOK = "notebook.ipynb"
_OUT_OF_DOCS = re.compile(rf"\]\((?:\.\./)+({'|'.join(map(re.escape, _AROUND))})(#[\w-]+)?\)")
_INTO_DOCS = re.compile(r"\]\(docs/([^)]+)\)")
_BESIDE = re.compile(rf"\]\(({'|'.join(map(re.escape, _AROUND))})(#[\w-]+)?\)")

_TO_NOTEBOOK = re.compile(rf"\]\(((?:\.\./)*){re.escape(_NOTEBOOK)}\)")
_ELSEWHERE = re.compile(r"\[([^\]]+)\]\(\.\./[^)]*\)")  # from the notebook to files that are no page

# What a browser fetches without a click. Links that a reader may follow are no part of it.
_LOADED = re.compile(
    r"""<(?:script|img|iframe|source|audio|video|embed|link(?![^>]*rel=["']?(?:canonical|next|prev|alternate)))\b"""
    r"""[^>]*?\b(?:src|href|srcset)=["']?(?:https?:)?//[^"'>\s]*|@import\s+[^;]*//[^;]*|url\(["']?(?:https?:)?//[^)]*"""
)
# Parts of the theme that fetch something only where a page has them.
_FETCHING = re.compile(r'class="mermaid"|data-md-component="source"')


def on_files(files: Files, *, config: Any) -> Files:
    """Add the pages from outside of docs/."""
    root = Path(config.config_file_path).parent
    for name in _AROUND:
        text = (root / name).read_text(encoding="utf-8")
        text = _INTO_DOCS.sub(r"](\1)", text)
        text = _BESIDE.sub(lambda found: f"]({found[1].lower()}{found[2] or ''})", text)
        files.append(File.generated(config, name.lower(), content=text))
    notebook = files.get_file_from_path(_NOTEBOOK)
    if notebook is not None:
        content = "\n\n".join(_cells(json.loads(notebook.content_string)))
        files.append(File.generated(config, Path(_NOTEBOOK).with_suffix(".md").name, content=content))
    return files


def _cells(notebook: Mapping[str, Any]) -> Iterator[str]:
    """The cells as Markdown: code, and below it what it gave when the notebook was run last."""
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            yield _ELSEWHERE.sub(r"\1", source)
            continue
        yield f"```python\n{source}\n```"
        for output in cell.get("outputs", ()):
            shown = output.get("data", {})
            text = "".join(output.get("text") or shown.get("text/plain", ""))
            yield "".join(shown["text/html"]) if "text/html" in shown else f"```text\n{text}\n```"


def on_page_markdown(markdown: str, *, page: Any, **_: Any) -> str:
    """Lead links out of docs/ to the pages made of these files."""
    up = "../" * page.file.src_uri.count("/")
    markdown = _TO_NOTEBOOK.sub(r"](\1notebook.md)", markdown)
    return _OUT_OF_DOCS.sub(lambda found: f"]({up}{found[1].lower()}{found[2] or ''})", markdown)


def on_post_build(*, config: Any) -> None:
    """Refuse a site that would load anything over the network.

    Raises:
        PluginError: a page or a style sheet does; the message names them.
    """
    site = Path(config.site_dir)
    pages = [path for kind in ("*.html", "*.css") for path in site.rglob(kind)]
    wrong = [
        f"{path.relative_to(site)}: {found.group()[:120]}"
        for path in pages
        for pattern in (_LOADED, _FETCHING)
        for found in pattern.finditer(path.read_text(encoding="utf-8"))
    ]
    if wrong:
        raise PluginError("the site would load something over the network:\n" + "\n".join(wrong))
