"""What happens on one connection: requests read strictly, answers written plainly, faults done to the socket itself.

Theory. waitress reads and writes every socket in one loop thread and runs the app in worker threads. A worker that is
done with a connection for good sets `close_when_flushed`; the loop closes the socket once all is sent. So every fault
is one more way for a connection to end: the app orders an *ending* through `environ["flowella_mock.wire"]`, the
worker keeps the answer back (`held`) and goes home, and the loop, about to close, carries out the ending instead. An
ending that takes time (hang, drip, stream) is a timer of the loop: it costs a socket and no thread.

Requests are screened before waitress parses them, because its parser (3.0.2) lets some through that would hurt: two
of its patterns are quadratic (16 kB of digits or blanks stop the loop for seconds), as is its way with blank lines
before a request; some targets raise ValueError and get no answer at all, "Expect: 100-continue" without a body waits
for ever, and a request that can no longer become valid is awaited instead of refused.

Internals of waitress leant on, beyond the constructor: `HTTPRequestParser.received` with its fields (header_plus,
headers_finished, body_rcv, content_length, chunked, completed, error, expect_continue), and of body_rcv its length,
chunk_remainder, control_line and trailer; `Task.write`, `build_response_header`, `has_body`, `service`;
`HTTPChannel.received`, `write_soon`, `handle_write`, `handle_close`, `requests`, `total_outbufs_len`,
`close_when_flushed`.
"""

from mock_server.wire.channel import Channel
from mock_server.wire.endings import ENVIRON_KEY, Wire, close
from mock_server.wire.requests import MAX_HEAD
from mock_server.wire.streaming import Soon

__all__ = ["ENVIRON_KEY", "MAX_HEAD", "Channel", "Soon", "Wire", "close"]
