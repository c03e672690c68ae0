"""The service window of a chat."""

from mock_server.domain.chats import Chat, chat_id, window_closes_at, window_open
from mock_server.domain.instant import DAY

CHAT = Chat(chat_id("p1", "c1"), "p1", "c1", last_inbound_at=7)


def test_the_window_closes_a_day_after_their_last_word() -> None:
    """To the microsecond; where nobody wrote it was never open."""
    assert CHAT.id == "p1/c1"
    assert window_closes_at(CHAT, DAY) == 7 + DAY
    assert [window_open(CHAT, at, DAY) for at in (7, 6 + DAY, 7 + DAY)] == [True, True, False]
    silent = Chat("p1/c1", "p1", "c1")
    assert (window_closes_at(silent, DAY), window_open(silent, 0, DAY)) == (None, False)
