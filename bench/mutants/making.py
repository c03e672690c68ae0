"""The mutants of one module: mutmut's own changes, each as the code of the function that it lies in.

A mutant of a function is tried by giving the living function other code: nothing is copied or imported anew, and decorated
functions and properties have mutants like any other. What runs when a module is imported (tables, defaults) has none here.
"""

from __future__ import annotations

import gc
from collections import Counter
from dataclasses import dataclass
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import mutation_operators

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

UNTOUCHED = {"len", "isinstance"}
"""Calls that mutmut leaves alone: without their arguments they only raise."""


@dataclass(frozen=True)
class Mutant:
    """`old` becomes `new` in the function with this qualified name; `lines` are those that a test has to reach."""

    file: Path
    number: int
    place: str
    lines: range
    tree: cst.Module
    old: cst.CSTNode
    new: cst.CSTNode

    @property
    def name(self) -> str:
        """Where it is, and the how-manieth of its file."""
        return f"{self.file.parent.name}/{self.file.stem}#{self.number}"

    def code(self) -> dict[str, CodeType] | None:
        """The function's code with the change, and that of functions in it; None where Python does not take it."""
        text = self.tree.deep_replace(self.old, self.new).code
        try:
            made = codes(compile(text, str(self.file), "exec"))
        except SyntaxError:
            return None
        return {name: code for name, code in made.items() if f"{name}.".startswith(f"{self.place}.")}

    def __str__(self) -> str:
        old, new = (
            " ".join(self.tree.code_for_node(node).split()) or type(node).__name__ for node in (self.old, self.new)
        )
        return f"{self.name} line {self.lines[-1]} {self.place}: {old} -> {new}"


def mutants_of(file: Path) -> list[Mutant]:
    """All of a file's, from top to bottom."""
    wrapper = MetadataWrapper(cst.parse_module(file.read_text(encoding="utf-8")))
    places: Mapping[cst.CSTNode, Any] = wrapper.resolve(PositionProvider)
    found: list[Mutant] = []
    for place, start, node in _within(wrapper.module, (), places):
        end = places[node].end.line if node in places else start
        for kind, change in mutation_operators:
            if isinstance(node, kind):
                lines = range(start, max(start, end) + 1)
                for new in change(node):
                    found.append(Mutant(file, len(found), place, lines, wrapper.module, node, new))
    return found


def _within(
    node: cst.CSTNode, names: tuple[str, ...], places: Mapping[cst.CSTNode, Any]
) -> Iterator[tuple[str, int, cst.CSTNode]]:
    """Every node in a function's body, with the outermost function's name and the line where its statement starts."""
    for child in node.children:
        if isinstance(child, cst.FunctionDef):
            yield from _inside(child.body, ".".join((*names, child.name.value)), places[child].start.line, places)
        elif isinstance(child, cst.ClassDef):
            yield from _within(child.body, (*names, child.name.value), places)


def _inside(
    node: cst.CSTNode, place: str, start: int, places: Mapping[cst.CSTNode, Any]
) -> Iterator[tuple[str, int, cst.CSTNode]]:
    for child in node.children:
        if isinstance(child, cst.Annotation | cst.Decorator) or _untouched(child):
            continue
        if isinstance(child, cst.SimpleStatementLine | cst.BaseCompoundStatement):
            start = places[child].start.line
        yield place, start, child
        yield from _inside(child, place, start, places)


def _untouched(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value in UNTOUCHED


def codes(code: CodeType) -> dict[str, CodeType]:
    """Every function's code in there, by qualified name; two lambdas in one function have the same, and are left out."""
    found = list(_codes(code))
    times = Counter(inner.co_qualname for inner in found)
    return {inner.co_qualname: inner for inner in found if times[inner.co_qualname] == 1}


def _codes(code: CodeType) -> Iterator[CodeType]:
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield inner
            yield from _codes(inner)


def living(mutants: Sequence[Mutant]) -> dict[tuple[str, str], list[FunctionType]]:
    """The functions that exist now, with those that they have made, by file and name of the outermost."""
    places = {(str(mutant.file), mutant.place) for mutant in mutants}
    found: dict[tuple[str, str], list[FunctionType]] = {}
    for thing in gc.get_objects():
        if isinstance(thing, FunctionType):
            place = thing.__code__.co_filename, thing.__code__.co_qualname.partition(".<locals>")[0]
            if place in places:
                found.setdefault(place, []).append(thing)
    return found
