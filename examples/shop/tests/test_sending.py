"""The shop writes to people."""

import pytest
import requests

SHIPPED = "Your order 7 is on its way."


def test_shipping_tells_the_customer(flowella, shop, order):
    shop.ship("7")

    flowella.assert_sent(to="+1 555 123-4567", text=SHIPPED)


def test_the_web_application_does_the_same(flowella, shop):
    flowella.receive("+15551234567", "hello")
    web = shop.app.test_client()
    web.post("/orders", json={"number": "7", "phone": "+15551234567"})

    assert web.post("/orders/7/ship").json["update"] == "PENDING"
    assert web.get("/orders/7").json["state"] == "shipped"
    assert web.get("/orders/8").status_code == 404
    flowella.assert_sent(text=SHIPPED)


def test_nothing_is_sent_for_an_order_that_waits(flowella, shop, order):
    flowella.settle()

    flowella.assert_not_sent()


@pytest.mark.parametrize(("seconds", "status"), [(0, "PENDING"), (1, "SENT"), (2, "DELIVERED"), (6, "READ")])
def test_the_order_shows_what_became_of_the_message(flowella, shop, order, seconds, status):
    shop.ship("7")
    flowella.advance(seconds)

    assert order.update == status


def test_statuses_out_of_order_do_not_confuse_it(flowella, shop):
    flowella.receive("+15005550004", "hello")
    order = shop.order("7", "+15005550004")
    shop.ship("7")
    flowella.advance(3)

    flowella.assert_status(order.message_id, order.update)


def test_a_message_outside_the_window_fails_and_says_why(flowella, shop):
    order = shop.order("7", "+15551234567")  # who never wrote
    shop.ship("7")
    flowella.settle()

    assert (order.update, order.reason) == ("FAILED", "131047")


@pytest.mark.parametrize("code", [131056, 131031])
def test_a_number_that_whatsapp_refuses_is_refused(flowella, shop, code):
    order = shop.order("7", f"+15000{code}")
    shop.ship("7")

    assert (order.update, order.reason) == ("REFUSED", "META_REJECTED")


def test_a_number_that_is_none_is_refused_once(flowella, shop):
    order = shop.order("7", "no number")
    shop.ship("7")

    assert (order.update, order.reason) == ("REFUSED", "VALIDATION_ERROR")
    flowella.assert_resilient()


def test_a_revoked_key_is_no_reason_to_crash(flowella, shop, order):
    shop.courier.session.headers["Authorization"] = "Bearer flo_wrong"
    shop.ship("7")

    assert order.reason == "UNAUTHORIZED"
    assert [call.status for call in flowella.requests] == [401]


@pytest.mark.flowella(faults=[{"on": "sendMessage", "effect": "rateLimit", "times": 2}])
def test_it_waits_when_it_calls_too_often(flowella, shop, order):
    before = flowella.now
    shop.ship("7")

    assert flowella.now - before == pytest.approx(3)  # 1 and 2 seconds, and nobody waited
    flowella.assert_sent(text=SHIPPED)
    flowella.assert_resilient()


@pytest.mark.parametrize("effect", [{"type": "status", "status": 503}, "html"])
def test_it_waits_when_the_service_is_down(flowella, shop, order, effect):
    flowella.faults.add("sendMessage", effect, times=3)
    shop.ship("7")

    flowella.assert_sent(text=SHIPPED)
    flowella.assert_resilient()


def test_it_gives_up_in_the_end(flowella, shop, order):
    flowella.faults.add("sendMessage", "status", status=500)
    shop.ship("7")

    assert (order.update, len(flowella.requests)) == ("REFUSED", 5)
    flowella.assert_resilient()


@pytest.mark.parametrize("effect", ["lostResponse", "truncate", "malformed"])
def test_it_does_not_send_twice_when_the_answer_is_lost(flowella, shop, order, effect):
    flowella.faults.add("sendMessage", effect, times=1)
    shop.ship("7")
    assert order.update == "UNSURE"
    flowella.settle()

    assert order.update == "READ"  # the webhooks told
    flowella.assert_sent(text=SHIPPED, count=1)
    flowella.assert_resilient()


@pytest.mark.parametrize("effect", ["reset", "close", "hang"])
def test_a_message_that_never_left_stays_unsure(flowella, shop, order, effect):
    flowella.faults.add("sendMessage", effect, times=1)
    shop.ship("7")
    flowella.settle()

    assert order.update == "UNSURE"
    flowella.assert_not_sent()


def test_other_hosts_are_left_alone(flowella):
    with pytest.raises(requests.ConnectionError):
        requests.get("http://127.0.0.1:9/", timeout=5)
