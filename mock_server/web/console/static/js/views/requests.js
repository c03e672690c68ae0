// The journal: what the app called, what it got, and what befell it.

import { del, get } from "../api.js";
import { fill, h, icon, keyed } from "../dom.js";
import { exact, full } from "../format.js";
import { Records } from "../records.js";
import { attempt, button, choose, code, copier, empty, facts, more, pill, sure } from "../ui.js";

const MEANINGS = { 200: "OK", 201: "Created", 202: "Accepted", 204: "No content", 400: "Bad request", 401: "Unauthorized", 402: "Payment required", 403: "Forbidden", 404: "Not found", 405: "Method not allowed", 409: "Conflict", 413: "Too large", 415: "Not JSON", 422: "Unprocessable", 429: "Too many requests", 500: "Server error", 502: "Bad gateway", 503: "Service unavailable", 504: "Gateway timeout" };
const kindOf = (status) => (status === null ? "bad" : status < 300 ? "good" : status < 500 ? "wait" : "bad");

/** What a line of the list says of a call: why it was refused, else what it was. */
function gist(one) {
  const refused = one.answer?.error;
  if (one.status >= 400 && refused) return typeof refused === "string" ? refused : refused.message ?? refused.code;
  return one.operationId ?? "no such operation";
}

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** The call as a line for a shell. The key itself is nowhere but in the app, so it is a variable here. */
export function curl(record) {
  const key = record.path.startsWith("/api/v1") ? "FLOWELLA_API_KEY" : "FLOWIQ_API_KEY";
  const parts = [`curl -s${record.method === "GET" ? "" : ` -X ${record.method}`} ${quoted(location.origin + record.path + (record.query ? `?${record.query}` : ""))}`, `-H "Authorization: Bearer $${key}"`];
  if (record.body !== null) parts.push("-H 'Content-Type: application/json'", `-d ${quoted(typeof record.body === "string" ? record.body : JSON.stringify(record.body))}`);
  return parts.join(" \\\n  ");
}

export default function view(app) {
  let journal = log({});
  let open = null;
  let keys = new Map();
  const search = h("input", { type: "search", placeholder: "Search", "aria-label": "Search calls", oninput: () => app.changed() });
  const outcome = choose([["", "All calls"], ["bad", "Failed only"], ["fault", "Struck by a fault"]], "", { "aria-label": "Which calls", onchange: () => app.changed() });
  const list = h("ul", { class: "rows", "aria-label": "Calls, newest first" });
  const room = h("section", { class: "pane detail", "aria-label": "Call" });
  const none = empty("No calls yet", "Point your app at this server: what it calls appears here the moment it is answered.");
  const older = more(journal, () => app.changed());
  const clear = button("Clear", async () => {
    if (await sure("Clear the journal?", "What was called so far is forgotten. Messages stay.", "Clear")) {
      await attempt(() => del(app.path("/requests")), { done: "Journal cleared" });
      app.go("api");
      app.restart();
    }
  }, { kind: "quiet" });
  const left = h("section", { class: "pane list", "aria-label": "Calls" }, h("div", { class: "bar wrap" }, h("div", { class: "search" }, icon("search"), search), outcome, clear), list, none, older.node);
  const element = h("div", { class: "split wide" }, left, room);

  function log(filters) {
    return new Records(app.path("/requests"), { most: 200, filters });
  }

  async function load() {
    const [, page] = await Promise.all([journal.load(50), get(app.path("/api-keys?limit=100"))]);
    keys = new Map(page.items.map((one) => [one.id, one]));
  }

  async function show([id]) {
    element.classList.toggle("on-detail", Boolean(id));
    open = id ?? null;
    const one = journal.byId.get(open);
    fill(room, one ? sheet(one) : empty("Choose a call", "Its body, its answer, the fault that struck it, and a line of curl to try it again."));
  }

  function sheet(one) {
    const key = keys.get(one.keyId);
    return h("article", { class: "sheet" },
      h("header", { class: "sheet-top" }, h("a", { class: "icon-button back", href: app.at("api"), "aria-label": "Back to the calls" }, icon("back")),
        h("div", { class: "grow" }, h("h2", { class: "break" }, one.method, " ", one.path), h("p", { class: "muted" }, one.operationId ?? "no such operation")),
        pill(one.status === null ? "no answer" : `${one.status} ${MEANINGS[one.status] ?? ""}`, kindOf(one.status)), copier(() => curl(one), "Copy as curl")),
      one.faults.length > 0 && h("p", { class: "struck" }, icon("fault"), "Struck by ", one.faults.map((fault) => [h("b", {}, fault.type), fault.label && ` “${fault.label}”`, fault.ruleId && [" · ", h("a", { href: app.at("faults") }, "its rule")], " "])),
      facts([["At", full(one.at)], ["Key", key ? `${key.label} (${key.prefix}…)` : one.keyId ?? "none, or a wrong one"], ["Query", one.query && h("code", {}, one.query)]]),
      h("section", {}, h("h3", {}, "What it called with"), content(one.body, "Body of the call", "No body.")),
      h("section", {}, h("h3", {}, "What it got"), content(one.answer, "Body of the answer", one.status === null ? "Nothing: a fault kept the answer back." : "No body.")),
      h("section", {}, h("h3", {}, "As curl"), code(curl(one), "The call as curl")));
  }

  function content(body, label, none) {
    if (body === null) return h("p", { class: "muted" }, none);
    return code(typeof body === "string" ? body : JSON.stringify(body, null, 2), label);
  }

  function hear(kind, data) {
    if (kind === "request") journal.hear(data);
  }

  function fits(one, text) {
    if (outcome.value === "bad" && one.status !== null && one.status < 400) return false;
    if (outcome.value === "fault" && !one.faults.length) return false;
    return !text || `${one.method} ${one.path}?${one.query} ${one.operationId} ${one.status} ${JSON.stringify(one.body)} ${JSON.stringify(one.answer)}`.toLowerCase().includes(text);
  }

  function draw() {
    const text = search.value.trim().toLowerCase();
    keyed(list, journal.newest.filter((one) => fits(one, text)).slice(0, 150), (one) => one.id, row);
    none.hidden = !journal.loaded || journal.byId.size > 0;
    older.update();
    for (const link of list.querySelectorAll("a")) {
      if (link.dataset.id === open) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }

  function row(one) {
    return h("li", {}, h("a", { class: "row-link", href: app.at("api", one.id), data: { id: one.id } },
      h("span", { class: `status ${kindOf(one.status)}` }, one.status ?? "—"),
      h("span", { class: "grow" }, h("span", { class: "line-1" }, h("b", { class: "clip" }, one.method, " ", one.path), h("time", { title: one.at }, exact(one.at).slice(0, 8))),
        h("span", { class: "line-2" }, h("span", { class: "clip" }, gist(one)), one.faults.map((fault) => h("span", { class: "tag warn" }, fault.label ?? fault.type))))));
  }

  return { element, load, show, hear, draw };
}
