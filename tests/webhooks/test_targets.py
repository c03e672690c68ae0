"""Where webhooks may go, and what is said of an address where they may not."""

import pytest

from mock_server.domain.errors import Invalid
from mock_server.webhooks.targets import check_url, is_loopback


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


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        (
            "http://a.example:80/x",
            (
                "'http://a.example:80/x' is plain HTTP to a host that is not this machine; use https://, a loopback "
                "address, or start the server with --allow-webhook-host a.example"
            ),
        ),
        ("https://a.b/#x", "'https://a.b/#x' carries a fragment or credentials; a webhook URL has neither"),
        ("https://:p@a.b", "'https://:p@a.b' carries a fragment or credentials; a webhook URL has neither"),
        ("https://me@a.b", "'https://me@a.b' carries a fragment or credentials; a webhook URL has neither"),
        ("https://[::1", "'https://[::1' is not a URL: Invalid IPv6 URL"),
        *(
            (url, f"{url!r} is not an absolute http(s) URL such as https://example.com/webhooks{guess}")
            for url, guess in [
                ("", ""),
                ("https://", ""),
                ("/hooks", ""),
                ("ws://a.b", ""),
                ("https://a.b/ä", ""),
                ("https://a.b/ x", ""),
                ("https://a.b/\x7f", ""),
                ("a.b:9000/hooks/x", "; did you mean https://a.b:9000/hooks/x?"),
                ("shop.localhost/x:y", "; did you mean http://shop.localhost/x:y?"),
                ("shop.localhost/x/y", "; did you mean http://shop.localhost/x/y?"),
                ("a.b://c", ""),
                ("hooks:9000", ""),
            ]
        ),
    ],
)
def test_a_refusal_in_full(url: str, problem: str) -> None:
    """The field, the value, and the way out."""
    with pytest.raises(Invalid) as refused:
        check_url(url, ("other",), field="webhooks[2].url")
    assert (refused.value.field, refused.value.problem) == ("webhooks[2].url", problem)


def test_the_field_is_usually_called_url() -> None:
    """Where nobody says otherwise."""
    with pytest.raises(Invalid) as refused:
        check_url("nowhere")
    assert refused.value.field == "url"


@pytest.mark.parametrize(
    ("host", "ours"),
    [
        ("localhost", True),
        ("a.b.localhost", True),
        ("127.0.0.1", True),
        ("127.255.0.3", True),
        ("::1", True),
        ("localhost.example", False),
        ("mylocalhost", False),
        ("10.0.0.1", False),
        ("::2", False),
        ("", False),
    ],
)
def test_this_machine(host: str, ours: bool) -> None:
    """By its names and addresses; no name is looked up."""
    assert is_loopback(host) is ours
