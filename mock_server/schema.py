"""Judging JSON by a JSON Schema, with verdicts that people understand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import jsonschema_rs


@dataclass(frozen=True, slots=True)
class Schema:
    """A JSON Schema within a document, ready to judge values."""

    root: dict[str, Any]
    validator: jsonschema_rs.Validator

    @classmethod
    def of(cls, root: dict[str, Any]) -> Schema:
        """Compile it; formats count."""
        import jsonschema_rs

        return cls(root, jsonschema_rs.Draft202012Validator(root, validate_formats=True))

    def check(self, value: Any) -> None:
        """Raises Invalid, naming the field, the value and what would be right."""
        if not self.validator.is_valid(value):
            from mock_server.explain import explain

            raise explain(list(self.validator.iter_errors(value)), self.root)
