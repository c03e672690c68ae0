import pytest
from shop import Shop


@pytest.fixture
def shop_class():
    """The shop under test."""
    return Shop


@pytest.fixture
def shop(flowella, shop_class):
    """A shop that hears of everything that happens."""
    shop = shop_class(flowella.base_url, flowella.api_key, flowella.webhook_secret)
    flowella.subscribe(shop.app, path="/webhooks/flowella")
    return shop


@pytest.fixture
def order(flowella, shop):
    """An order of somebody who wrote a moment ago, so that the shop may write to them for a day."""
    flowella.receive("+15551234567", "hello", profile_name="Ada")
    return shop.order("7", "+15551234567")
