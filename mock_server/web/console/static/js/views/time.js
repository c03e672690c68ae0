// The clock, what waits for it, and moving it.

import { get, post, putTo } from "../api.js";
import { fill, h, keyed, say } from "../dom.js";
import { count, day, exact, host, plural, span, words } from "../format.js";
import { attempt, button, field } from "../ui.js";

const MINUTE = 60;

export default function view(app) {
  const hands = h("p", { class: "hands-big" });
  const date = h("p", { class: "muted" });
  const waiting = h("p", { class: "waiting" });
  const modes = ["real", "manual", "scaled"].map((mode) => h("button", { type: "button", class: "segment", onclick: () => change(mode) }, { real: "Real", manual: "Frozen", scaled: "Faster" }[mode]));
  const scale = h("input", { type: "number", min: 0.001, max: 1000000, step: "any", value: 60, "aria-label": "Times as fast", onchange: () => change("scaled") });
  const scaleField = field("Times as fast", scale);
  const seconds = h("input", { type: "number", min: 0, step: "any", value: 10, "aria-label": "Seconds" });
  const story = h("ol", { class: "story", "aria-label": "What the advances did", "aria-live": "polite" });
  const list = h("ul", { class: "rows flat" });
  const nothing = h("p", { class: "muted" }, "Nothing waits.");
  const steps = [];
  let deliveries = [];
  let jobs = [];

  const ahead = (label, body, kind = "") => {
    const node = button(label, (self) => advance(label, body(), self), { kind });
    return node;
  };
  const next = ahead("To the next event", () => ({ to: app.clock.reading.nextDueAt }), "primary");
  const idle = ahead("Until nothing waits", () => ({ until: "idle" }));
  const element = h("div", { class: "page time" },
    h("section", { class: "card clock-card", "aria-label": "Clock" }, hands, date, h("div", { class: "segments", role: "group", "aria-label": "How time passes" }, modes), scaleField),
    h("section", { class: "card", "aria-labelledby": "advance" }, h("h2", { id: "advance" }, "Advance"), waiting,
      h("div", { class: "row wrap" }, next, idle),
      h("div", { class: "row wrap" }, ahead("1 minute", () => ({ seconds: MINUTE })), ahead("1 hour", () => ({ seconds: 60 * MINUTE })), ahead("1 day", () => ({ seconds: 24 * 60 * MINUTE })),
        h("span", { class: "row" }, seconds, ahead("seconds", () => ({ seconds: Number(seconds.value) })))),
      h("p", { class: "muted" }, "Everything that falls due on the way is done, in order, before the clock stops."), story),
    h("section", { class: "card", "aria-labelledby": "waits" }, h("h2", { id: "waits" }, "Webhooks and campaigns that wait"), list, nothing));

  async function load() {
    await survey();
  }

  async function survey() {
    const [hooks, pending, going] = await Promise.all([get(app.path("/deliveries?status=pending&limit=50")), get(app.path("/jobs?status=PENDING&limit=20")), get(app.path("/jobs?status=PROCESSING&limit=20"))]);
    deliveries = hooks.items;
    jobs = [...pending.items, ...going.items];
  }

  async function change(mode) {
    const body = mode === "scaled" ? { mode, scale: Number(scale.value) } : { mode };
    const reading = await attempt(() => putTo(app.path("/clock"), body));
    if (reading) app.clock.read(reading);
    app.changed();
  }

  async function advance(label, body, self) {
    const before = app.clock.now();
    const done = await attempt(() => post(app.path("/clock/advance"), body), { button: self });
    if (!done) return;
    const ran = Object.entries(done.ran);
    steps.unshift({ id: steps.length, label, at: done.now, took: Date.parse(done.now) - before, text: ran.length ? ran.map(([kind, number]) => `${count(number)} × ${words(kind)}`).join(", ") : "nothing fell due" });
    steps.length = Math.min(steps.length, 8);
    app.clock.read(await get(app.path("/clock")));
    await survey();
    app.changed();
  }

  let stale = false;

  function hear(kind, data) {
    if (kind === "clock" || kind === "job") stale = true;
    if (kind === "delivery") {
      deliveries = deliveries.filter((one) => one.id !== data.id);
      if (data.status === "pending") deliveries = [data, ...deliveries].slice(0, 50);
    }
  }

  function draw() {
    const reading = app.clock.reading;
    modes.forEach((node, at) => node.setAttribute("aria-pressed", String(["real", "manual", "scaled"][at] === reading.mode)));
    scaleField.hidden = reading.mode !== "scaled";
    if (reading.scale && document.activeElement !== scale) scale.value = reading.scale;
    next.disabled = !reading.nextDueAt;
    idle.disabled = !reading.pending;
    keyed(story, steps, (one) => one.id, (one) => h("li", {}, h("b", {}, `+${span(one.took)}`), " ", one.text, h("time", {}, exact(one.at).slice(0, 8))));
    const rows = [...jobs.map((one) => ({ id: one.id, when: one.scheduledFor, what: `Campaign, ${plural(one.pending, "recipient")} to go`, to: app.at("campaigns") })),
      ...deliveries.map((one) => ({ id: one.id, when: one.nextAttemptAt, what: `${one.event} to ${host(one.url)}`, to: app.at("webhooks", one.id) }))]
      .sort((a, b) => ((a.when ?? "") > (b.when ?? "") ? 1 : -1));
    fill(list, rows.slice(0, 30).map((one) => h("li", {}, h("a", { class: "row-link", href: one.to }, h("span", { class: "grow clip" }, one.what),
      h("time", { class: "mono" }, one.when ? exact(one.when).slice(0, 8) : "going")))));
    nothing.hidden = rows.length > 0;
    if (stale) {
      stale = false;
      survey().then(() => app.changed(), () => {});
    }
    tick();
  }

  function tick() {
    const reading = app.clock.reading;
    const now = new Date(app.clock.now()).toISOString();
    say(hands, exact(now).slice(0, 8));
    say(date, `${day(now)} · ${app.clock.words()}`);
    const left = reading.nextDueAt ? Date.parse(reading.nextDueAt) - app.clock.now() : null;
    say(waiting, reading.pending ? `${plural(reading.pending, "thing")} waiting${left === null ? "" : left > 0 ? `; the next is due in ${span(left)}` : "; the next is due now"}` : "Nothing is waiting");
  }

  return { element, load, hear, draw, tick };
}
