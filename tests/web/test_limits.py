"""Each of WhatsApp's limits over the doors: off at first, just under, just over, and over again when time has passed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mock_server import data
from mock_server.app import create_app
from mock_server.domain.errors import Invalid
from mock_server.orgs import NewOrg, Orgs

if TYPE_CHECKING:
    from conftest import FakeTransport

    from .conftest import Answer, Doors

DAY = 86_400
PEOPLE = [f"+1555123{number:04d}" for number in range(300)]
ADA, GRACE = PEOPLE[:2]
NAMES = ("pairRate", "throughput", "messagingTier", "marketingCap", "templatePausing", "templatePacing", "messageTtl")


def switch(doors: Doors, **limits: Any) -> None:
    """Set some limits."""
    answer = doors.control("PATCH", "/account", {"limits": limits})
    assert answer.status == 200, answer.body


def text(doors: Doors, to: str = ADA, channel: str | None = None) -> Answer:
    """One free-form message."""
    return doors.api(
        "POST", "/messages", {"to": to, "text": "hi", **({"whatsappChannelId": channel} if channel else {})}
    )


def write(doors: Doors, *people: str) -> None:
    """These people write, so that their service windows are open."""
    for person in people:
        doors.control("POST", "/inbound", {"from": person, "text": "hello"})


def template(doors: Doors, category: str = "MARKETING") -> str:
    """A new template without variables."""
    fields = {"name": f"news_{category.lower()}", "category": category, "status": "APPROVED"}
    return str(
        doors.control("POST", "/templates", {**fields, "components": [{"type": "BODY", "text": "News"}]}).body["id"]
    )


def bulk(doors: Doors, template_id: str, *people: str, channel: str | None = None) -> dict[str, Any]:
    """A bulk send of it, done: its books."""
    body = {
        "templateId": template_id,
        "whatsappChannelId": channel or doors.channel_id,
        "recipients": [{"phone": person} for person in people],
    }
    answer = doors.api("POST", "/templates/send", body)
    assert answer.status == 201, answer.body
    doors.advance(10)
    job: dict[str, Any] = doors.control("GET", f"/jobs/{answer.body['id']}").body
    assert job["recipients"] == job["accepted"] + job["suppressed"] + job["rejected"] == len(people)
    return job


def failed(doors: Doors) -> list[int]:
    """The codes that messages failed with, oldest first."""
    items = doors.control("GET", "/messages?status=FAILED&limit=100").body["items"]
    return [item["error"]["code"] for item in reversed(items)]


def other_channel(doors: Doors) -> str:
    """A channel that is not the default one."""
    return next(c.id for c in doors.world.store.channels.newest() if not c.is_default)


def test_all_are_off_until_switched_on(doors: Doors) -> None:
    """A hundred messages to one person and marketing to anybody, and nothing is refused, fails or is remembered."""
    write(doors, ADA)
    news = template(doors)

    assert doors.control("GET", "/account").body["limits"] == dict.fromkeys(NAMES)
    assert [text(doors).status for _ in range(100)] == [201] * 100
    for _ in range(5):
        assert bulk(doors, news, *PEOPLE[:3])["accepted"] == 3
    assert failed(doors) == []
    store = doors.world.store
    counts = [c.count() for c in (store.meters, store.reached, store.marketed, store.pacings, store.held)]
    assert counts == [0] * 5


@pytest.mark.parametrize("name", NAMES)
def test_each_is_switched_by_itself(doors: Doors, name: str) -> None:
    """True brings WhatsApp's numbers, null takes them away, and the others stay as they were."""
    switch(doors, **{name: True})
    shown = doors.control("GET", "/account").body["limits"]
    assert [other for other in NAMES if shown[other] is not None] == [name]

    switch(doors, **{other: True for other in NAMES if other != name})
    assert None not in doors.control("GET", "/account").body["limits"].values()
    switch(doors, **{name: None})
    assert [other for other, value in doors.control("GET", "/account").body["limits"].items() if not value] == [name]


def test_a_wrong_switch_is_explained(doors: Doors) -> None:
    """The field, the value, and what would be right; nothing is changed."""
    wrong: dict[str, dict[str, Any]] = {
        "limits.pairrate: is not a known field; did you mean 'pairRate'?": {"pairrate": True},
        "limits.pairRate: must be": {"pairRate": 45},
        "limits.pairRate.burst: must be at least 1; got 0": {"pairRate": {"burst": 0}},
        "limits.messagingTier: must be": {"messagingTier": "TIER_250"},
        "limits.messageTtl.authentication: must be at least 30; got 5": {"messageTtl": {"authentication": 5}},
    }
    for start, limits in wrong.items():
        answer = doors.control("PATCH", "/account", {"limits": limits})
        assert (answer.status, answer.message[: len(start)]) == (400, start)
    assert doors.control("GET", "/account").body["limits"] == dict.fromkeys(NAMES)


