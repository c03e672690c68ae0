// Where webhooks go: state, failures in a row, and the buttons of Settings > Webhooks.

import { del, patch, post } from "../api.js";
import { h, keyed } from "../dom.js";
import { full, plural } from "../format.js";
import { ask, attempt, button, choose, empty, field, pill, reveal, sure } from "../ui.js";
import { remember } from "./signature.js";

const MOST_FAILURES = 10;

export function endpoints(app, hooks, spec) {
  const events = spec.components.schemas.SubscribedEvents.items.enum.filter((name) => name !== "*");
  const list = h("div", { class: "cards" });
  const none = empty("No endpoint yet", "Add the address of your receiver. Plain HTTP is fine on this machine.");
  const element = h("div", { class: "page" }, h("h2", { class: "visually-hidden" }, "Endpoints"), h("div", { class: "row" }, h("p", { class: "muted grow" }, "Every event goes to each endpoint that wants it. Ten failures in a row switch one off."),
    button("Add endpoint", add, { kind: "primary", name: "plus" })), none, list);

  async function add() {
    const url = h("input", { type: "url", required: true, placeholder: "http://127.0.0.1:9000/hooks" });
    const vendor = choose([["flowella", "Flowella"], ["flowiq", "FlowIQ"]], "flowella");
    const boxes = ["*", ...events].map((name) => h("label", { class: "check" }, h("input", { type: "checkbox", value: name, checked: name === "*" }), name === "*" ? "everything" : name));
    const body = await ask("Add an endpoint", [field("Address", url), field("Speaks as", vendor), h("fieldset", {}, h("legend", {}, "Events"), h("div", { class: "checks" }, boxes))],
      { yes: "Add", read: () => ({ url: url.value, vendor: vendor.value, events: wanted(boxes) }) });
    if (!body) return;
    const made = await attempt(() => post(app.path("/webhooks"), body), { done: "Endpoint added" });
    if (!made) return;
    remember(made.id, made.secret);
    if (made.secret) await reveal("Signing secret", made.secret, "Shown this once. Your receiver checks signatures with it.");
  }

  function wanted(boxes) {
    const picked = boxes.map((box) => box.firstChild).filter((box) => box.checked).map((box) => box.value);
    return picked.includes("*") || !picked.length ? ["*"] : picked;
  }

  async function rotate(one) {
    if (!await sure("Rotate the secret?", "From now on webhooks are signed with a new one, and the old one stops working.", "Rotate")) return;
    const fresh = await attempt(() => post(app.path(`/webhooks/${one.id}/rotate-secret`)));
    if (!fresh) return;
    remember(one.id, fresh.secret);
    await reveal("New signing secret", fresh.secret, "Shown this once.");
  }

  async function test(one, self) {
    const sent = await attempt(() => post(app.path(`/webhooks/${one.id}/test`)), { button: self, done: "Test event sent" });
    if (sent) app.go("webhooks", sent.id);
  }

  async function remove(one) {
    if (await sure("Remove this endpoint?", `${one.url} gets nothing any more. Its deliveries stay in the log.`, "Remove")) {
      await attempt(() => del(app.path(`/webhooks/${one.id}`)), { done: "Endpoint removed" });
    }
  }

  function card(one) {
    const failures = one.failuresInRow;
    return h("article", { class: "card" },
      h("header", { class: "row" }, h("h3", { class: "grow break" }, one.url), pill(one.active ? "active" : "switched off", one.active ? "good" : "bad")),
      h("p", { class: "muted" }, `${one.vendor}${one.platform === "web" ? ", web chat" : ""} · `, one.events.includes("*") ? "every event" : one.events.join(", ")),
      !one.active && h("p", { class: "reason" }, one.disabledReason ?? "Switched off", one.disabledAt && ` · ${full(one.disabledAt)}`),
      h("div", { class: "failures", role: "img", "aria-label": `${plural(failures, "failure")} in a row of ${MOST_FAILURES}` },
        Array.from({ length: MOST_FAILURES }, (_, at) => h("i", { class: at < failures ? "on" : "" })), h("span", {}, failures ? `${plural(failures, "failure")} in a row` : "no failures in a row")),
      one.secretHint && h("p", {}, h("span", { class: "muted" }, "Secret "), h("code", {}, one.secretHint)),
      h("div", { class: "row wrap" }, button("Send test", (self) => test(one, self), { kind: "small" }),
        one.secretHint && button("Rotate secret", () => rotate(one), { kind: "small" }),
        button(one.active ? "Switch off" : "Re-enable", (self) => attempt(() => patch(app.path(`/webhooks/${one.id}`), { active: !one.active }), { button: self }), { kind: one.active ? "small" : "small primary" }),
        button("Remove", () => remove(one), { kind: "small danger" })));
  }

  function draw() {
    keyed(list, hooks.newest, (one) => one.id, card);
    none.hidden = hooks.byId.size > 0;
  }

  return { element, draw };
}
