"""The shop listens."""

import pytest


def ship(flowella, shop):
    shop.ship("7")
    flowella.settle()


def test_a_question_is_answered(flowella, shop, order):
    flowella.receive("+15551234567", "Where is it?")

    flowella.assert_sent(to="+15551234567", text="Your order 7 is packed.")


def test_a_question_that_comes_twice_is_answered_once(flowella, shop, order):
    flowella.receive("+15551234567", "Where is it?")
    flowella.redeliver(flowella.assert_delivered("message.received")[-1])

    flowella.assert_sent(text="Your order 7 is packed.", count=1)


@pytest.mark.parametrize("word", ["STOP", "stop!", "Unsubscribe", "停止"])
def test_who_says_stop_is_left_alone(flowella, shop, order, word):
    flowella.receive("+15551234567", word)
    shop.ship("7")

    assert order.update == "OPTED_OUT"
    flowella.assert_not_sent()
    flowella.assert_resilient()


def test_text_in_any_script_is_verified(flowella, shop, order):
    flowella.receive("+15551234567", "où est-ce ? 📦 {{1}} \\u0041")

    flowella.assert_delivered("message.received")


@pytest.mark.parametrize(
    "effect", ["badSignature", "wrongSecret", "missingSignature", "staleTimestamp", "tamperedBody"]
)
def test_what_is_not_genuine_is_refused(flowella, shop, order, effect):
    flowella.faults.add("webhook:message.sent", effect)
    shop.ship("7")
    flowella.advance(1)

    flowella.assert_not_delivered("message.sent")
    assert order.update == "PENDING"


@pytest.mark.parametrize("effect", ["respaced", "extraFields", "unknownEvent"])
def test_what_is_new_but_genuine_is_accepted(flowella, shop, order, effect):
    flowella.faults.add("webhook:message.sent", effect)
    ship(flowella, shop)

    assert order.update == "READ"
    assert {delivery.status for delivery in flowella.deliveries} == {"succeeded"}


@pytest.mark.parametrize("effect", ["duplicate", "reorder", "delay"])
def test_it_ends_well_whatever_the_order(flowella, shop, order, effect):
    flowella.faults.add("webhook:message.sent", effect, **({"seconds": 3} if effect == "delay" else {}))
    ship(flowella, shop)

    flowella.assert_status(order.message_id, order.update)


@pytest.mark.flowella(travel=True)
def test_a_webhook_that_was_refused_comes_again(flowella, shop, order):
    flowella.faults.add("webhook:message.delivered", "wrongSecret", times=1)
    ship(flowella, shop)

    assert order.update == "READ"
    assert [attempt.status for attempt in flowella.assert_delivered("message.delivered")[0].attempts] == [401, 200]


def test_a_webhook_that_never_comes_is_not_missed(flowella, shop, order):
    flowella.faults.add("webhook:message.delivered", "drop")
    ship(flowella, shop)

    assert order.update == "READ"


@pytest.mark.flowella(travel=True, clock="2027-03-01T08:00:00Z")
def test_a_day_later_the_window_is_closed(flowella, shop, order):
    flowella.advance(24 * 3600 + 1)
    ship(flowella, shop)

    assert order.update == "FAILED"
