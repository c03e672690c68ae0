// The shell: where we are, what time it is, and which view is shown. Views are told of events and of each frame with news.

import { askWith, get, post } from "./api.js";
import { Clock } from "./clock.js";
import { fill, h, icon, say } from "./dom.js";
import { count, exact, span, day } from "./format.js";
import { listen } from "./stream.js";
import { ask, attempt, choose, field, toast } from "./ui.js";
import api from "./views/requests.js";
import campaigns from "./views/campaigns.js";
import conversations from "./views/conversations.js";
import faults from "./views/faults.js";
import settings from "./views/settings.js";
import time from "./views/time.js";
import webhooks from "./views/webhooks.js";

const VIEWS = {
  conversations: ["Conversations", "chat", conversations, "Chats"],
  webhooks: ["Webhooks", "hook", webhooks],
  api: ["API", "api", api],
  time: ["Time", "clock", time],
  faults: ["Faults", "fault", faults],
  campaigns: ["Campaigns", "campaign", campaigns],
  settings: ["Settings", "settings", settings],
};

const app = {
  org: null,
  clock: new Clock(),
  /** The control plane's path of this organization. */
  path: (rest = "") => `/_mock/orgs/${app.org}${rest}`,
  /** The address of a view here. */
  at: (...parts) => `#/${[app.org, ...parts].map(encodeURIComponent).join("/")}`,
  go: (...parts) => { location.hash = app.at(...parts); },
  /** The view has news: it draws once, in the next frame. */
  changed: () => soon(),
  restart: () => enter(app.org),
  version: document.body.dataset.version,
};

let view = null;
let name = null;
let hangUp = null;
let drawing = false;
let ready = null; // the view's first load
let place = []; // what it is to show
let arriving = null;

const parts = {
  main: h("main", { id: "main", tabindex: "-1" }),
  title: h("h1", {}),
  line: h("span", { class: "line", role: "status" }),
  orgs: choose([], "", { "aria-label": "Organization", onchange: () => { location.hash = `#/${parts.orgs.value}/${name}`; } }),
  clock: h("a", { class: "clock-chip" }),
  hands: h("span", { class: "hands" }),
  mood: h("span", { class: "mood" }),
  links: {},
};

const SHORTEST = 60; // milliseconds between two drawings, so that a storm of events leaves room for the person

let drawn = 0;
let pressed = false;

/** What is under a pressed finger stays until it is lifted: a link redrawn between down and up would never be clicked. */
function press() {
  const release = () => setTimeout(() => { if (pressed) { pressed = false; soon(); } }); // after the click itself
  addEventListener("pointerdown", (event) => { pressed = Boolean(event.target.closest?.("a,button")); }, { capture: true });
  for (const end of ["pointerup", "pointercancel", "dragend", "blur"]) addEventListener(end, release); // the window's own blur
}

function soon() {
  if (drawing || pressed) return;
  drawing = true;
  setTimeout(() => requestAnimationFrame(() => {
    drawing = false;
    if (pressed) return;
    view?.draw?.();
    tick();
    drawn = performance.now();
  }), Math.max(0, drawn + SHORTEST - performance.now()));
}

function shell() {
  const nav = h("nav", { class: "rail", "aria-label": "Console" },
    h("a", { class: "brand", href: "#/", "aria-label": "flowella-mock console" }, h("img", { src: "console/icon.svg", alt: "", width: 28, height: 28 }),
      h("span", {}, "flowella", h("b", {}, "mock"))),
    Object.entries(VIEWS).map(([key, [label, sign, , brief = label]]) =>
      (parts.links[key] = h("a", { class: "rail-link", "aria-label": label }, icon(sign), h("span", { class: "long" }, label), h("span", { class: "brief" }, brief)))),
    h("p", { class: "rail-foot" }, `Version ${app.version}. Nothing here reaches anybody.`));
  parts.clock.append(icon("clock"), parts.hands, parts.mood);
  fill(document.getElementById("app"), nav,
    h("div", { class: "body" }, h("header", { class: "top" }, parts.title, parts.line, h("div", { class: "grow" }), parts.clock, parts.orgs), parts.main));
  keys();
}

/** Numbers go to views, a slash to the search. */
function keys() {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input,textarea,select,dialog")) return;
    const wanted = Object.keys(VIEWS)[Number(event.key) - 1];
    if (wanted) app.go(wanted);
    if (event.key === "/") {
      const search = parts.main.querySelector("input[type=search]");
      if (search) { search.focus(); event.preventDefault(); }
    }
  });
}

