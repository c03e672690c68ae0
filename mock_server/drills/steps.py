"""What can happen in a drill: a table from a name to how it is told and how it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from mock_server.domain.errors import Invalid, did_you_mean
from mock_server.drills.record import Posted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mock_server.drills.drill import Drill, Settings
    from mock_server.drills.play import Play

    Do = Callable[[Play, Settings], str]
    Tell = Callable[[Drill, Settings], str]

_RULE = ("match", "after", "times", "probability", "forSeconds")
_TASKS = {
    "write": "the client is to write to {whom}",
    "campaign": "the client is to send a campaign to {whom}",
    "reconcile": "the client is to compare its books with the API",
}


class Action(NamedTuple):
    """`tell` says it to people beforehand; `do` does it, and says what came of it if that needs saying."""

    tell: Tell
    do: Do


def _client(play: Play, settings: Settings) -> str:
    return play.ask_client(settings)


def _inbound(play: Play, settings: Settings) -> str:
    for phone in play.drill.whom(settings["from"]):
        play.stage.control("POST", "/inbound", {"from": phone, "text": settings["text"]})
    play.stage.advance(0)
    return ""


def _advance(play: Play, settings: Settings) -> str:
    play.stage.advance(settings["value"])
    return ""


def _settle(play: Play, _: Settings) -> str:
    play.stage.settle()
    return ""


def _fault(play: Play, settings: Settings) -> str:
    rule = {key: settings[key] for key in _RULE if key in settings}
    effect = settings["effect"]
    whole = effect if isinstance(effect, dict) else {"type": effect}
    made = play.stage.control("POST", "/faults", {"on": settings["on"], "effect": whole, **rule})
    play.rules[settings.get("name", made["id"])] = made["id"]
    return ""


def _fault_over(play: Play, settings: Settings) -> str:
    wanted = settings["value"]
    if wanted != "all" and wanted not in play.rules:
        raise Invalid("", f"there is no fault {wanted!r}{did_you_mean(wanted, play.rules)}; name it where it begins")
    for name in list(play.rules) if wanted == "all" else [wanted]:
        play.stage.control("PATCH", f"/faults/{play.rules[name]}", {"active": False})
    play.stage.advance(0)
    return ""


def _account(play: Play, settings: Settings) -> str:
    play.stage.control("PATCH", "/account", settings)
    return ""


def _template(play: Play, settings: Settings) -> str:
    play.stage.control("PATCH", f"/templates/{play.template['id']}", settings)
    play.stage.advance(0)
    return ""


def _fail_messages(play: Play, settings: Settings) -> str:
    """Whatever is on its way; what has arrived cannot fail any more."""
    wanted = [m for m in play.new(play.stage.messages, "messages") if m["status"] in {"PENDING", "SENT"}]
    for message in wanted:
        body = {"status": "FAILED", "error": {"code": settings["value"]}}
        play.stage.control("POST", f"/messages/{message['id']}/status", body)
    play.stage.advance(0)
    return "" if wanted else "none was on its way"


def _receiver(play: Play, settings: Settings) -> str:
    play.stage.receiver_is(up=settings["value"] == "up")
    return ""


def _skew(play: Play, settings: Settings) -> str:
    play.stage.set_clock_off(settings["value"])
    return ""


def _enable(play: Play, _: Settings) -> str:
    were_off = [webhook for webhook in play.webhooks() if not webhook["active"]]
    for webhook in were_off:
        play.stage.control("PATCH", f"/webhooks/{webhook['id']}", {"active": True})
    play.stage.advance(0)
    return "" if were_off else "none was switched off"


def _rotate(play: Play, _: Settings) -> str:
    for webhook in play.webhooks():
        play.secret = play.stage.control("POST", f"/webhooks/{webhook['id']}/rotate-secret")["secret"]
    return ""


def _tell_secret(play: Play, _: Settings) -> str:
    if play.cast.tell_secret is None or play.secret is None:
        return "nobody told it: no way was given"
    play.cast.tell_secret(play.secret)
    return ""


def _revoke(play: Play, _: Settings) -> str:
    for key in play.client_keys:
        play.stage.control("DELETE", f"/api-keys/{key}")
    return ""


def _redeliver(play: Play, settings: Settings) -> str:
    wanted = {"failed", "abandoned"} if settings["value"] == "failed" else {"succeeded"}
    chosen = [d for d in play.new(play.stage.deliveries, "deliveries") if d["status"] in wanted]
    for delivery in chosen:
        play.stage.control("POST", f"/deliveries/{delivery['id']}/redeliver")
        play.stage.advance(0)
    return f"{len(chosen)} of them"


def _burst(play: Play, settings: Settings) -> str:
    """The newest delivery of an event once more, byte for byte, several times at once."""
    found = [d for d in play.stage.deliveries if d["event"] == settings["event"] and d["attempts"]]
    if not found:
        return f"there was no {settings['event']} to repeat"
    attempt, url = found[-1]["attempts"][-1], found[-1]["url"]
    letter = (url, tuple(attempt["requestHeaders"].items()), _raw(attempt))
    answers = play.stage.post([letter] * settings["times"])
    said = tuple(str(answer.status or answer.error) for answer in answers)
    play.posted.append(Posted(settings["event"], play.number, said))
    return ", ".join(f"{said.count(one)} answered {one}" for one in sorted(set(said)))


def _look(play: Play, _: Settings) -> str:
    return play.look()


def _raw(attempt: dict[str, Any]) -> bytes:
    from base64 import b64decode

    return b64decode(attempt["requestBody"])


def whom(drill: Drill, wanted: Any) -> str:
    """`all 12 people`, `person 3`, `persons 3, 5`."""
    chosen = wanted if isinstance(wanted, list) else [wanted]
    if wanted in (None, "all"):
        return "person 1" if len(drill.people) == 1 else f"all {len(drill.people):,} people"
    known = [
        str(one) if isinstance(one, int) else str(drill.people.index(one) + 1) if one in drill.people else one
        for one in chosen
    ]
    return f"person{'s' if len(known) > 1 else ''} {', '.join(known)}"


def duration(seconds: float) -> str:
    """`90 s`, `15 min`, `2 h`."""
    for unit, name in ((3_600, "h"), (60, "min")):
        if seconds >= unit and seconds % unit == 0:
            return f"{seconds // unit:g} {name}"
    return f"{seconds:g} s"


def _tell_fault(_: Drill, settings: Settings) -> str:
    effect = settings["effect"]
    own = effect if isinstance(effect, dict) else {"type": effect}
    details = [f"{key} {value}" for key, value in own.items() if key != "type"]
    terms = {
        "times": "{} times",
        "forSeconds": "for {} s",
        "after": "after the first {}",
        "probability": "at odds of {}",
    }
    details += [words.format(settings[key]) for key, words in terms.items() if key in settings]
    return f"from now on {settings['on']} meets {own['type']}" + (f" ({', '.join(details)})" if details else "")


def _tell_skew(seconds: int) -> str:
    way = "ahead of" if seconds > 0 else "behind"
    return f"the sender's clock is {abs(seconds)} s {way} the receiver's" if seconds else "the clocks agree again"


def _tell_account(_: Drill, settings: Settings) -> str:
    return "the account changes: " + ", ".join(f"{key} {_short(value)}" for key, value in settings.items())


def _short(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} {_short(child)}" for key, child in value.items()) + "}"
    return "off" if value is None else str(value)


ACTIONS: Mapping[str, Action] = {
    "client": Action(lambda d, s: _TASKS[s.get("task", "write")].format(whom=whom(d, s.get("to"))), _client),
    "inbound": Action(lambda d, s: f"{whom(d, s['from'])} write: {s['text']!r}", _inbound),
    "advance": Action(lambda _, s: f"{duration(s['value'])} pass", _advance),
    "settle": Action(lambda *_: "time passes until nothing waits", _settle),
    "fault": Action(_tell_fault, _fault),
    "fault-over": Action(
        lambda _, s: f"the fault {s['value']} is over" if s["value"] != "all" else "all faults are over", _fault_over
    ),
    "account": Action(_tell_account, _account),
    "template": Action(lambda _, s: "Meta sets the template to " + ", ".join(s.values()), _template),
    "fail-messages": Action(lambda _, s: f"Meta fails what is on its way, with {s['value']}", _fail_messages),
    "receiver": Action(lambda _, s: f"the receiver is {s['value']}", _receiver),
    "skew": Action(lambda _, s: _tell_skew(s["value"]), _skew),
    "enable": Action(lambda *_: "somebody switches the webhook on again", _enable),
    "rotate-secret": Action(lambda *_: "the signing secret is rotated", _rotate),
    "tell-secret": Action(lambda *_: "the receiver is told the new secret", _tell_secret),
    "revoke-key": Action(lambda *_: "the API key is revoked", _revoke),
    "redeliver": Action(
        lambda _, s: f"webhooks that {'failed' if s['value'] == 'failed' else 'succeeded'} are sent again", _redeliver
    ),
    "burst": Action(lambda _, s: f"{s['event']} comes once more, {s['times']} times at once", _burst),
    "look": Action(lambda *_: "a look into the integration's books", _look),
}
"""In the order in which docs/drills.md has them."""
