"""A small shop that tells people by WhatsApp where their order is, and listens to what they answer.

    python -m flask --app "shop:Shop(base_url, api_key, secret).app" run

`Courier` talks to the API, `Inbox` judges what comes in, `Shop` ties both to orders. Each is small enough to be wrong in one
way at a time: see broken.py.
"""

import hashlib
import hmac
import json
import time
from collections import Counter
from dataclasses import dataclass, field
from threading import Lock

import requests
from flask import Flask, jsonify, request

RANK = {"PENDING": 0, "SENT": 1, "DELIVERED": 2, "READ": 3}
TOLERANCE = 300  # seconds that a webhook's timestamp may be off


class Refused(Exception):
    """The API said no, and will go on saying it."""


class Unsure(Exception):
    """The answer was lost. The message may be on its way: nobody may send it again before that is known."""


class Courier:
    """Talks to the API. Waits and tries again when asked to, takes no for an answer, never sends twice."""

    attempts = 5
    first_wait = 1.0
    timeout: float | None = 10.0

    def __init__(self, base_url: str, api_key: str) -> None:
        self.url = base_url
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {api_key}"

    def send(self, to: str, text: str) -> str:
        """The message's id."""
        return str(self.ask("POST", "/messages", {"to": to, "text": text})["id"])

    def campaign(self, template_id: str, channel_id: str, phones: list[str], per_hour: int | None) -> None:
        """One template to many."""
        body = {
            "templateId": template_id,
            "whatsappChannelId": channel_id,
            "recipients": [{"phone": p} for p in phones],
        }
        self.ask("POST", "/templates/send", {**body, **({"throttlePerHour": per_hour} if per_hour else {})})

    def sent_so_far(self) -> dict[str, int]:
        """How many of our messages have which status, by the service's own count."""
        return self.ask("GET", "/analytics", None)["outboundMessages"]["counts"]

    def ask(self, method: str, path: str, body: dict | None) -> dict:
        for attempt in range(self.attempts):
            answer = self.call(method, path, body)
            if answer.ok:
                return self.read(answer)
            if not self.passing(answer.status_code):
                raise Refused(answer.json()["error"]["code"])
            if attempt + 1 < self.attempts:
                self.wait(attempt, answer.status_code)
        raise Refused("UNREACHABLE")

    def call(self, method: str, path: str, body: dict | None) -> requests.Response:
        try:
            return self.session.request(method, self.url + path, json=body, timeout=self.timeout)
        except requests.RequestException as error:
            raise Unsure from error

    def read(self, answer: requests.Response) -> dict:
        try:
            return answer.json()
        except ValueError as error:
            raise Unsure from error

    def passing(self, status: int) -> bool:
        """Is this trouble that passes?"""
        return status == 429 or status >= 500

    def wait(self, attempt: int, status: int) -> None:
        time.sleep(self.first_wait * 2**attempt)


class Inbox:
    """Which webhooks are genuine, and which are news."""

    tolerance = TOLERANCE

    def __init__(self, secret: str) -> None:
        self.secret = secret.encode()
        self.seen: set[str] = set()
        self.processed: Counter[str] = Counter()
        self.lock = Lock()

    def use(self, secret: str) -> None:
        """From now on this one signs."""
        self.secret = secret.encode()

    def genuine(self, headers, body: bytes) -> bool:
        ours = hmac.new(self.secret, self.signed(body), hashlib.sha256).hexdigest()
        sent_at = headers.get("X-Flowella-Timestamp", "")
        return (
            hmac.compare_digest(ours.encode(), headers.get("X-Flowella-Signature", "").encode())
            and sent_at.isdecimal()
            and abs(time.time() - int(sent_at)) <= self.tolerance
        )

    def signed(self, body: bytes) -> bytes:
        """The bytes that the signature is of: those that came."""
        return body

    def news(self, event: dict) -> bool:
        """Is this the first time? Yours belongs into a database, with a unique key."""
        with self.lock:
            new = event["data"]["id"] not in self.seen
            self.seen.add(event["data"]["id"])
            return new


@dataclass
class Order:
    """`update` is what became of the last message: a status, REFUSED, UNSURE, or None."""

    number: str
    phone: str
    state: str = "packed"
    message_id: str | None = None
    update: str | None = None
    reason: str | None = None


