"""What a package index shows: the README, where none of its neighbours lies beside it."""

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

_END = """## More

The documentation (`docs/`), the examples and the specs travel in the source distribution:
`pip download --no-deps --no-binary :all: flowella-mock`.

MIT
"""
_CHANGES = (
    (r":?\n\n!\[[^\]]*\]\([^)]*\)$", "."),  # a picture, and the colon that leads to it
    (r"\[([^\]]+)\]\((?!\w+://)[^)]+\)", r"\1"),  # a link to a file is its text
    (r"^    pip install \. ", "    pip install flowella-mock "),  # there is no checkout
    (r"^In a checkout: .*?\n\n", ""),
    (r"^## Tests\n.*\Z", _END),  # what is for who has one
)


def index_page(readme: str) -> str:
    """The README without what would lead nowhere."""
    for pattern, instead in _CHANGES:
        readme = re.sub(pattern, instead, readme, flags=re.MULTILINE | re.DOTALL)
    return readme


class IndexPage(MetadataHookInterface):
    """Asked for by hatchling wherever the metadata are made."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Give the page as the package's description."""
        readme = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        metadata["readme"] = {"content-type": "text/markdown", "text": index_page(readme)}
