// One contact's chat, and what they can do: write, tap, share a place, send a picture, say STOP.

import { post } from "../api.js";
import { fill, h, icon, keyed, say } from "../dom.js";
import { day, span } from "../format.js";
import { Records } from "../records.js";
import { bubble, choices } from "../bubble.js";
import { ask, attempt, button, field, iconButton, more, pill } from "../ui.js";
import { avatar } from "./conversations.js";

export function phone(app, contact, { templates, chat }) {
  const messages = new Records(app.path("/messages"), { most: 120, filters: { contactId: contact.id }, fits: (one) => one.contactId === contact.id });
  const thread = h("ol", { class: "thread", "aria-label": "Messages" });
  const older = more(messages, () => app.changed());
  const room = h("div", { class: "screen", tabindex: "0", role: "log", "aria-label": "Chat", "aria-live": "polite" }, older.node, thread);
  const who = h("div", { class: "who" });
  const gate = h("div", { class: "gate" });
  const quick = h("div", { class: "quick", role: "group", "aria-label": "Quick replies" });
  const text = h("textarea", { rows: 1, maxlength: 4096, onkeydown: keys, oninput: grow });
  const composer = h("form", { class: "composer", onsubmit: (event) => { event.preventDefault(); write(); } },
    h("div", { class: "extras" },
      iconButton("Send a picture", "image", picture), iconButton("Share a location", "pin", place), iconButton("Say STOP", "stop", () => send({ text: "STOP" }))),
    text, h("button", { class: "icon-button primary", "aria-label": "Send" }, icon("send")));
  const element = h("div", { class: "phone" },
    h("header", { class: "phone-top" }, h("a", { class: "icon-button back", href: app.at("conversations"), "aria-label": "Back to the contacts" }, icon("back")), who, gate), room, quick, composer);
  let gone = false;
  let drawn = -1;
  let atEnd = true; // then it stays there, whatever comes or changes its size
  room.addEventListener("scroll", () => { atEnd = room.scrollHeight - room.scrollTop - room.clientHeight < 80; }, { passive: true });
  const sized = new ResizeObserver(() => { if (atEnd) room.scrollTop = room.scrollHeight; });
  sized.observe(room);
  known(contact);

  function known(fresh) {
    if (fresh.id !== contact.id) return;
    contact = fresh;
    const called = contact.name ?? contact.phone;
    fill(who, avatar(contact), h("div", {}, h("h2", {}, called), h("small", {}, contact.name ? contact.phone : "no name", contact.isOptedOut && pill("opted out", "bad"))));
    text.placeholder = `Write as ${called}`;
    text.setAttribute("aria-label", `Write as ${called}`);
  }

  function keys(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      write();
    }
  }

  function grow() {
    text.style.height = "auto";
    text.style.height = `${Math.min(text.scrollHeight, 140)}px`;
  }

  const send = (what) => attempt(() => post(app.path("/inbound"), { from: contact.phone, ...channel(), ...what }));
  const channel = () => { const id = chat()?.whatsappChannelId; return id ? { channelId: id } : {}; };

  async function write() {
    const said = text.value.trim();
    if (!said) return;
    text.value = "";
    grow();
    if (!await send({ text: said })) { text.value = said; grow(); }
  }

  async function picture() {
    const url = h("input", { type: "url", required: true, value: "https://example.com/kettle.jpg" });
    const caption = h("input", { maxlength: 1024 });
    const body = await ask("Send a picture", [field("Address of the picture", url, "It is not fetched"), field("Caption", caption)],
      { yes: "Send", read: () => ({ url: url.value, ...(caption.value ? { caption: caption.value } : {}) }) });
    if (body) await send({ type: "image", payload: body });
  }

  async function place() {
    const spot = ["Pier 4", "51.5079", "-0.0877"].map((value, at) => h("input", at ? { type: "number", step: "any", required: true, value } : { value, maxlength: 1000 }));
    const body = await ask("Share a location", [field("Name", spot[0]), field("Latitude", spot[1]), field("Longitude", spot[2])],
      { yes: "Share", read: () => ({ latitude: Number(spot[1].value), longitude: Number(spot[2].value), ...(spot[0].value ? { name: spot[0].value } : {}) }) });
    if (body) await send({ type: "location", payload: body });
  }

  async function load() {
    await messages.load(50);
    if (!gone) {
      draw();
      room.scrollTop = room.scrollHeight;
      older.node.classList.toggle("sticky", false);
    }
  }

  function hear(message) {
    if (message.contactId === contact.id) messages.hear(message);
  }

  function draw() {
    if (!messages.loaded || drawn === messages.version) return;
    drawn = messages.version;
    const end = atEnd;
    const lines = withDays([...messages.newest].reverse());
    const byWamid = new Map(messages.newest.map((one) => [one.metaMessageId, one]));
    keyed(thread, lines, (one) => one.id, (one) => (one.day ? h("li", { class: "day" }, h("span", {}, one.day)) : bubble(one, {
      quoted: byWamid.get(one.replyTo), template: templates.get(one.templateId), force })));
    offers();
    older.update();
    if (end) room.scrollTop = room.scrollHeight;
    tick();
  }

  const days = new Map();

  function withDays(list) {
    let before = "";
    return list.flatMap((one) => {
      const at = day(one.createdAt);
      if (at === before) return [one];
      before = at;
      if (!days.has(at)) days.set(at, { id: `day ${at}`, day: at });
      return [days.get(at), one];
    });
  }

  /** What the newest template offers to tap on. */
  function offers() {
    const newest = messages.newest.find((one) => one.templateId && templates.has(one.templateId));
    const texts = newest ? choices(newest, templates.get(newest.templateId)) : [];
    keyed(quick, texts.map((label) => ({ label, to: newest.metaMessageId, id: `${newest.id} ${label}` })), (one) => one.id,
      (one) => button(one.label, () => send({ type: "button", payload: { text: one.label, payload: one.label }, replyTo: one.to }), { kind: "small", name: "reply" }));
    quick.hidden = !texts.length;
  }

  /** The platform's side: what happens to a message that is still on its way. */
  function force(message) {
    const next = { PENDING: ["SENT", "FAILED"], SENT: ["DELIVERED", "FAILED"], DELIVERED: ["READ"] }[message.status];
    if (message.direction !== "OUTBOUND" || !next) return null;
    return h("div", { class: "force" }, next.map((status) => button(`mark ${status.toLowerCase()}`, () => attempt(() =>
      post(app.path(`/messages/${message.id}/status`), { status })), { kind: "link" })));
  }

  function tick() {
    const until = chat()?.windowExpiresAt;
    const left = until ? Date.parse(until) - app.clock.now() : 0;
    gate.classList.toggle("open", left > 0);
    say(gate, left > 0 ? `Window open, ${span(left)} left` : "Window closed: only templates arrive");
  }

  return { id: contact.id, element, load, hear, draw, tick, known, close: () => { gone = true; sized.disconnect(); } };
}