@dataclass
class Shop:
    """Orders, and the web application over them."""

    base_url: str
    api_key: str
    secret: str
    orders: dict[str, Order] = field(default_factory=dict)
    opted_out: set[str] = field(default_factory=set)
    resting: set[str] = field(default_factory=set)  # templates that Meta does not let us use
    alarms: list[str] = field(default_factory=list)

    courier_class = Courier
    inbox_class = Inbox

    def __post_init__(self) -> None:
        self.courier = self.courier_class(self.base_url, self.api_key)
        self.inbox = self.inbox_class(self.secret)
        self.app = Flask("shop")
        self.app.add_url_rule("/orders", view_func=self.order_view, methods=["POST"])
        self.app.add_url_rule("/orders/<number>", view_func=self.show_view)
        self.app.add_url_rule("/orders/<number>/ship", view_func=self.ship_view, methods=["POST"])
        self.app.add_url_rule("/ledger", view_func=self.ledger_view)
        self.app.add_url_rule("/webhooks/flowella", view_func=self.webhook_view, methods=["POST"])

    # What the shop does

    def order(self, number: str, phone: str) -> Order:
        self.orders[number] = Order(number, phone)
        return self.orders[number]

    def ship(self, number: str) -> Order:
        order = self.orders[number]
        order.state = "shipped"
        self.tell(order, f"Your order {number} is on its way.")
        return order

    def tell(self, order: Order, text: str) -> None:
        if not self.may_write_to(order.phone):
            order.update = "OPTED_OUT"
            return
        try:
            order.message_id, order.update = self.courier.send(order.phone, text), "PENDING"
        except Refused as refused:
            order.update, order.reason = "REFUSED", str(refused)
        except Unsure:
            order.message_id, order.update = None, "UNSURE"  # the webhooks will tell

    def announce(self, template_id: str, channel_id: str, phones: list[str], per_hour: int | None = None) -> None:
        """A campaign to all who want it; not with a template that rests."""
        wanted = [phone for phone in phones if self.may_write_to(phone)]
        if wanted and template_id not in self.resting:
            self.courier.campaign(template_id, channel_id, wanted, per_hour)

    def reconcile(self) -> None:
        """Does the service know more than we have heard? Then our webhooks do not come. Once a night is enough."""
        ours = Counter(order.update for order in self.orders.values() if order.message_id)
        theirs = self.courier.sent_so_far()
        behind = [status for status in ("DELIVERED", "READ", "FAILED") if theirs.get(status, 0) > ours[status]]
        if behind:
            self.alarms.append(
                f"webhooks are missing: the service counts more {' and '.join(behind)} messages than we do"
            )

    def ledger(self) -> dict:
        """What we did with what we heard. For tests; nobody else's business."""
        shown = {order.message_id: order.update for order in self.orders.values() if order.message_id}
        return {"events": dict(self.inbox.processed), "messages": shown, "alarms": self.alarms}

    def may_write_to(self, phone: str) -> bool:
        return phone not in self.opted_out

    # What the shop hears

    def on_message_received(self, data: dict) -> None:
        text = (data["text"] or "").casefold()
        for order in self.orders.values():
            if order.phone == data["from"] and "where" in text:
                self.tell(order, f"Your order {order.number} is {order.state}.")

    def on_optout_created(self, data: dict) -> None:
        self.opted_out.add(data["phone"])

    def on_template(self, data: dict) -> None:
        if data["status"] == "APPROVED":
            self.resting.discard(data["templateId"])
        else:
            self.resting.add(data["templateId"])

    def on_status(self, data: dict) -> None:
        for order in self.orders.values():
            if order.update == "UNSURE" and order.phone == data["to"]:
                order.message_id, order.update = data["messageId"], "PENDING"
            if order.message_id == data["messageId"]:
                self.move(order, data)

    def move(self, order: Order, data: dict) -> None:
        """Statuses may arrive in any order: forward is forward in RANK, and FAILED is where it ends."""
        status = data["status"]
        if status == "FAILED":
            order.update, order.reason = "FAILED", str(data["error"]["code"])
        elif RANK[status] > RANK.get(order.update or "", 99):
            order.update = status

    def handle(self, event: dict) -> None:
        """What we do not know we need not do anything about."""
        handlers = {
            "message.received": self.on_message_received,
            "optout.created": self.on_optout_created,
            "template.status_updated": self.on_template,
            "message.sent": self.on_status,
            "message.delivered": self.on_status,
            "message.read": self.on_status,
            "message.failed": self.on_status,
        }
        handler = handlers.get(event["event"])
        if handler is not None:
            handler(event["data"])
        self.inbox.processed[event["data"]["id"]] += 1

    # Views

    def order_view(self):
        return jsonify(self.order(request.json["number"], request.json["phone"])), 201

    def show_view(self, number: str):
        return (jsonify(self.orders[number]), 200) if number in self.orders else ({"error": "no such order"}, 404)

    def ship_view(self, number: str):
        return jsonify(self.ship(number))

    def ledger_view(self):
        return jsonify(self.ledger())

    def webhook_view(self):
        body = request.get_data()  # the bytes as they came, before anybody parses them
        if not self.inbox.genuine(request.headers, body):
            return self.strange()
        try:
            event = json.loads(body)
        except ValueError:
            return {"error": "not JSON"}, 400
        if self.inbox.news(event):
            self.handle(event)
        return {"ok": True}  # to a repetition too, or it would come again

    def strange(self):
        """What is not genuine; if it is, and only our secret is old, it will come again."""
        return {"error": "not genuine"}, 401
