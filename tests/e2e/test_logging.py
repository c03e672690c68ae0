"""`serve --log-format json`, as a program reads it."""

from __future__ import annotations

import json
import signal
import subprocess
import threading

from .conftest import COMMAND, PATIENCE, call, environment


def test_every_line_is_json_and_no_secret_is_in_any() -> None:
    """From the first, which says where it listens, to the last; nothing else on stdout or stderr."""
    command = [str(COMMAND), "serve", "--port", "0", "--webhook", "http://127.0.0.1:9/hooks?token=hunter2"]
    settings = {"FLOWELLA_MOCK_LOG_FORMAT": "json", "FLOWELLA_MOCK_CONTROL_TOKEN": "sesame open"}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=environment(settings)) as server:
        watchdog = threading.Timer(PATIENCE, server.kill)
        watchdog.start()
        try:
            hello = server.stderr.readline() if server.stderr else ""
            url = json.loads(hello)["url"]
            key = "flo_thisisafakeflowellakey00"
            assert call(url, "GET", "/api/v1/ping?token=hunter2", token=key).status == 200
            assert call(url, "GET", "/_mock/ready").json == {"ready": True}
            assert call(url, "GET", "/_mock/metrics", token="sesame open").status == 200
            play = call(url, "POST", "/_mock/orgs/default/inbound", {"from": "+15551234567"}, token="sesame open")
            assert play.status in (200, 201, 400)
            assert call(url, "GET", "/api/v1/contacts/+15551234567", token=key).status in (200, 404)
        finally:
            server.send_signal(signal.SIGTERM)
            said, log = server.communicate(timeout=PATIENCE)
            watchdog.cancel()
    lines = [json.loads(line) for line in log.splitlines()]

    assert said == ""
    assert {"time", "level", "logger", "message"} <= set.intersection(*(set(line) for line in lines))
    assert [line["status"] for line in lines if line.get("operation") == "ping"] == [200]
    assert [word for word in ("5551234567", key, "sesame", "hunter2") if word in hello + log] == []
