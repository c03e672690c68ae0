"""When a rule strikes, as a pure question."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.domain.faults import EFFECTS, Effect, FaultRule, Place, Struck, effects_for, fits_direction, names_of
from mock_server.domain.fields import fields_of
from mock_server.ids import chance

NOW = 1_000_000


def _rule(**terms: object) -> FaultRule:
    return FaultRule("c1", 1, NOW, "sendMessage", Effect("reset"), **terms)  # type: ignore[arg-type]


def _hits(rule: FaultRule, looks: int) -> list[bool]:
    struck = []
    for _ in range(looks):
        looked = rule.looked(lambda it: chance("seed", it.number, it.seen), free=True)
        struck.append(looked.hits > rule.hits)
        rule = looked
    return struck


def test_after_and_times() -> None:
    """The first are let through, then so many are struck, then no more; all are seen."""
    rule = _rule(after=1, times=2)

    assert _hits(rule, 4) == [False, True, True, False]


@given(after=st.integers(0, 5), times=st.none() | st.integers(1, 5), looks=st.integers(0, 20))
def test_strikes_are_counted_exactly(after: int, times: int | None, looks: int) -> None:
    """Hits are what lies beyond `after`, no more than `times`."""
    beyond = max(0, looks - after)

    assert sum(_hits(_rule(after=after, times=times), looks)) == (beyond if times is None else min(times, beyond))


def test_a_taken_place_is_seen_but_not_struck() -> None:
    """An older rule was there first; it does not cost this one its `times`."""
    looked = _rule(times=1).looked(lambda _: 0.0, free=False)

    assert (looked.seen, looked.hits, looked.spent) == (1, 0, False)


def test_probability_is_kept_and_draws_follow_from_seed_rule_and_turn() -> None:
    """About as many as asked for; the same again for the same rule, others for another."""
    first = _hits(_rule(probability=0.3), 2_000)
    other = [chance("seed", 2, turn) < 0.3 for turn in range(1, 2_001)]

    assert 500 < sum(first) < 700
    assert first == _hits(_rule(probability=0.3), 2_000)
    assert first != other


def test_what_it_sees() -> None:
    """Name, all patterns, switched on, and not beyond its time."""
    rule = _rule(match=(("to", "+4477*"), ("text", "h?")), until=NOW + 10)
    fields = fields_of({"to": "44 7700 900123", "text": "hi"})
    names = names_of("sendMessage")

    assert rule.sees(names, fields, NOW)
    assert not rule.sees(names, fields, NOW + 10)
    assert not rule.sees(names_of("listContacts"), fields, NOW)
    assert not rule.sees(names, fields_of({"to": "+15551234567", "text": "hi"}), NOW)
    assert not rule.sees(names, fields_of({"to": "+447700900123"}), NOW)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"active": True}, {"active": ("true",)}),
        ({"limit": 5}, {"limit": ("5",)}),
        ({"data": {"to": "447700900123"}, "event": "e"}, {"event": ("e",), "to": ("447700900123", "+447700900123")}),
        ({"status": "a", "data": {"status": "b"}}, {"status": ("a",)}),
        ({"many": [1], "none": None}, {}),
        ("text", {}),
    ],
)
def test_fields(content: object, expected: dict[str, tuple[str, ...]]) -> None:
    """Plain values by name, outer before inner, a phone number also as E.164."""
    assert fields_of(content) == expected


def test_every_effect_fits_one_direction() -> None:
    """Half a body is the only thing that happens to both."""
    calls, hooks = set(effects_for("sendMessage")), set(effects_for("webhook:message.sent"))

    assert calls | hooks == set(EFFECTS)
    assert calls & hooks == {"truncate"}
    assert fits_direction("*", "reset")
    assert not fits_direction("webhook:*", "reset")
    assert {place.value for place in Place} == {"pace", "answer", "course", "content"}


@pytest.mark.parametrize(
    ("on", "effect", "where"),
    [
        ("sendMessage", "truncate", Place.ANSWER),
        ("webhook:*", "truncate", Place.CONTENT),
        ("sendMessage", "latency", Place.PACE),
        ("webhook:message.sent", "drop", Place.COURSE),
    ],
)
def test_where_a_rule_strikes(on: str, effect: str, where: Place) -> None:
    """By its effect; half a webhook's body is its content. What it is about is written down."""
    rule = FaultRule("c1", 1, NOW, on, Effect(effect, {"n": 1}), label="mine")

    assert rule.place is where
    assert rule.struck() == Struck("c1", "mine", Effect(effect, {"n": 1}))


def test_what_a_rule_may_be_on() -> None:
    """The thing itself, or all of its direction."""
    assert names_of("sendMessage") == ("sendMessage", "*")
    assert names_of("webhook:message.sent") == ("webhook:message.sent", "webhook:*")


def test_a_draw_strikes_below_the_probability() -> None:
    """Not at it; what always strikes draws nothing."""
    draws = iter([0.29, 0.3, 0.31])
    rule = _rule(probability=0.3)

    assert [rule.looked(lambda _: next(draws), free=True).hits for _ in range(3)] == [1, 0, 0]
    assert _rule().looked(lambda _: 1 / 0, free=True).hits == 1


def test_a_rule_that_is_switched_off_sees_nothing() -> None:
    """Until it is switched on again; one without an end goes on."""
    fields = fields_of({})

    assert not _rule(active=False).sees(names_of("sendMessage"), fields, NOW)
    assert _rule().sees(names_of("sendMessage"), fields, 10**18)
