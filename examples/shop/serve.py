"""The shop as a server, to be drilled from outside; `take_part.py` hands it the jobs.

    python serve.py 9000 &
    export SHOP=http://127.0.0.1:9000
    flowella-mock drill run all --exec "python take_part.py job" --on-rotate "python take_part.py secret" \\
      --webhook $SHOP/webhooks/flowella --ledger-url $SHOP/ledger

A second argument names a sibling of broken.py.
"""

import sys

import broken
from flask import Flask, request
from shop import Shop
from take_part import take_part
from werkzeug.serving import run_simple

SECRET = "whsec_thisisafakewebhooksecret00000000"


class Premises:
    """A WSGI application: the shop that is open, and the door by which jobs come. Each drill finds an empty shop."""

    def __init__(self, kind: type[Shop]) -> None:
        self.kind = kind
        self.drill = ""
        self.shop = kind("", "", SECRET)
        self.door = Flask("door")
        self.door.add_url_rule("/drill/job", view_func=self.job, methods=["POST"])
        self.door.add_url_rule("/drill/secret", view_func=self.secret, methods=["POST"])

    def __call__(self, environ, start_response):
        inside = self.door if environ["PATH_INFO"].startswith("/drill/") else self.shop.app
        return inside(environ, start_response)

    def job(self) -> str:
        job = request.json
        if job["FLOWELLA_DRILL"] != self.drill:
            self.drill = job["FLOWELLA_DRILL"]
            self.shop = self.kind(job["FLOWELLA_BASE_URL"], job["FLOWELLA_API_KEY"], job["FLOWELLA_WEBHOOK_SECRET"])
        people, per_hour = job["FLOWELLA_RECIPIENTS"].split(), int(job["FLOWELLA_THROTTLE_PER_HOUR"] or 0)
        take_part(
            self.shop, job["FLOWELLA_TASK"], people, job["FLOWELLA_TEMPLATE_ID"], job["FLOWELLA_CHANNEL_ID"], per_hour
        )
        return "done"

    def secret(self) -> str:
        self.shop.inbox.use(request.json["FLOWELLA_WEBHOOK_SECRET"])
        return "done"


if __name__ == "__main__":
    port, *sibling = sys.argv[1:]
    run_simple("127.0.0.1", int(port), Premises(broken.SIBLINGS[sibling[0]] if sibling else Shop), threaded=True)