def test_the_page_names_whatsapps_numbers(doors: Doors) -> None:
    """The table of docs/limits.md has every limit with what `true` means."""
    page = (Path(__file__).parents[2] / "docs" / "limits.md").read_text(encoding="utf-8")
    rows = [row.split("`")[1] for row in page.splitlines() if row.startswith("| ") and '| `"' in row]
    switch(doors, **dict.fromkeys(NAMES, True))

    assert json.loads("{" + ", ".join(rows) + "}") == doors.control("GET", "/account").body["limits"]


# ------------------------------------------------------------------------------------------------- pair rate, throughput


def test_pair_rate(doors: Doors) -> None:
    """45 at once, the 46th is refused with 131056 and changes nothing; six seconds for each, and it goes on."""
    switch(doors, pairRate=True)
    write(doors, ADA, GRACE)

    assert [text(doors).status for _ in range(45)] == [201] * 45
    before = doors.world.store.messages.count()
    refused = text(doors)
    assert (refused.status, refused.code, refused.message[:9]) == (400, "META_REJECTED", "(#131056)")
    assert doors.world.store.messages.count() == before
    assert text(doors, GRACE).status == text(doors, channel=other_channel(doors)).status == 201
    doors.advance(269)
    assert text(doors).status == 400
    doors.advance(1)
    assert text(doors).status == 201


def test_pair_rate_in_a_bulk_send(doors: Doors) -> None:
    """Whoever was just written to is rejected with the code among the reasons; the books balance."""
    switch(doors, pairRate={"burst": 1})
    write(doors, ADA)
    text(doors)
    job = bulk(doors, template(doors), ADA, GRACE)

    assert (job["accepted"], job["rejected"]) == (1, 1)
    assert [reason[:9] for reason in job["reasons"]] == ["(#131056)"]


def test_throughput(doors: Doors) -> None:
    """80 in a second through one channel, in and out together; then 130429 until there is room."""
    switch(doors, throughput=True)
    write(doors, *PEOPLE[:40])

    assert [text(doors, person).status for person in PEOPLE[:40]] == [201] * 40
    refused = text(doors)
    assert (refused.status, refused.code, refused.message[:9]) == (400, "META_REJECTED", "(#130429)")
    assert text(doors, channel=other_channel(doors)).status == 201
    doors.advance(0.0125)
    assert [text(doors).status for _ in range(2)] == [201, 400]
    doors.advance(1)
    assert [text(doors).status for _ in range(81)] == [201] * 80 + [400]
    write(doors, GRACE)
    assert doors.control("GET", f"/messages?from={GRACE.replace('+', '%2B')}").body["items"]


def test_a_bulk_send_keeps_to_the_throughput(doors: Doors) -> None:
    """It paces itself by what its channel can take, so it alone never meets the limit."""
    switch(doors, throughput={"perSecond": 20})
    job = bulk(doors, template(doors), *PEOPLE[:100])

    assert (job["accepted"], job["rejected"]) == (100, 0)
    times = sorted(m.created_at for m in doors.world.store.messages.newest())
    assert times[-1] - times[0] == 99 * 50_000


def test_a_refused_message_counts_in_no_limit(doors: Doors) -> None:
    """Throughput is left as it was by what the pair rate refused, and the other way round, alone and in a bulk send."""
    write(doors, ADA, GRACE)
    switch(doors, pairRate={"burst": 1}, throughput={"perSecond": 3})
    news = template(doors)
    assert [text(doors).status for _ in range(3)] == [201, 400, 400]
    body = {"templateId": news, "whatsappChannelId": doors.channel_id, "recipients": [{"phone": ADA}]}
    doors.api("POST", "/templates/send", body)
    doors.advance(0)
    assert doors.control("GET", "/jobs").body["items"][0]["rejected"] == 1

    assert [text(doors, person).status for person in PEOPLE[1:4]] == [201, 201, 400]


# --------------------------------------------------------------------------------------------------------- messaging tier


def test_messaging_tier(doors: Doors) -> None:
    """So many people in 24 hours; the next one's message is accepted and fails with 131048. Rooms come free again."""
    switch(doors, messagingTier=2)
    utility = template(doors, "UTILITY")

    assert bulk(doors, utility, *PEOPLE[:2])["accepted"] == 2
    assert failed(doors) == []
    assert bulk(doors, utility, PEOPLE[2])["accepted"] == 1
    assert failed(doors) == [131048]
    assert bulk(doors, utility, *PEOPLE[:2])["accepted"] == 2
    doors.advance(DAY - 25)
    bulk(doors, utility, PEOPLE[2])
    assert failed(doors) == [131048] * 2
    doors.advance(15)
    bulk(doors, utility, *PEOPLE[2:5])
    assert failed(doors) == [131048] * 3


