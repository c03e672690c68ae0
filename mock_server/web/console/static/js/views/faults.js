// Failures on demand: ready-made ones, and a form that offers only what fits, because it is read from the server's own words.

import { del, get, patch, post } from "../api.js";
import { fill, h, keyed } from "../dom.js";
import { count, plural, upper, words } from "../format.js";
import { Records } from "../records.js";
import { attempt, button, choose, empty, field, sure, toggle } from "../ui.js";

const PRESETS = [
  ["Outage", "Three calls in a row get 503", { on: "*", effect: { type: "status", status: 503 }, times: 3 }],
  ["Too many requests", "The next send gets 429", { on: "sendMessage", effect: { type: "rateLimit" }, times: 1 }],
  ["Lost answer", "The send happens, the answer never comes", { on: "sendMessage", effect: { type: "lostResponse" }, times: 1 }],
  ["Slow", "Every call takes two seconds longer", { on: "*", effect: { type: "latency", seconds: 2 } }],
  ["Connection reset", "One call in five ends in a TCP reset", { on: "*", effect: { type: "reset" }, probability: 0.2 }],
  ["Proxy error page", "HTML where JSON should be, once", { on: "*", effect: { type: "html", status: 502 }, times: 1 }],
  ["Webhooks twice", "Every webhook comes a second time", { on: "webhook:*", effect: { type: "duplicate" } }],
  ["Out of order", "Webhooks overtake each other", { on: "webhook:*", effect: { type: "reorder" } }],
  ["Wrong signature", "The next webhook is signed wrongly", { on: "webhook:*", effect: { type: "badSignature" }, times: 1 }],
  ["Lost webhook", "The next delivery receipt never goes out", { on: "webhook:message.delivered", effect: { type: "drop" }, times: 1 }],
];

const said = (effect) => Object.entries(effect).filter(([name]) => name !== "type").map(([name, value]) => `${words(name)} ${value}`).join(", ");

