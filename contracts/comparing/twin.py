"""The client of the left server, which asks the right one the same: with its own ids, key and guard.

A secret of one side never goes to the other: what is made of the left key is made of the right one instead, and a call in
which the left key is still to be found is not sent.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from contracts.client import Client
from contracts.stops import Denied, Gone, Unanswered

if TYPE_CHECKING:
    from collections.abc import Callable

    from contracts.comparing.pairs import Pairs
    from contracts.exchange import Answer, Call, Exchange

    Compare = Callable[[Exchange, Exchange, bool], bool]

SETTLING = (0.3, 0.9)
"""Pauses before a difference in reading is believed: what is under way arrives on both sides, but not at once."""


class Leading(Client):
    """The left one. Once `follow` was called every call goes to the right one too, and the two answers are compared."""

    _right: Client | None = None
    _pairs: Pairs
    _compare: Compare

    def follow(self, right: Client, pairs: Pairs, compare: Compare) -> None:
        """From now on. `compare` tells whether the answers count; for a reading that is not final they may not."""
        self._right, self._pairs, self._compare = right, pairs, compare

    def send(self, call: Call) -> Answer:
        """The left one's answer, after the right one's was compared with it."""
        if self._right is None:
            return super().send(call)
        pauses = SETTLING if call.method == "GET" else ()
        for pause in (*pauses, None):
            answer, trouble = self._left(call)
            if self._ask_right(self._right, call, self.record.last, final=pause is None) or pause is None:
                break
            self.wait(pause)
        if answer is None:
            raise trouble or Unanswered(f"{call.method} {call.path}")
        return answer

    def _left(self, call: Call) -> tuple[Answer | None, Unanswered | None]:
        try:
            return super().send(call), None
        except Unanswered as error:
            return None, error

    def _ask_right(self, right: Client, call: Call, ours: Exchange, *, final: bool) -> bool:
        right.part = self.part
        try:
            right.send(self._for_right(right, call))
        except Denied:
            return True  # nobody compares what was not sent
        except Unanswered as error:
            if isinstance(error, Gone):
                raise
        return self._compare(ours, right.record.last, final)

    def _for_right(self, right: Client, call: Call) -> Call:
        """The same call, as it has to be put to the right one. Raises Denied rather than tell it the left key."""
        left_key, right_key = self.key("ours"), right.key("ours")
        if call.key not in {None, "ours", "other", "revoked"}:
            call = replace(call, key=_rekeyed(str(call.key), left_key, right_key))
        call = replace(
            call,
            path=self._pairs.translated(call.path),
            query=_rekeyed(self._pairs.translated_query(call.query), left_key, right_key),
            headers=tuple((name, _rekeyed(value, left_key, right_key)) for name, value in call.headers),
        )
        if call.body is not None:
            text = call.body.decode("latin-1")
            call = replace(call, body=self._pairs.translated(text).encode("latin-1"))
        if left_key != right_key and left_key in f"{call.key} {call.target} {call.headers} {call.body!r}":
            raise Denied("the left one's key is in it")
        return call


def _rekeyed(text: str, left: str, right: str) -> str:
    """What was made of the left key, made of the right one."""
    for make in (str, str.upper, _cut, _bare):
        if len(make(left)) >= 6 and make(left) in text:
            return text.replace(make(left), make(right))
    return text


def _cut(key: str) -> str:
    return key[:-1]


def _bare(key: str) -> str:
    return key.partition("_")[2] or key[1:]