def test_the_tier_counts_only_outside_service_windows(doors: Doors) -> None:
    """People who wrote lately are free, on whichever channel the others were reached."""
    switch(doors, messagingTier=1)
    utility = template(doors, "UTILITY")
    write(doors, *PEOPLE[:5])

    bulk(doors, utility, *PEOPLE[:5])
    assert failed(doors) == []
    bulk(doors, utility, PEOPLE[5])
    bulk(doors, utility, PEOPLE[6], channel=other_channel(doors))
    assert failed(doors) == [131048]


def test_a_lower_tier_counts_those_reached_before(doors: Doors) -> None:
    """After the tier falls nobody new is reached until enough have left the window."""
    switch(doors, messagingTier=5)
    utility = template(doors, "UTILITY")
    bulk(doors, utility, *PEOPLE[:5])
    switch(doors, messagingTier=3)

    bulk(doors, utility, *PEOPLE[:6])
    assert failed(doors) == [131048]
    doors.advance(DAY)
    bulk(doors, utility, *PEOPLE[10:14])
    assert failed(doors) == [131048] * 2
    assert doors.world.store.reached.count() == 3


def test_who_left_the_window_needs_a_place_again(doors: Doors) -> None:
    """After the tier fell, somebody of yesterday does not slip in beside those of today."""
    switch(doors, messagingTier=4)
    utility = template(doors, "UTILITY")
    bulk(doors, utility, ADA)
    doors.advance(DAY / 2)
    bulk(doors, utility, *PEOPLE[1:4])
    switch(doors, messagingTier=3)
    doors.advance(DAY / 2)
    bulk(doors, utility, ADA)

    assert failed(doors) == [131048]


# ---------------------------------------------------------------------------------------------------------- marketing cap


def test_marketing_cap(doors: Doors, transport: FakeTransport) -> None:
    """The third within a day fails with 131049 by webhook; other categories, other people and later days do not."""
    doors.control("POST", "/webhooks", {"url": "https://example.com/h", "events": ["message.failed"]})
    switch(doors, marketingCap=True)
    news, utility = template(doors), template(doors, "UTILITY")

    for _ in range(3):
        assert bulk(doors, news, ADA)["accepted"] == 1
    bulk(doors, utility, ADA)
    bulk(doors, news, GRACE)
    assert failed(doors) == [131049]
    assert [json.loads(post.body)["data"]["error"]["code"] for post in transport.posts] == [131049]
    doors.advance(DAY)
    bulk(doors, news, ADA)
    assert failed(doors) == [131049]


def test_the_cap_ends_a_window_after_the_first(doors: Doors) -> None:
    """Not a moment before; and what failed counts for nothing."""
    switch(doors, marketingCap={"messages": 1, "perSeconds": 3600})
    news = template(doors)
    bulk(doors, news, ADA)
    doors.advance(3589)
    bulk(doors, news, ADA)
    assert failed(doors) == [131049]
    bulk(doors, news, ADA)
    assert failed(doors) == [131049]


def test_a_reply_lifts_the_cap(doors: Doors) -> None:
    """In an open service window marketing is neither capped nor counted."""
    switch(doors, marketingCap={"messages": 1})
    news = template(doors)
    write(doors, ADA)
    for _ in range(3):
        bulk(doors, news, ADA)
    assert failed(doors) == []
    doors.advance(DAY)
    bulk(doors, news, ADA)
    bulk(doors, news, ADA)
    assert failed(doors) == [131049]


def test_what_the_cap_stops_reaches_nobody(doors: Doors) -> None:
    """A capped message takes no place in the tier, and one beyond the tier none in the cap."""
    switch(doors, marketingCap={"messages": 1}, messagingTier=2)
    news = template(doors)
    bulk(doors, news, PEOPLE[0], PEOPLE[1])
    bulk(doors, news, PEOPLE[0], PEOPLE[2])
    assert failed(doors) == [131049, 131048]
    switch(doors, messagingTier=3)
    bulk(doors, news, PEOPLE[2])
    assert failed(doors) == [131049, 131048]


# ------------------------------------------------------------------------------------------------------------ message TTL


