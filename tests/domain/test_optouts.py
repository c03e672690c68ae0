"""The words that opt out and in."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mock_server.domain.optouts import Keyword, OptOut, OptOutSource, keyword

STOP = ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "ALTO", "ARRÊTER", "PARAR", "BEENDEN", "停止"]
START = ["START", "SUBSCRIBE"]
WORDS = [(word, Keyword.STOP) for word in STOP] + [(word, Keyword.START) for word in START]
words = st.sampled_from(WORDS)


@st.composite
def in_any_case(draw: st.DrawFn) -> tuple[str, Keyword]:
    """A word, each letter in either case."""
    word, meaning = draw(words)
    return "".join(draw(st.sampled_from([letter.upper(), letter.lower()])) for letter in word), meaning


@pytest.mark.parametrize(("word", "meaning"), WORDS)
def test_each_word(word: str, meaning: Keyword) -> None:
    """Each word of the list means what it means."""
    assert keyword(word) is meaning


@given(in_any_case(), st.sampled_from(["", " ", "\n", "\t ", "\u3000"]), st.sampled_from(["", " ", "\n", "\u3000"]))
def test_any_case_and_space_around(spelled: tuple[str, Keyword], before: str, after: str) -> None:
    """Capitals do not matter, nor do spaces and line ends around the word."""
    assert keyword(before + spelled[0] + after) is spelled[1]


@given(in_any_case(), st.text())
def test_the_first_word_counts(spelled: tuple[str, Keyword], rest: str) -> None:
    """The word alone decides, whatever is written after it."""
    assert keyword(f"{spelled[0]} {rest}") is spelled[1]


@pytest.mark.parametrize("text", ["STOP.", "Stop!", "stop!!!", '"STOP"', "'stop'", "(stop)", "Stop, please", "停止。"])
def test_punctuation_around_the_word(text: str) -> None:
    """A full stop after the word, or quotes around it, do not hide it."""
    assert keyword(text) is Keyword.STOP


@pytest.mark.parametrize(
    "text", ["STOP,please", "Stop...now", "停止。お願いします", "“STOP”", "¡ALTO!", "*STOP*", "_stop_"]
)
def test_other_punctuation_around_the_word(text: str) -> None:
    """Nor does punctuation with no space behind it, as Japanese has it, nor marks that other languages and phones use."""
    assert keyword(text) is Keyword.STOP


@pytest.mark.parametrize("word", ["ARRÊTER", "arrêter", "Arrêter"])
def test_letters_made_of_two_characters(word: str) -> None:
    """A letter and its accent may come apart, as some keyboards send them."""
    assert keyword(unicodedata.normalize("NFD", word)) is Keyword.STOP


@pytest.mark.parametrize(
    "text",
    [
        *("please stop", "Please stop messaging me", "don't stop", "stopping", "stopp", "unstop", "nonstop", "STOP1"),
        *("the end", "endless", "quitter", "startle", "", " ", "...", "?!", "\n"),
    ],
)
def test_other_messages_mean_nothing(text: str) -> None:
    """The word in the middle of a message, or inside another word, is no request."""
    assert keyword(text) is None


@given(st.text(), words)
def test_a_word_further_on_means_nothing(before: str, word: tuple[str, Keyword]) -> None:
    """After any other word a keyword is only a word."""
    assume(any(char.isalnum() for char in before))
    assert keyword(f"x{before} {word[0]}") is None


def test_an_opt_out_is_active_until_it_is_revoked() -> None:
    """Revoking ends it; being revoked at the beginning of time counts too."""
    made = OptOut("o1", "c1", "ch1", None, OptOutSource.API, created_at=0)
    revoked = OptOut("o1", "c1", "ch1", None, OptOutSource.API, created_at=0, revoked_at=0)
    assert (made.active, revoked.active) == (True, False)