function tick() {
  const now = new Date(app.clock.now()).toISOString();
  const reading = app.clock.reading;
  say(parts.hands, exact(now).slice(0, 8));
  say(parts.mood, `${day(now).replace(/,? \d{4}$/, "")} · ${app.clock.words()}`);
  const pending = reading?.pending ?? 0;
  const next = reading?.nextDueAt ? `, next in ${span(Date.parse(reading.nextDueAt) - app.clock.now())}` : "";
  parts.clock.title = `${count(pending)} waiting${next}`;
  parts.clock.classList.toggle("standing", app.clock.standing);
  view?.tick?.();
}

function state(word) {
  say(parts.line, word === "live" ? "Live" : "Connection lost, trying again");
  parts.line.classList.toggle("lost", word !== "live");
}

function hear(kind, data) {
  if (kind === "hello") {
    app.clock.read(data.clock);
  } else if (kind === "clock") {
    app.clock.read(data);
  } else if (kind === "gap" || kind === "org") {
    if (kind === "org") toast("The organization began again");
    open(route(), true);
  }
  view?.hear?.(kind, data);
  soon();
}

const route = () => location.hash.slice(2).split("/").filter(Boolean).map(decodeURIComponent);

async function follow() {
  const [org] = route();
  if (!org || !parts.orgs.querySelector(`option[value="${CSS.escape(org)}"]`)) await organizations(org);
  const known = [...parts.orgs.options].map((option) => option.value);
  const wanted = known.includes(org) ? org : known.find((id) => id === sessionStorage.getItem("flowella-mock-org")) ?? known.at(-1);
  if (wanted !== org || !VIEWS[route()[1]]) {
    location.replace(`#/${wanted}/${VIEWS[route()[1]] ? route()[1] : "conversations"}`);
    return;
  }
  if (wanted !== app.org) await enter(wanted);
  else await open(route());
}

/** The list of organizations, newest first; the default one is the oldest. */
async function organizations() {
  const page = await get("/_mock/orgs?limit=100");
  const current = parts.orgs.value;
  fill(parts.orgs, page.items.map((org) => h("option", { value: org.id }, org.name)));
  parts.orgs.value = current;
}
app.organizations = organizations;

async function enter(org) {
  hangUp?.();
  app.org = org;
  sessionStorage.setItem("flowella-mock-org", org);
  parts.orgs.value = org;
  for (const [key, link] of Object.entries(parts.links)) link.href = app.at(key);
  parts.clock.href = app.at("time");
  app.clock.read(await get(app.path("/clock")));
  hangUp = listen(org, hear, state);
  await open(route(), true);
}

async function open([, wanted, ...rest], anew = false) {
  const [label, , make] = VIEWS[wanted] ?? VIEWS.conversations;
  say(parts.title, label);
  document.title = `${label} · flowella-mock`;
  for (const [key, link] of Object.entries(parts.links)) {
    if (key === wanted) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (anew || wanted !== name || !view) {
    view?.close?.();
    name = wanted;
    const fresh = make(app);
    view = fresh;
    fill(parts.main, fresh.element);
    parts.main.className = `view-${wanted}`;
    ready = attempt(async () => { await fresh.load?.(); });
  }
  place = rest;
  arriving ??= arrive().finally(() => { arriving = null; });
  await arriving;
  soon();
}

/** One step at a time, and the last wish counts: nobody ends up where they wanted to be a moment ago. */
async function arrive() {
  for (let shown = null, here = null; shown !== place || here !== view;) {
    [shown, here] = [place, view];
    await ready;
    if (here === view && shown === place) await attempt(async () => { await here.show?.(shown); });
  }
}

askWith(async () => {
  const token = h("input", { type: "password", autocomplete: "off", required: true });
  await ask("This server wants its control token", [h("p", {}, "It was started with --control-token. The token stays in this tab."), field("Control token", token)],
    { yes: "Go on", closable: false });
  return token.value.trim();
});

/** A clock reading does not come with each task, so ask now and then while something waits. */
async function refresh() {
  if (document.hidden || !app.org) return;
  try {
    app.clock.read(await get(app.path("/clock")));
    soon();
  } catch {
    // The line says so already.
  }
}

shell();
press();
addEventListener("hashchange", () => attempt(follow));
setInterval(() => { if (!document.hidden) tick(); }, 250);
setInterval(refresh, 2000);
attempt(follow);
export { app, post };
