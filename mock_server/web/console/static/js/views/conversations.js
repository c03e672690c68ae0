// A phone per contact. The list holds the newest conversations, the phone the newest messages of one person.

import { get, post } from "../api.js";
import { fill, h, icon, keyed, say } from "../dom.js";
import { initials, short, span } from "../format.js";
import { Records } from "../records.js";
import { ask, attempt, button, empty, field, iconButton, more, tabs } from "../ui.js";
import { phone } from "./phone.js";
import { visitor, visitors } from "./visitors.js";

const SHADES = 6;

export function avatar(contact) {
  const shade = [...contact.phone].reduce((sum, one) => sum + one.charCodeAt(0), 0) % SHADES;
  return h("span", { class: `avatar shade-${shade}`, "aria-hidden": "true" }, initials(contact.name, contact.phone));
}

export default function view(app) {
  const chats = new Records(app.path("/conversations"), { most: 150 });
  const contacts = new Map();
  const last = new Map();
  const templates = new Map();
  const asked = new Set();
  let open = null;
  let wanted = "";
  let sorted = null;
  let onWeb = null;
  const web = visitors(app);

  const search = h("input", { type: "search", placeholder: "Name or number", "aria-label": "Find a contact", oninput: () => { wanted = search.value.toLowerCase(); draw(); } });
  const list = h("ul", { class: "rows people" });
  const older = more(chats, () => app.changed());
  const nobody = empty("Nobody has written yet", "Send a message from your app, or be the first contact who writes.",
    button("New contact", () => begin(), { kind: "primary", name: "plus" }));
  const room = h("section", { class: "pane detail", "aria-label": "Conversation" });
  const left = h("section", { class: "pane list", "aria-label": "Contacts" },
    h("div", { class: "bar" }, h("div", { class: "search" }, icon("search"), search), iconButton("New contact", "plus", () => begin(), "primary")), list, nobody, older.node);
  const kinds = h("div", { class: "kinds", hidden: true });
  const webLeft = h("section", { class: "pane list", "aria-label": "Visitors of the web chat", hidden: true }, web.parts);
  const split = h("div", { class: "split" }, left, webLeft, room);
  const element = h("div", { class: "fill" }, kinds, split);

  async function load() {
    const [, , people, messages, known] = await Promise.all([
      chats.load(100), web.load(), get(app.path("/contacts?limit=100")), get(app.path("/messages?limit=100")), get(app.path("/templates?limit=100"))]);
    for (const one of people.items) contacts.set(one.id, one);
    for (const one of known.items) templates.set(one.id, one);
    for (const one of messages.items) if (!last.has(one.contactId)) last.set(one.contactId, one);
  }

  /** WhatsApp or, once somebody has written there, the web chat. */
  function turn(there) {
    if (onWeb === there) return;
    onWeb = there;
    left.hidden = there;
    webLeft.hidden = !there;
    fill(kinds, tabs("Conversations", [[app.at("conversations"), "WhatsApp"], [app.at("conversations", "web"), "Web chat"]], there ? "Web chat" : "WhatsApp"));
  }

  async function showVisitor(id) {
    open = visitor(app, id);
    fill(room, open.element);
    await open.load();
  }

  async function show([first, second]) {
    const there = first === "web";
    const id = there ? second : first;
    turn(there);
    if (open?.id === id && id) return;
    open?.close();
    open = null;
    split.classList.toggle("on-detail", Boolean(id));
    if (there && id) {
      await showVisitor(id);
      return;
    }
    if (!id) {
      fill(room, empty("Choose a conversation", "What your app sends appears here as the contact sees it, with ticks that move."));
      return;
    }
    const contact = contacts.get(id) ?? await get(app.path(`/contacts/${encodeURIComponent(id)}`));
    contacts.set(id, contact);
    open = phone(app, contact, { templates, chat: () => people().find((one) => one.contactId === id) });
    fill(room, open.element);
    await open.load();
  }

  function hear(kind, data) {
    if (kind === "conversation") { chats.hear(data); sorted = null; }
    if (kind === "contact") { contacts.set(data.id, data); open?.known(data); }
    if (kind === "webMessage") { web.hear(data); open?.said?.(data); }
    if (kind === "template") templates.set(data.id, data);
    if (kind === "message") {
      const before = last.get(data.contactId);
      if (!before || before.id <= data.id) last.set(data.contactId, data);
      open?.hear(data);
    }
  }

  /** One row a person, by what was said last: their newest conversation counts. */
  function people() {
    if (sorted?.from === chats.newest) return sorted.rows;
    const found = new Map();
    for (const chat of chats.newest) {
      const best = found.get(chat.contactId);
      if (!best || (chat.windowExpiresAt ?? "") > (best.windowExpiresAt ?? "")) found.set(chat.contactId, chat);
    }
    const rows = [...found.values()].sort((a, b) => ((a.lastMessageAt ?? a.createdAt) < (b.lastMessageAt ?? b.createdAt) ? 1 : -1));
    sorted = { from: chats.newest, rows };
    return rows;
  }

  function fits(chat) {
    if (!wanted) return true;
    const who = contacts.get(chat.contactId);
    return who ? `${who.name ?? ""} ${who.phone}`.toLowerCase().includes(wanted) : false;
  }

  async function meet(id) {
    if (asked.has(id)) return;
    asked.add(id);
    try {
      contacts.set(id, await get(app.path(`/contacts/${id}`)));
      app.changed();
    } catch {
      asked.delete(id);
    }
  }

  function draw() {
    const rows = people().filter(fits).slice(0, 100).map((chat) => {
      const who = contacts.get(chat.contactId);
      if (!who) meet(chat.contactId);
      return { chat, who, said: last.get(chat.contactId) };
    });
    keyed(list, rows.map(fresh), (row) => row.chat.contactId, make);
    nobody.hidden = !chats.loaded || chats.byId.size > 0;
    older.update();
    kinds.hidden = !onWeb && !web.any();
    web.draw();
    for (const link of (onWeb ? web.list : list).querySelectorAll("a")) {
      if (link.dataset.contact === open?.id) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    open?.draw();
    tick();
  }

  const cache = new Map();

  /** The same object as last time if nothing in it changed, so that its row is left alone. */
  function fresh(row) {
    const before = cache.get(row.chat.contactId);
    if (before && before.chat === row.chat && before.who === row.who && before.said === row.said) return before;
    cache.set(row.chat.contactId, row);
    return row;
  }

  function make({ chat, who, said }) {
    const at = chat.lastMessageAt ?? chat.createdAt;
    const said_ = said ? `${said.direction === "OUTBOUND" ? "→ " : ""}${said.text ?? said.type}` : "";
    return h("li", {}, h("a", { class: "row-link", href: app.at("conversations", chat.contactId), data: { contact: chat.contactId } },
      who ? avatar(who) : h("span", { class: "avatar" }),
      h("span", { class: "grow" }, h("span", { class: "line-1" }, h("b", {}, who?.name ?? who?.phone ?? "…"), h("time", {}, short(at, app.clock.now()))),
        h("span", { class: "line-2" }, h("span", { class: "clip" }, said_), who?.isOptedOut ? h("span", { class: "pill bad" }, "opted out")
          : h("span", { class: "window", data: { until: chat.windowExpiresAt ?? "" } })))));
  }

  function tick() {
    const now = app.clock.now();
    for (const node of list.querySelectorAll(".window")) {
      const left = node.dataset.until ? Date.parse(node.dataset.until) - now : 0;
      say(node, left > 0 ? span(left).split(" ").slice(0, 2).join(" ") : "");
      node.title = left > 0 ? "The 24-hour window is open for this long" : "";
    }
    open?.tick();
  }

  async function begin() {
    const number = h("input", { type: "tel", required: true, placeholder: "+1 555 123 4567", autocomplete: "off" });
    const name = h("input", { autocomplete: "off", maxlength: 200, placeholder: "Ada Lovelace" });
    const text = h("input", { required: true, value: "Hello!", maxlength: 4096 });
    const body = await ask("A new contact writes", [
      field("Phone number", number), field("Name on WhatsApp", name, "May be left empty"), field("First message", text)],
    { yes: "Write", read: () => ({ from: number.value, text: text.value, ...(name.value.trim() ? { profileName: name.value.trim() } : {}) }) });
    if (!body) return;
    const message = await attempt(() => post(app.path("/inbound"), body));
    if (message) app.go("conversations", message.contactId);
  }

  return { element, load, show, hear, draw, tick, close: () => open?.close() };
}
