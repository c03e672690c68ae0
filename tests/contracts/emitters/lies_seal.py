"""What is said is right; how it is written and signed is not."""

from __future__ import annotations

import base64
import json
from hashlib import sha256

from mock_server.webhooks.signing import sign

from .emitter import Letter, seal

SIGNATURE, TIMESTAMP, DELIVERY = "X-Flowella-Signature", "X-Flowella-Timestamp", "X-Flowella-Delivery"


@seal("delivery-signature")
def wrong_digest(letter: Letter) -> None:
    """SHA-256 of the body, without any key."""
    letter.headers[SIGNATURE] = sha256(letter.body).hexdigest()


@seal("delivery-signature")
def digest_of_json_written_anew(letter: Letter) -> None:
    """What is signed has other white space than what is sent."""
    letter.headers[SIGNATURE] = sign(letter.endpoint.secret, json.dumps(letter.json).encode())


@seal("delivery-signature")
def upper_case_digest(letter: Letter) -> None:
    """The right digest, in upper case."""
    letter.headers[SIGNATURE] = letter.headers[SIGNATURE].upper()


@seal("delivery-signature")
def prefixed_digest(letter: Letter) -> None:
    """The right digest after `sha256=`."""
    letter.headers[SIGNATURE] = f"sha256={letter.headers[SIGNATURE]}"


@seal("delivery-signature")
def digest_in_base64(letter: Letter) -> None:
    """The right digest in base64."""
    letter.headers[SIGNATURE] = base64.b64encode(bytes.fromhex(letter.headers[SIGNATURE])).decode()


@seal("delivery-signature")
def timestamp_is_signed_too(letter: Letter) -> None:
    """As other vendors do: `timestamp.body` is signed."""
    letter.headers[SIGNATURE] = sign(letter.endpoint.secret, letter.headers[TIMESTAMP].encode() + b"." + letter.body)


@seal("delivery-signature")
def one_secret_for_all(letter: Letter) -> None:
    """Every endpoint's deliveries are signed with the same secret."""
    letter.headers[SIGNATURE] = sign("whsec_sharedbyeverybodyhere000000000", letter.body)


@seal("delivery-headers")
def signature_missing(letter: Letter) -> None:
    """Nothing is signed."""
    del letter.headers[SIGNATURE]


@seal("delivery-headers")
def timestamp_missing(letter: Letter) -> None:
    """Nobody knows when it was sent."""
    del letter.headers[TIMESTAMP]


@seal("delivery-headers")
def event_header_missing(letter: Letter) -> None:
    """No `X-Flowella-Event`."""
    del letter.headers["X-Flowella-Event"]


@seal("delivery-headers")
def event_header_wrong(letter: Letter) -> None:
    """`X-Flowella-Event` says `message.sent`, whatever the body says."""
    letter.headers["X-Flowella-Event"] = "message.sent"


@seal("delivery-headers")
def delivery_header_missing(letter: Letter) -> None:
    """No `X-Flowella-Delivery`."""
    del letter.headers[DELIVERY]


@seal("delivery-headers")
def other_user_agent(letter: Letter) -> None:
    """The HTTP library names itself."""
    letter.headers["User-Agent"] = "python-requests/2.32"


@seal("delivery-headers")
def wrong_content_type(letter: Letter) -> None:
    """JSON is called a form."""
    letter.headers["Content-Type"] = "application/x-www-form-urlencoded"


@seal("delivery-headers")
def timestamp_in_iso(letter: Letter) -> None:
    """`X-Flowella-Timestamp` is ISO 8601."""
    letter.headers[TIMESTAMP] = letter.json["createdAt"]


@seal("delivery-timestamp")
def timestamp_in_milliseconds(letter: Letter) -> None:
    """`X-Flowella-Timestamp` counts milliseconds."""
    letter.headers[TIMESTAMP] += "000"


@seal("delivery-timestamp")
def stale_timestamp(letter: Letter) -> None:
    """`X-Flowella-Timestamp` is ten minutes old: sound receivers refuse it."""
    letter.headers[TIMESTAMP] = str(int(letter.headers[TIMESTAMP]) - 600)


@seal("delivery-timestamp")
def timestamp_of_the_first_attempt(letter: Letter) -> None:
    """A retry tells when the event happened, not when it is sent: after ten minutes sound receivers refuse it."""
    letter.headers[TIMESTAMP] = str(letter.delivery.created_at // 1_000_000)


@seal("delivery-body")
def body_not_utf8(letter: Letter) -> None:
    """Text goes out in Windows' old code page."""
    letter.say(letter.body.decode().encode("cp1252", "replace"))


@seal("delivery-body")
def byte_order_mark(letter: Letter) -> None:
    """The body begins with a byte order mark."""
    letter.say(b"\xef\xbb\xbf" + letter.body)


@seal("delivery-body")
def body_is_cut(letter: Letter) -> None:
    """Long bodies end after 300 bytes."""
    letter.say(letter.body[:300])


@seal("delivery-body")
def body_as_a_form(letter: Letter) -> None:
    """The JSON is a field of a form."""
    letter.say(b"payload=" + letter.body)


@seal("retries-same")
def delivery_id_changes_on_retry(letter: Letter) -> None:
    """Each attempt has an `X-Flowella-Delivery` of its own."""
    letter.headers[DELIVERY] += f"-{letter.attempt}"


@seal("delivery-ids-unique")
def delivery_id_is_the_endpoints(letter: Letter) -> None:
    """`X-Flowella-Delivery` names the endpoint."""
    letter.headers[DELIVERY] = letter.endpoint.id


@seal("delivery-no-secret")
def secret_in_a_header(letter: Letter) -> None:
    """A header for debugging carries the signing secret."""
    letter.headers["X-Debug"] = letter.endpoint.secret
