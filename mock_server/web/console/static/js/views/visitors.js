// The chat window of web pages: visitors without a number. A list of them, and one conversation, told from both sides.

import { post } from "../api.js";
import { h, icon, keyed } from "../dom.js";
import { full, short, time, upper } from "../format.js";
import { placeholder } from "../bubble.js";
import { Records } from "../records.js";
import { attempt, choose, empty, more } from "../ui.js";

const SPEAKERS = { user: "Visitor", human: "Agent", bot: "AI" };

const face = () => h("span", { class: "avatar", "aria-hidden": "true" }, icon("person"));

export function visitors(app) {
  const said = new Records(app.path("/web-messages"), { most: 400 });
  const list = h("ul", { class: "rows people", "aria-label": "Visitors" });
  const older = more(said, () => app.changed());
  const none = empty("No visitor yet", "People in the chat window of your web page appear here once they write. FlowIQ tells your app about them.");
  let drawn = -1;

  /** One row a visitor, by their newest message. */
  function rows() {
    const found = new Map();
    for (const one of said.newest) if (!found.has(one.visitorId)) found.set(one.visitorId, one);
    return [...found.values()].slice(0, 100);
  }

  function row(one) {
    return h("li", {}, h("a", { class: "row-link", href: app.at("conversations", "web", one.visitorId), data: { contact: one.visitorId } }, face(),
      h("span", { class: "grow" }, h("span", { class: "line-1" }, h("b", {}, one.visitorId), h("time", {}, short(one.createdAt, app.clock.now()))),
        h("span", { class: "line-2" }, h("span", { class: "clip" }, one.speaker === "user" ? "" : "→ ", one.text || upper(one.mediaType ?? ""))))));
  }

  function draw() {
    if (!said.loaded || drawn === said.version) return;
    drawn = said.version;
    keyed(list, rows(), (one) => one.visitorId, row);
    none.hidden = said.byId.size > 0;
    older.update();
  }

  return { parts: [list, none, older.node], list, load: () => said.load(100), any: () => said.byId.size > 0, hear: (one) => said.hear(one), draw };
}

export function visitor(app, id) {
  const said = new Records(app.path("/web-messages"), { most: 200, filters: { visitorId: id }, fits: (one) => one.visitorId === id });
  const thread = h("ol", { class: "thread", "aria-label": "Messages" });
  const older = more(said, () => app.changed());
  const room = h("div", { class: "screen", tabindex: "0", role: "log", "aria-label": "Chat", "aria-live": "polite" }, older.node, thread);
  const who = choose(Object.entries(SPEAKERS), "user", { "aria-label": "Write as" });
  const text = h("textarea", { rows: 1, maxlength: 4096, placeholder: "Write in the chat window", "aria-label": "Write in the chat window", onkeydown: keys });
  const composer = h("form", { class: "composer", onsubmit: (event) => { event.preventDefault(); write(); } }, who, text,
    h("button", { class: "icon-button primary", "aria-label": "Send" }, icon("send")));
  const element = h("div", { class: "phone" }, h("header", { class: "phone-top" },
    h("a", { class: "icon-button back", href: app.at("conversations", "web"), "aria-label": "Back to the visitors" }, icon("back")),
    h("div", { class: "who" }, face(), h("div", {}, h("h2", {}, id), h("small", {}, "in the chat window of a web page")))), room, composer);
  let drawn = -1;

  function keys(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); write(); }
  }

  async function write() {
    const words = text.value.trim();
    if (!words) return;
    text.value = "";
    const sent = await attempt(() => (who.value === "user" ? post(app.path("/inbound"), { platform: "web", visitorId: id, text: words })
      : post(app.path("/web-messages"), { visitorId: id, speaker: who.value, text: words })));
    if (!sent) text.value = words;
  }

  function bubble(one) {
    const ours = one.speaker !== "user";
    return h("li", { class: `message ${ours ? "ours" : "theirs"}`, data: { id: one.id } }, h("div", { class: "bubble", title: full(one.createdAt) },
      one.mediaUrl && placeholder(one.mediaType, one.mediaFileName ?? upper(one.mediaType), one.mediaUrl), one.text && h("p", { class: "text" }, one.text),
      h("div", { class: "meta" }, ours && h("span", { class: "tag" }, SPEAKERS[one.speaker]), h("time", { datetime: one.createdAt }, time(one.createdAt)))));
  }

  async function load() {
    await said.load(50);
    draw();
    room.scrollTop = room.scrollHeight;
  }

  function draw() {
    if (!said.loaded || drawn === said.version) return;
    drawn = said.version;
    const end = room.scrollHeight - room.scrollTop - room.clientHeight < 80;
    keyed(thread, [...said.newest].reverse(), (one) => one.id, bubble);
    older.update();
    if (end) room.scrollTop = room.scrollHeight;
  }

  return { id, element, load, draw, hear: () => {}, said: (one) => said.hear(one), known: () => {}, tick: () => {}, close: () => {} };
}
