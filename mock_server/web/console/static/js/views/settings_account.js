// The account: billing, the connection to Meta, the rate limit, and WhatsApp's own limits, each a switch with its numbers.

import { get, patch } from "../api.js";
import { fill, h } from "../dom.js";
import { upper, words } from "../format.js";
import { attempt, button, choose, field, toggle } from "../ui.js";

export function account(app, schemas) {
  const element = h("div", { class: "stack" });
  let record = null;
  let drawn = null;

  const load = async () => { record = await get(app.path("/account")); };

  async function change(body) {
    const fresh = await attempt(() => patch(app.path("/account"), body), { done: "Saved" });
    if (fresh) record = fresh;
    drawn = null;
    draw();
  }

  function draw() {
    if (!record || drawn === record) return;
    drawn = record;
    const billing = choose(schemas.Billing.enum.map((one) => [one, words(one)]), record.billing, { onchange: () => change({ billing: billing.value }) });
    const provider = choose(schemas.Provider.enum, record.provider, { onchange: () => change({ provider: provider.value }) });
    fill(element,
      h("section", { class: "card", "aria-labelledby": "standing" }, h("h2", { id: "standing" }, "Standing"), h("div", { class: "grid" }, field("Billing", billing, "Past due and canceled answer 402"), field("WhatsApp provider", provider)),
        toggle("Connected to Meta", record.metaConnected, (on) => change({ metaConnected: on }))),
      h("section", { class: "card", "aria-labelledby": "rate" }, h("h2", { id: "rate" }, "Rate limit of the API"), rate()),
      h("section", { "aria-labelledby": "limits" }, h("h2", { id: "limits" }, "WhatsApp's own limits"), h("p", { class: "muted" }, "All off at first. A switch takes WhatsApp's numbers; change them as you like."),
        h("div", { class: "cards" }, Object.entries(schemas.LimitsUpdate.properties).map(([name, schema]) => limit(name, schema)))));
  }

  function rate() {
    const limit_ = record.rateLimit;
    const perSecond = h("input", { type: "number", min: 0.001, step: "any", value: limit_?.perSecond ?? 20 });
    const burst = h("input", { type: "number", min: 1, step: 1, value: limit_?.burst ?? 40 });
    return h("form", { class: "stack", onsubmit: (event) => { event.preventDefault(); change({ rateLimit: { perSecond: Number(perSecond.value), burst: Number(burst.value) } }); } },
      h("p", { class: "muted" }, limit_ ? `${limit_.perSecond} calls a second, ${limit_.burst} at once; beyond that 429.` : "Off: as many calls as you like."),
      h("div", { class: "grid" }, field("Calls a second", perSecond), field("At once", burst)),
      h("div", { class: "row" }, h("button", { class: "button small primary" }, limit_ ? "Change" : "Switch on"), limit_ && button("Switch off", () => change({ rateLimit: null }), { kind: "small" })));
  }

  function limit(name, schema) {
    const now = record.limits[name];
    const on = now !== null;
    const numbers = schema.properties ? Object.entries(schema.properties) : [[name, schema]];
    const inputs = numbers.map(([each, one]) => [each, h("input", { type: "number", min: one.minimum, max: one.maximum, step: one.type === "integer" || !one.type?.includes?.("number") ? 1 : "any", value: (schema.properties ? now?.[each] : now) ?? one.default ?? "" })]);
    const read = () => (schema.properties ? Object.fromEntries(inputs.map(([each, input]) => [each, Number(input.value)])) : Number(inputs[0][1].value));
    return h("form", { class: "card", onsubmit: (event) => { event.preventDefault(); change({ limits: { [name]: read() } }); } },
      h("header", { class: "row" }, h("h3", { class: "grow" }, upper(words(name))), toggle(on ? "On" : "Off", on, (wanted) => change({ limits: { [name]: wanted } }), upper(words(name)))),
      h("p", { class: "muted" }, schema.description),
      on && h("div", { class: "grid" }, inputs.map(([each, input]) => field(upper(words(each)), input))), on && h("div", { class: "row" }, h("button", { class: "button small" }, "Change")));
  }

  return { element, load, hear: (kind, data) => { if (kind === "account") record = data; }, draw };
}
