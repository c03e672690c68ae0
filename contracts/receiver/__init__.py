"""The other side: does *your* endpoint do right by the webhooks it gets?

from contracts import check_receiver

report = check_receiver("http://127.0.0.1:9000/webhooks/flowella", "whsec_thisisafakewebhooksecret")
assert report.ok, report.text()
"""
