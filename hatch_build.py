"""What a build of the wheel does beside packing: it makes the specs' twins (see mock_server/data.py)."""

import sys
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Twins(BuildHookInterface):
    """Reading a document makes its twin; git does not know it, so the build is told."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 (as hatchling calls it)
        sys.path.insert(0, self.root)
        from mock_server import data

        for name in data.TWINNED:
            data.document(name)
            build_data["artifacts"].append(f"/{data.twin(name).relative_to(self.root).as_posix()}")
