// API keys and channels.

import { del, patch, post } from "../api.js";
import { h, keyed } from "../dom.js";
import { full } from "../format.js";
import { Records } from "../records.js";
import { ask, attempt, button, choose, field, more, pill, reveal, sure, toggle } from "../ui.js";

export function keys(app) {
  const records = new Records(app.path("/api-keys"), { most: 200 });
  const list = h("div", { class: "cards" });
  const older = more(records, () => app.changed());
  const element = h("section", { "aria-label": "API keys" }, h("div", { class: "row" }, h("p", { class: "muted grow" }, "A key belongs to this organization and is shown once, when it is made."), button("New key", add, { kind: "primary", name: "plus" })), list, older.node);

  async function add() {
    const label = h("input", { required: true, maxlength: 100, autocomplete: "off" });
    const vendor = choose([["flowella", "Flowella"], ["flowiq", "FlowIQ"]], "flowella");
    const body = await ask("New API key", [field("Label", label), field("For", vendor)], { yes: "Make", read: () => ({ label: label.value, vendor: vendor.value }) });
    if (!body) return;
    const made = await attempt(() => post(app.path("/api-keys"), body));
    if (!made) return;
    records.hear(made);
    app.changed();
    await reveal("API key", made.secret, "Shown this once.");
  }

  async function revoke(one) {
    if (!await sure("Revoke this key?", `Calls with ${one.prefix}… get 401 from now on.`, "Revoke")) return;
    const gone = await attempt(() => del(app.path(`/api-keys/${one.id}`)), { done: "Key revoked" });
    if (gone) records.hear(gone);
    app.changed();
  }

  function card(one) {
    return h("article", { class: "card" }, h("header", { class: "row" }, h("h3", { class: "grow" }, one.label), pill(one.status, one.status === "active" ? "good" : "bad")),
      h("p", {}, h("code", {}, `${one.prefix}…`)), h("p", { class: "muted" }, one.lastUsedAt ? `Last used ${full(one.lastUsedAt)}` : "Never used"),
      one.status === "active" && h("div", { class: "row" }, button("Revoke", () => revoke(one), { kind: "small danger" })));
  }

  return { element, load: () => records.load(50), hear: (kind, data) => kind === "apiKey" && records.hear(data), draw: () => { keyed(list, records.newest, (one) => one.id, card); older.update(); } };
}

export function channels(app) {
  const records = new Records(app.path("/channels"), { most: 200 });
  const list = h("div", { class: "cards" });
  const older = more(records, () => app.changed());
  const element = h("section", { "aria-label": "Channels" }, h("div", { class: "row" }, h("p", { class: "muted grow" }, "The WhatsApp numbers that messages come from."), button("New channel", add, { kind: "primary", name: "plus" })), list, older.node);

  async function add() {
    const name = h("input", { maxlength: 100, autocomplete: "off" });
    const phone = h("input", { type: "tel", placeholder: "made up if left empty", autocomplete: "off" });
    const body = await ask("New channel", [field("Name", name), field("Phone number", phone)], { yes: "Make", read: () => ({ ...(name.value ? { name: name.value } : {}), ...(phone.value ? { phone: phone.value } : {}) }) });
    if (body) await change(() => post(app.path("/channels"), body), "Channel made");
  }

  async function change(work, done) {
    const fresh = await attempt(work, { done });
    if (fresh) records.hear(fresh);
    app.changed();
  }

  function card(one) {
    const path = app.path(`/channels/${one.id}`);
    return h("article", { class: "card" }, h("header", { class: "row" }, h("h3", { class: "grow" }, one.name), one.isDefault && pill("default", "good")), h("p", {}, h("code", {}, one.phone)),
      h("p", { class: "muted" }, `WABA ${one.wabaId}`),
      h("div", { class: "row wrap" }, toggle("Connected", one.connected, (on, box) => change(() => patch(path, { connected: on })).then(() => { box.checked = records.byId.get(one.id).connected; })), h("span", { class: "grow" }),
        !one.isDefault && button("Make default", () => change(() => patch(path, { isDefault: true }), "This is the default now"), { kind: "small" })));
  }

  return { element, load: () => records.load(50), hear: (kind, data) => kind === "channel" && records.hear(data), draw: () => { keyed(list, records.newest, (one) => one.id, card); older.update(); } };
}
