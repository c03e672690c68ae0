"""Judging JSON by a JSON Schema, with verdicts that people understand."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import jsonschema_rs


@dataclass(frozen=True)
class Schema:
    """A JSON Schema within a document, ready to judge values."""

    root: dict[str, Any]

    @cached_property
    def validator(self) -> jsonschema_rs.Validator:
        """Compiled when first needed, which for most schemas is never; formats count."""
        import jsonschema_rs

        return jsonschema_rs.Draft202012Validator(self.root, validate_formats=True)

    def check(self, value: Any) -> None:
        """Raises Invalid, naming the field, the value and what would be right."""
        if not self.validator.is_valid(value):
            from mock_server.explain import explain

            raise explain(list(self.validator.iter_errors(value)), self.root)
