// One delivery: its attempts on a time line, and each of them down to the bytes.

import { post } from "../api.js";
import { fill, h, icon, say } from "../dom.js";
import { exact, full, host, plural, pretty, span } from "../format.js";
import { attempt, button, code, copier, facts, pill, toast } from "../ui.js";
import { signature } from "./signature.js";

const KINDS = { succeeded: "good", failed: "bad", abandoned: "bad", pending: "wait" };

export function delivery(app, record, hookOf) {
  const element = h("article", { class: "sheet" });
  let picked = null; // null follows the newest attempt
  let drawn = null;
  let next = null;

  const again = button("Redeliver", (self) => attempt(async () => {
    const fresh = await post(app.path(`/deliveries/${record.id}/redeliver`));
    app.go("webhooks", fresh.id);
  }, { button: self, done: "Sent again as a new delivery" }), { kind: "primary", name: "replay" });

  function draw() {
    if (drawn === record) return;
    drawn = record;
    next = record.nextAttemptAt ? h("span", { class: "muted" }) : null;
    const attempts = record.attempts;
    const one = attempts.find((each) => each.number === picked) ?? attempts.at(-1);
    fill(element,
      h("header", { class: "sheet-top" }, h("a", { class: "icon-button back", href: app.at("webhooks"), "aria-label": "Back to the deliveries" }, icon("back")),
        h("div", { class: "grow" }, h("h2", {}, record.event), h("p", { class: "muted" }, host(record.url))), pill(record.status, KINDS[record.status]), again),
      facts([["Made", full(record.createdAt)], ["Event id", h("code", {}, record.eventId)], ["Delivery", h("code", {}, record.id)],
        ["Again from", record.redeliveryOf && h("a", { href: app.at("webhooks", record.redeliveryOf) }, h("code", {}, record.redeliveryOf))]]),
      h("h3", {}, plural(attempts.length, "attempt")), line(attempts, one), next, one ? whole(one) : h("p", { class: "muted" }, "Nothing has been sent yet."));
    tick();
  }

  function line(attempts, current) {
    const first = attempts.length ? Date.parse(attempts[0].at) : 0;
    return h("ol", { class: "attempts" }, attempts.map((one, index) => {
      const good = one.status >= 200 && one.status < 300;
      const after = index ? `${span(Date.parse(one.at) - first)} later` : exact(one.at);
      const struck = record.faults.filter((fault) => fault.attempt === one.number);
      return h("li", {}, h("button", { type: "button", class: good ? "good" : "bad", "aria-pressed": String(one === current), onclick: () => { picked = one.number; drawn = null; app.changed(); } },
        h("b", {}, one.status ?? "✕"), h("span", {}, after), h("small", {}, one.error ?? span(one.latency * 1000)), struck.map((fault) => h("span", { class: "tag warn" }, fault.type))));
    }));
  }

  function whole(one) {
    return h("div", { class: "stack" },
      one.error && h("p", { class: "reason" }, one.error),
      signature(one, hookOf(record.webhookId)),
      h("section", {}, h("div", { class: "row" }, h("h3", { class: "grow" }, "Body"), copier(() => one.requestText)), code(pretty(one.requestText), "Body of the request")),
      h("section", {}, h("h3", {}, "Headers"), table(one.requestHeaders)),
      h("section", {}, h("h3", {}, "Response"), one.status === null ? h("p", { class: "muted" }, "There was none.")
        : [h("p", {}, pill(one.status, one.status < 300 ? "good" : "bad"), ` after ${span(one.latency * 1000)}`), code(one.responseExcerpt || "(empty)", "Body of the response")]));
  }

  function tick() {
    if (next) {
      const left = Date.parse(record.nextAttemptAt) - app.clock.now();
      say(next, left > 0 ? `Next attempt in ${span(left)}, at ${exact(record.nextAttemptAt).slice(0, 8)}` : "Next attempt is due now");
    }
  }

  function hear(fresh) {
    if (fresh.id === record.id) record = fresh;
  }

  draw();
  return { id: record.id, element, hear, draw, tick, stale: () => {}, close: () => {} };
}

export function table(headers) {
  return h("table", { class: "headers" }, h("tbody", {}, Object.entries(headers).map(([name, value]) =>
    h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, String(value))))));
}

export { toast };
