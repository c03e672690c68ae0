"""Where webhooks may go, and what is said of an address where they may not."""

import pytest

from mock_server.domain.errors import Invalid
from mock_server.webhooks.targets import check_url


@pytest.mark.parametrize(
    ("url", "hosts"),
    [
        ("https://example.com/hooks", ()),
        ("http://127.0.0.1:9000", ()),
        ("http://[::1]:9000/", ()),
        ("http://shop.localhost:9000/", ()),
        ("http://receiver:9000/", ("receiver",)),
    ],
)
def test_welcome(url: str, hosts: tuple[str, ...]) -> None:
    """HTTPS anywhere; plain HTTP to this machine and to whom the server was told of."""
    assert check_url(url, hosts) == url


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("localhost:9000", "did you mean http://localhost:9000?"),
        ("127.0.0.1:9000/hooks", "did you mean http://127.0.0.1:9000/hooks?"),
        ("example.com/hooks", "did you mean https://example.com/hooks?"),
        ("nowhere", "is not an absolute http(s) URL such as https://example.com/webhooks"),
        ("ftp://example.com", "is not an absolute http(s) URL such as https://example.com/webhooks"),
        ("example.com/<a b>", "is not an absolute http(s) URL such as https://example.com/webhooks"),
        ("http://example.com", "--allow-webhook-host example.com"),
        ("https://me:pass@example.com", "carries a fragment or credentials"),
        ("https://example.com:99999", "is not a URL: Port out of range"),
    ],
)
def test_refused(url: str, words: str) -> None:
    """With what would be right, where that can be guessed."""
    with pytest.raises(Invalid) as refused:
        check_url(url, field="url")
    assert words in str(refused.value)
    assert ("did you mean" in str(refused.value)) == ("did you mean" in words)
