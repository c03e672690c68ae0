"""MkDocs' hook: the site is the repository's own Markdown.

The README is the first page, other Markdown at the root is a page too, and a file elsewhere that a page links to (an example,
a spec) goes along as it is, so that every link that works in the repository works in the site.
"""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePosixPath
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parent.parent
_LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#)([^)#\s]+)")


def on_config(config: Any) -> Any:
    """Pages of the navigation that nobody has written yet are left out."""
    config["nav"] = _present(config["nav"])
    return config


def on_files(files: Files, config: Any) -> Files:
    """Bring in the Markdown at the root, and whatever files the pages link to."""
    for page in sorted(ROOT.glob("*.md")):
        text = page.read_text(encoding="utf-8")
        files.append(File.generated(config, _place(page.name), content=text))
    linked = {target for file in files if file.is_documentation_page() for target in _targets(file)}
    for target in sorted(linked):
        if not target.startswith("docs/") and (ROOT / target).is_file() and not target.endswith(".md"):
            files.append(File.generated(config, _place(target), abs_src_path=str(ROOT / target)))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Lead each link to where its target lies in the site. A folder has no page there."""
    here = _home(page.file.src_uri)
    markdown = re.sub(r"\[([^\]]+)\]\(([^)#:]+/)\)", lambda m: m[1] if _is_folder(here, m[2]) else m[0], markdown)
    return _LINK.sub(lambda match: _led(match[1], here, page.file.src_uri), markdown)


def _present(nav: list[Any]) -> list[Any]:
    kept: list[Any] = []
    for entry in nav:
        ((name, target),) = entry.items()
        if isinstance(target, list):
            kept.append({name: _present(target)})
        elif (ROOT / _home(target)).exists():
            kept.append(entry)
    return kept


def _home(uri: str) -> str:
    """Where a page of the site lives in the repository."""
    name = "README.md" if uri == "index.md" else uri
    return name if (ROOT / name).exists() and not (ROOT / "docs" / name).exists() else f"docs/{uri}"


def _place(path: str) -> str:
    """Where a file of the repository lies in the site."""
    if path == "README.md":
        return "index.md"
    return path.removeprefix("docs/") if path.startswith("docs/") or path.endswith(".md") else f"source/{path}"


def _resolved(here: str, target: str) -> str:
    return os.path.normpath(PurePosixPath(here).parent / target)


def _is_folder(here: str, target: str) -> bool:
    return (ROOT / _resolved(here, target)).is_dir()


def _led(target: str, here: str, uri: str) -> str:
    return os.path.relpath(_place(_resolved(here, target)), PurePosixPath(uri).parent)


def _targets(file: File) -> list[str]:
    here = _home(file.src_uri)
    text = (ROOT / here).read_text(encoding="utf-8")
    return [_resolved(here, match[1]) for match in _LINK.finditer(text)]