def test_message_ttl(doors: Doors) -> None:
    """A phone off for a quarter of an hour gets its news, but not its one-time password: that is gone without a word."""
    phone_off = "+15005550012"
    switch(doors, messageTtl=True)
    for category in ("AUTHENTICATION", "UTILITY"):
        bulk(doors, template(doors, category), phone_off)
    doors.advance(1_000)
    utility, authentication = doors.control("GET", "/messages").body["items"]

    assert [authentication["status"], utility["status"]] == ["SENT", "READ"]
    assert [status["status"] for status in authentication["statuses"]] == ["PENDING", "SENT"]
    assert authentication["expiresAt"] == "2026-11-21T10:10:00.000Z"
    delivered = doors.control("POST", f"/messages/{authentication['id']}/status", {"status": "DELIVERED"})
    assert (delivered.status, "expired at 2026-11-21T10:10:00.000Z" in delivered.message) == (409, True)
    assert doors.control("POST", f"/messages/{authentication['id']}/status", {"status": "FAILED"}).status == 200


@pytest.mark.parametrize(("seconds", "status"), [(899, "SENT"), (901, "READ")])
def test_a_message_lives_exactly_as_long_as_its_ttl(doors: Doors, seconds: int, status: str) -> None:
    """`phoneOff` comes back after 900 seconds."""
    switch(doors, messageTtl={"text": seconds})
    text(doors, "+15005550012")
    doors.advance(1_000)

    assert doors.control("GET", "/messages").body["items"][0]["status"] == status


def test_what_was_delivered_in_time_is_read_later(doors: Doors) -> None:
    """The time to live ends with the delivery."""
    switch(doors, messageTtl={"text": 30})
    text(doors, "+15005550002")
    doors.advance(60)
    message = doors.control("GET", "/messages").body["items"][0]

    assert doors.control("POST", f"/messages/{message['id']}/status", {"status": "READ"}).status == 200


# --------------------------------------------------------------------------------------------------------- organizations


def test_limits_belong_to_one_organization(orgs: Orgs) -> None:
    """Its neighbour has none, and a reset takes them away."""
    keys = ("flo_" + "k" * 24, "flo_" + "z" * 24)
    ours, theirs = (orgs.create(NewOrg(scale=0, api_key=key, rate_limit=None))[0] for key in keys)
    client = create_app(orgs).test_client()
    client.patch(f"/_mock/orgs/{ours.org.id}/account", json={"limits": {"pairRate": {"burst": 1}}})
    for world in (ours, theirs):
        client.post(f"/_mock/orgs/{world.org.id}/inbound", json={"from": ADA, "text": "hello"})

    def statuses(key: str) -> list[int]:
        headers = {"Authorization": f"Bearer {key}"}
        body = {"to": ADA, "text": "hi"}
        return [client.post("/api/v1/messages", json=body, headers=headers).status_code for _ in range(2)]

    assert [statuses(key) for key in keys] == [[201, 400], [201, 201]]
    client.post(f"/_mock/orgs/{ours.org.id}/reset")
    assert client.get(f"/_mock/orgs/{ours.org.id}/account").get_json()["limits"] == dict.fromkeys(NAMES)


def test_a_seed_may_switch_limits_on(orgs: Orgs, tmp_path: Path) -> None:
    """In its own words, which are the control plane's; its past traffic is not limited, its clock still free."""
    seed = tmp_path / "tight.yaml"
    seed.write_text(
        "channels: [{}]\nlimits: {pairRate: {burst: 1}, messagingTier: true}\ntraffic:\n"
        '  - {ago: "00:01", from: "+15551230001", text: hi}\n'
        + '  - {ago: "00:01", to: "+15551230001", text: hi}\n'
        * 3,
        encoding="utf-8",
    )
    world, _, _ = orgs.create(NewOrg(seed=str(seed), seed_files=True, scale=0))
    limits = world.store.accounts.get("account").limits  # type: ignore[union-attr]

    assert (limits.messaging_tier, limits.pair_rate and limits.pair_rate.burst) == (250, 1)
    assert world.store.messages.count() == 4
    world.clock.set(now=world.clock.now() - 1)
    seed.write_text("channels: [{}]\nlimits: {pairRate: 45}\n", encoding="utf-8")
    with pytest.raises(Invalid, match=r"limits\.pairRate: must be"):
        orgs.create(NewOrg(seed=f"{seed.parent}/./tight.yaml", seed_files=True, scale=0))


def test_seeds_and_the_control_plane_take_the_same(doors: Doors) -> None:
    """One form of limits in two files."""
    seed = json.loads(data.path("fixtures/seed.schema.json").read_bytes())
    control = doors.client.get("/_mock/control-openapi.json").get_json()

    assert seed["properties"]["limits"] == control["components"]["schemas"]["LimitsUpdate"]