export default function view(app) {
  const rules = new Records(app.path("/faults"), { most: 200 });
  let targets = new Map();
  let effects = { call: {}, webhook: {} };
  const list = h("div", { class: "cards" });
  const none = empty("Nothing goes wrong", "Pick a failure above, or make one of your own, and watch how your app takes it.");
  const clear = button("Switch all off", async () => {
    if (await sure("Remove every rule?", "Webhooks that a rule holds back go out.", "Remove all")) {
      await attempt(() => del(app.path("/faults")), { done: "Nothing goes wrong any more" });
      await again();
    }
  }, { kind: "danger small" });
  const presets = h("div", { class: "presets" }, PRESETS.map(([name, text, body]) =>
    h("button", { type: "button", class: "preset", onclick: (event) => order({ ...body, label: name }, event.currentTarget) }, h("b", {}, name), h("span", {}, text))));
  const on = h("select", { onchange: offer });
  const effect = h("select", { onchange: settings });
  const what = h("p", { class: "muted", "aria-live": "polite" });
  const extra = h("div", { class: "grid" });
  const match = h("select", { onchange: values });
  const pattern = h("span", { class: "pattern" });
  const numbers = { times: number(1, "without end"), after: number(0, "0"), probability: h("input", { type: "number", min: 0, max: 1, step: "any", placeholder: "1, always" }), forSeconds: number(0.001, "for ever") };
  const label = h("input", { maxlength: 100, autocomplete: "off", placeholder: "A name to find it by" });
  const form = h("form", { class: "stack", onsubmit: (event) => { event.preventDefault(); order(body(), form.querySelector("button")); } },
    h("div", { class: "grid" }, field("When", on), field("Goes wrong by", effect)), what, extra,
    h("div", { class: "grid" }, field("Only if", match), field("is", pattern)),
    h("div", { class: "grid four" }, field("How often", numbers.times), field("Let through first", numbers.after), field("Probability", numbers.probability), field("For seconds", numbers.forSeconds)),
    h("div", { class: "grid" }, field("Label", label)), h("div", { class: "row end" }, h("button", { class: "button primary" }, "Order this failure")));
  const element = h("div", { class: "page" },
    h("section", { "aria-labelledby": "ready" }, h("div", {}, h("h2", { id: "ready" }, "Ready-made"), h("p", { class: "muted" }, "One click, and it happens to your app from then on.")), presets),
    h("section", { "aria-labelledby": "rules" }, h("div", { class: "row" }, h("h2", { id: "rules", class: "grow" }, "In force"), clear), none, list),
    h("section", { class: "card", "aria-labelledby": "own" }, h("h2", { id: "own" }, "One of your own"), form));

  function number(min, placeholder) {
    return h("input", { type: "number", min, step: min === 0.001 ? "any" : 1, placeholder });
  }

  async function load() {
    const [words_, spec] = await Promise.all([get("/_mock/fault-targets"), get("/_mock/control-openapi.json"), rules.load(100)]);
    targets = new Map(words_.items.map((one) => [one.on, one.effects]));
    const { RequestEffect, WebhookEffect } = spec.components.schemas;
    effects = { call: byName(RequestEffect), webhook: byName(WebhookEffect) };
    const groups = [["Calls", (name) => !name.startsWith("webhook:")], ["Webhooks", (name) => name.startsWith("webhook:")]];
    fill(on, groups.map(([title, fits]) => h("optgroup", { label: title }, [...targets.keys()].filter(fits).sort((a, b) => b.endsWith("*") - a.endsWith("*")).map((name) =>
      h("option", { value: name }, name === "*" ? "any call" : name === "webhook:*" ? "any webhook" : name.replace("webhook:", ""))))));
    on.value = "sendMessage";
    offer();
  }

  const byName = (schema) => Object.fromEntries(schema.oneOf.map((one) => [one.title, one]));
  const schemaOf = () => (on.value.startsWith("webhook:") ? effects.webhook : effects.call)[effect.value];

  function offer() {
    const before = effect.value;
    const names = Object.keys(targets.get(on.value) ?? {});
    fill(effect, names.map((name) => h("option", { value: name }, upper(words(name)))));
    effect.value = names.includes(before) ? before : names[0];
    settings();
  }

  function settings() {
    const schema = schemaOf();
    what.textContent = schema?.description ?? "";
    const own = Object.entries(schema?.properties ?? {}).filter(([name]) => name !== "type");
    fill(extra, own.map(([name, one]) => {
      const needed = schema.required.includes(name);
      const control = one.enum ? choose(needed ? one.enum : [["", "usual"], ...one.enum], "", { data: { name, type: "number" } })
        : h("input", { type: one.type === "string" ? "text" : "number", min: one.minimum, max: one.maximum, step: one.type === "number" ? "any" : null, required: needed, data: { name, type: one.type },
          value: needed ? { seconds: 2, status: 503, code: 131026 }[name] ?? "" : "" });
      return field(upper(words(name)), control, one.description);
    }));
    const fields = targets.get(on.value)?.[effect.value] ?? {};
    fill(match, h("option", { value: "" }, "always"), Object.keys(fields).map((name) => h("option", { value: name }, name)));
    values();
  }

  function values() {
    const known = targets.get(on.value)?.[effect.value]?.[match.value] ?? null;
    const control = known ? choose(known, known[0]) : h("input", { autocomplete: "off", placeholder: match.value ? "a value; * and ? stand for anything" : "", disabled: !match.value, required: Boolean(match.value) });
    control.setAttribute("aria-label", "Value to match");
    fill(pattern, control);
  }

  function body() {
    const ordered = { type: effect.value };
    for (const control of extra.querySelectorAll("input,select")) {
      if (control.value !== "") ordered[control.dataset.name] = control.dataset.type === "string" ? control.value : Number(control.value);
    }
    const sent = { on: on.value, effect: ordered };
    if (match.value) sent.match = { [match.value]: pattern.firstChild.value };
    for (const [name, control] of Object.entries(numbers)) if (control.value !== "") sent[name] = Number(control.value);
    if (label.value.trim()) sent.label = label.value.trim();
    return sent;
  }

  async function order(wanted, self) {
    const rule = await attempt(() => post(app.path("/faults"), wanted), { button: self, done: "In force from now on" });
    if (rule) rules.hear(rule);
    app.changed();
  }

  async function again() {
    rules.byId.clear();
    await rules.load(100);
    app.changed();
  }

  function hear(kind, data) {
    if (kind === "fault") rules.hear(data);
  }

  function card(rule) {
    const spent = rule.times !== null && rule.hits >= rule.times;
    const terms = [rule.after && `after ${rule.after}`, rule.times !== null && plural(rule.times, "time"), rule.probability < 1 && `${Math.round(rule.probability * 1000) / 10} % of them`, rule.forSeconds && `for ${rule.forSeconds} s`,
      ...Object.entries(rule.match).map(([name, value]) => `${name} is ${value}`)].filter(Boolean);
    return h("article", { class: `card rule ${spent || !rule.active ? "spent" : ""}` },
      h("header", { class: "row" }, h("h3", { class: "grow" }, rule.label ?? upper(words(rule.effect.type))), toggle(rule.active ? "On" : "Off", rule.active, () => attempt(async () => rules.hear(await patch(app.path(`/faults/${rule.id}`), { active: !rule.active }))).then(() => app.changed()), `Rule ${rule.label ?? rule.on}`)),
      h("p", {}, h("code", {}, rule.on), " → ", h("b", {}, words(rule.effect.type)), said(rule.effect) && ` (${said(rule.effect)})`),
      h("p", { class: "muted" }, terms.join(" · ") || "every time"),
      h("div", { class: "row" }, h("span", { class: "counter" }, h("b", {}, count(rule.hits)), " struck of ", h("b", {}, count(rule.seen)), " seen", spent && " · spent"), h("span", { class: "grow" }),
        button("Remove", (self) => attempt(async () => { await del(app.path(`/faults/${rule.id}`)); rules.hear({ id: rule.id, deleted: true }); app.changed(); }, { button: self }), { kind: "small" })));
  }

  function draw() {
    keyed(list, rules.newest, (one) => one.id, card);
    none.hidden = !rules.loaded || rules.byId.size > 0;
    clear.hidden = rules.byId.size === 0;
  }

  return { element, load, hear, draw };
}
