// The clock, what waits for it, and moving it.

import { get, post, putTo, query } from "../api.js";
import { h, keyed, say } from "../dom.js";
import { count, day, exact, plural, span, words } from "../format.js";
import { attempt, button, choose, field } from "../ui.js";

const MINUTE = 60;
const SHOWN = 100;
const REST = 1000; // milliseconds between two looks at what waits, however much happens
const KINDS = [["", "Everything"], ["journey", "Messages"], ["delivery", "Webhooks"], ["job", "Bulk sends"], ["unpause", "Pauses of templates"], ["verdict", "Feedback on templates"], ["letGo", "Held messages"]];

export default function view(app) {
  const hands = h("p", { class: "hands-big" });
  const date = h("p", { class: "muted" });
  const waiting = h("p", { class: "waiting" });
  const modes = ["real", "manual", "scaled"].map((mode) => h("button", { type: "button", class: "segment", onclick: () => change(mode) }, { real: "Real", manual: "Frozen", scaled: "Faster" }[mode]));
  const scale = h("input", { type: "number", min: 0.001, max: 1000000, step: "any", value: 60, "aria-label": "Times as fast", onchange: () => change("scaled") });
  const scaleField = field("Times as fast", scale);
  const seconds = h("input", { type: "number", min: 0, step: "any", value: 10, "aria-label": "Seconds" });
  const story = h("ol", { class: "story", "aria-label": "What the advances did", "aria-live": "polite" });
  const kind = choose(KINDS, "", { "aria-label": "What kind", onchange: () => attempt(survey) });
  const list = h("ol", { class: "agenda", "aria-label": "What waits, the next first" });
  const nothing = h("p", { class: "muted" }, "Nothing waits. A message on its way, a webhook to be tried again or a bulk send shows here with the moment at which it is due.");
  const further = h("p", { class: "muted" });
  const steps = [];
  let tasks = [];
  let asked = 0;

  const ahead = (label, body, kind = "") => {
    const node = button(label, (self) => advance(label, body(), self), { kind });
    return node;
  };
  const next = ahead("To the next event", () => ({ to: app.clock.reading.nextDueAt }), "primary");
  const idle = ahead("Until nothing waits", () => ({ until: "idle" }));
  const element = h("div", { class: "page time" }, h("div", { class: "two" },
    h("section", { class: "card clock-card", "aria-label": "Clock" }, hands, date, h("div", { class: "segments", role: "group", "aria-label": "How time passes" }, modes), scaleField),
    h("section", { class: "card", "aria-labelledby": "advance" }, h("h2", { id: "advance" }, "Advance"), waiting,
      h("div", { class: "row wrap" }, next, idle),
      h("div", { class: "row wrap" }, ahead("1 minute", () => ({ seconds: MINUTE })), ahead("1 hour", () => ({ seconds: 60 * MINUTE })), ahead("1 day", () => ({ seconds: 24 * 60 * MINUTE })),
        h("span", { class: "row" }, seconds, ahead("seconds", () => ({ seconds: Number(seconds.value) })))),
      h("p", { class: "muted" }, "Everything that falls due on the way is done, in order, before the clock stops."), story)),
    h("section", { class: "card", "aria-labelledby": "waits" }, h("div", { class: "row wrap" }, h("h2", { id: "waits", class: "grow" }, "What waits"), kind), list, nothing, further));

  /** What is due is told rounded up to the millisecond, the clock rounded down. */
  const untilDue = (at) => Date.parse(at) - 1 - app.clock.now();

  async function load() {
    await survey();
  }

  async function survey() {
    asked = performance.now();
    const page = await get(app.path(`/tasks${query({ limit: SHOWN, kind: kind.value })}`));
    tasks = page.items;
    further.hidden = !page.nextCursor;
    say(further, `The first ${SHOWN} of them.`);
    app.changed();
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
  let waking = null;

  function hear(what) {
    if (["clock", "job", "message", "delivery", "template"].includes(what)) stale = true;
  }

  /** Where one goes from a task: to the chat, the delivery, the campaigns, the templates. */
  async function follow(task) {
    if (task.kind === "journey") app.go("conversations", (await get(app.path(`/messages/${task.subject}`))).contactId);
    else if (task.kind === "delivery") app.go("webhooks", task.subject);
    else if (task.kind === "job") app.go("campaigns");
    else app.go("settings", "templates");
  }

  function row(task) {
    return h("li", { class: task.kind }, h("button", { type: "button", class: "due", onclick: () => attempt(() => follow(task)) },
      h("time", { class: "mono", datetime: task.dueAt, title: day(task.dueAt) }, exact(task.dueAt)), h("span", { class: "grow" }, task.what), h("span", { class: "left muted", data: { at: task.dueAt } })));
  }

  function draw() {
    const reading = app.clock.reading;
    modes.forEach((node, at) => node.setAttribute("aria-pressed", String(["real", "manual", "scaled"][at] === reading.mode)));
    scaleField.hidden = reading.mode !== "scaled";
    if (reading.scale && document.activeElement !== scale) scale.value = reading.scale;
    next.disabled = !reading.nextDueAt;
    idle.disabled = !reading.pending;
    keyed(story, steps, (one) => one.id, (one) => h("li", {}, h("b", {}, `+${span(one.took)}`), " ", one.text, h("time", {}, exact(one.at).slice(0, 8))));
    keyed(list, tasks, (one) => `${one.kind} ${one.subject} ${one.dueAt}`, row, () => {});
    nothing.hidden = tasks.length > 0;
    if (stale && performance.now() - asked > REST) {
      stale = false;
      survey().catch(() => {});
    } else if (stale) {
      waking ??= setTimeout(() => { waking = null; app.changed(); }, REST);
    }
    tick();
  }

  function tick() {
    const reading = app.clock.reading;
    const now = new Date(app.clock.now()).toISOString();
    say(hands, exact(now).slice(0, 8));
    say(date, `${day(now)} · ${app.clock.words()}`);
    const left = reading.nextDueAt ? untilDue(reading.nextDueAt) : null;
    for (const node of list.querySelectorAll(".left")) {
      const ahead = untilDue(node.dataset.at);
      say(node, ahead > 0 ? `in ${span(ahead)}` : "now");
    }
    say(waiting, reading.pending ? `${plural(reading.pending, "thing")} waiting${left === null ? "" : left > 0 ? `; the next is due in ${span(left)}` : "; the next is due now"}` : "Nothing is waiting");
  }

  return { element, load, hear, draw, tick };
}
