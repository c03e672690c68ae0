// Organizations: make, look at, reset, drop; and a world as one document, down and up.

import { del, get, post, putTo } from "../api.js";
import { h, keyed } from "../dom.js";
import { count, words } from "../format.js";
import { Records } from "../records.js";
import { ask, attempt, button, choose, field, pill, reveal, sure } from "../ui.js";

const SHOWN = ["contacts", "messages", "deliveries", "requests", "pending"];

export function organizations(app) {
  const records = new Records("/_mock/orgs", { most: 300 });
  const list = h("div", { class: "cards" });
  const element = h("section", { "aria-label": "Organizations" }, h("div", { class: "row" }, h("p", { class: "muted grow" }, "Each is a world of its own, with its own keys, clock and dice."), button("New organization", add, { kind: "primary", name: "plus" })), list);

  async function add() {
    const name = h("input", { maxlength: 100, autocomplete: "off" });
    const seed = choose([["default", "default: empty shop"], ["demo", "demo: people and a day of traffic"]], "default");
    const clock = choose([["real", "real time"], ["manual", "frozen"]], "real");
    const body = await ask("New organization", [field("Name", name), field("Starts from", seed), field("Clock", clock)], { yes: "Make", read: () => ({ ...(name.value ? { name: name.value } : {}), seed: seed.value, clock: clock.value }) });
    if (!body) return;
    const made = await attempt(() => post("/_mock/orgs", body));
    if (!made) return;
    await again();
    await reveal("API key", made.apiKey, "Shown this once. Its webhook secret and FlowIQ key can be made anew in Settings.");
    location.hash = `#/${made.id}/settings/organizations`;
  }

  async function again() {
    records.byId.clear();
    await records.load(100);
    await app.organizations();
    document.querySelector(".top select").value = app.org;
    app.changed();
  }

  async function reset(one) {
    if (!await sure(`Reset ${one.name}?`, "Back to its seed: messages, contacts and faults are gone; API keys stay.", "Reset")) return;
    await attempt(() => post(`/_mock/orgs/${one.id}/reset`), { done: "Back to its seed" });
    await again();
  }

  async function drop(one) {
    if (!await sure(`Drop ${one.name}?`, "All that is in it is forgotten, and its keys stop working.", "Drop")) return;
    await attempt(() => del(`/_mock/orgs/${one.id}`), { done: "Dropped" });
    await again();
    if (one.id === app.org) location.hash = "#/";
  }

  async function down(one, self) {
    const snapshot = await attempt(() => get(`/_mock/orgs/${one.id}/snapshot`), { button: self });
    if (!snapshot) return;
    const address = URL.createObjectURL(new Blob([JSON.stringify(snapshot, null, 1)], { type: "application/json" }));
    h("a", { href: address, download: `${one.name.replace(/[^\w-]+/g, "-").toLowerCase()}-snapshot.json` }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10000);
  }

  async function up(one, file) {
    if (!file || !await sure(`Put this snapshot into ${one.name}?`, `What is there now is replaced by ${file.name}.`, "Put back")) return;
    await attempt(async () => putTo(`/_mock/orgs/${one.id}/snapshot`, await file.text()), { done: "Put back" });
    await again();
  }

  function card(one) {
    const file = h("input", { type: "file", accept: ".json,application/json", class: "visually-hidden", "aria-label": `Snapshot for ${one.name}`, tabindex: "-1", onchange: () => up(one, file.files[0]).finally(() => { file.value = ""; }) });
    return h("article", { class: "card" }, h("header", { class: "row" }, h("h3", { class: "grow" }, one.name), one.id === app.org && pill("shown", "good")), h("p", { class: "muted" }, `seed ${one.seed}`),
      h("p", { class: "counts" }, SHOWN.map((name) => h("span", {}, h("b", {}, count(one.counts[name])), h("small", {}, words(name))))),
      h("div", { class: "row wrap" }, one.id !== app.org && h("a", { class: "button small primary", href: `#/${one.id}/conversations` }, "Look"), button("Snapshot", (self) => down(one, self), { kind: "small" }), button("Put back…", () => file.click(), { kind: "small" }), file,
        button("Reset", () => reset(one), { kind: "small" }), button("Drop", () => drop(one), { kind: "small danger" })));
  }

  return { element, load: () => records.load(100), draw: () => keyed(list, records.newest, (one) => one.id, card) };
}
