"""Targets: what the contract harness is given besides recordings (`files`): a spec, and an endpoint's own ledger."""

from __future__ import annotations

import json

from bench.fuzz.files import file
from bench.fuzz.target import Plant, Target, expect
from contracts.receiver.books import _understood
from contracts.spec import BrokenSpec, load
from contracts.stops import NotReached


def specs(content: bytes) -> None:
    """`--spec FILE`: every operation can be found by a call."""
    try:
        spec = load.__wrapped__(str(file("spec.yaml", content)))
    except BrokenSpec:
        return
    for operation in spec.operations.values():
        spec.match(operation.method, operation.path)
        expect(isinstance(spec.title, str), "a title that is no text")
        operation.example()


def ledgers(content: bytes) -> None:
    """`--ledger-url`: what the endpoint says it did."""
    try:
        told = json.loads(content)
    except (ValueError, RecursionError):
        return
    try:
        books = _understood(told)
    except NotReached:
        return
    expect(all(isinstance(count, int) for count in books.events.values()), "a count that is no number")
    expect(books.messages is None or isinstance(books.messages, dict), "messages that are none")


_SPEC = (
    b"openapi: 3.1.0\ninfo: {title: a, version: '1'}\npaths:\n  /a/{id}:\n    get: {operationId: x, responses: {'200': "
)

TARGETS = (
    Target(
        "spec-file",
        "a spec is refused saying why, or its operations can be worked with",
        specs,
        (
            _SPEC + b"{description: ok}}}\n",
            _SPEC + b"{$ref: '#/components/responses/A'}}}\n",
            b"openapi: 3.1\npaths: []\n",
        ),
        Plant("contracts.spec", "AttributeError", lambda _: LookupError, b"openapi: 3.1\npaths: []\n"),
        (
            "openapi: 3.1.0",
            "paths:",
            "  get:",
            "$ref: '#/",
            "responses:",
            "2026-13-45",
            "&a",
            "*a",
            "!!int",
            "requestBody:",
        ),
    ),
    Target(
        "ledger",
        "what an endpoint says it did is understood, or cannot be read",
        ledgers,
        (b'{"events":{"a":1},"messages":{"b":"READ"}}', b'["a","a"]', b'[{"id":"a","count":2}]', b'{"a":1}'),
        Plant("contracts.receiver.books", "isinstance", lambda _: lambda value, kind: kind is dict, b"[]"),
        ('"events":', '"messages":', '"id":', '"count":', "null", "true"),
        longest=200,
    ),
)
