// One message as WhatsApp shows it.

import { h, icon, s } from "./dom.js";
import { exact, time, upper, full, words } from "./format.js";

const TICKS = {
  PENDING: ["M8 2.500a5 5 0 1 0 0 10 5 5 0 0 0 0-10zM8 5v2.700l1.700 1", "accepted, waiting"],
  SENT: ["M3 8l3.200 3.200L12.500 4.500", "sent"],
  DELIVERED: ["M1.500 8l3.200 3.200L11 4.500M7.500 11.200 14.500 4.500", "delivered"],
  READ: ["M1.500 8l3.200 3.200L11 4.500M7.500 11.200 14.500 4.500", "read"],
  FAILED: ["M8 2.500a5.500 5.500 0 1 0 0 11 5.500 5.500 0 0 0 0-11zM8 5v3.500M8 10.800v.2", "failed"],
};

function ticks(message) {
  const [path, word] = TICKS[message.status] ?? TICKS.PENDING;
  const title = message.statuses.map((one) => `${words(one.status)} ${exact(one.at)}`).join("\n");
  return h("span", { class: `ticks ${message.status.toLowerCase()}`, role: "img", "aria-label": word, title },
    s("svg", { viewBox: "0 0 16 15", "aria-hidden": "true" }, s("path", { d: path })));
}

/** `quoted` is the message that this one answers, `template` what it was made from, if they are known. */
export function bubble(message, { quoted = null, template = null, force = null } = {}) {
  const ours = message.direction === "OUTBOUND";
  const error = message.error;
  return h("li", { class: `message ${ours ? "ours" : "theirs"} ${message.status === "FAILED" ? "failed" : ""}`, data: { id: message.id, status: message.status } },
    h("div", { class: "bubble", title: full(message.createdAt) },
      message.replyTo && h("blockquote", { class: "quote" }, quoted ? quoted.text ?? upper(quoted.type) : "A message before this one"),
      template ? ofTemplate(message, template) : body(message),
      h("div", { class: "meta" }, message.jobId && h("span", { class: "tag" }, "campaign"), h("time", { datetime: message.createdAt }, time(message.createdAt)), ours && ticks(message)),
      message.reactions.length > 0 && h("div", { class: "reactions" }, message.reactions.map((one) => h("span", {}, one.emoji)))),
    template && buttonsOf(template),
    error && h("p", { class: "reason" }, h("b", {}, `Failed: ${error.title}`), ` (${error.code})`, error.details && error.details !== error.title && h("span", {}, ` ${error.details}`)),
    force && force(message));
}

const part = (template, type) => template.components.find((one) => one.type === type);

function ofTemplate(message, template) {
  const header = part(template, "HEADER");
  const footer = part(template, "FOOTER");
  return [
    header && (header.format === "TEXT" ? h("p", { class: "header" }, header.text) : placeholder(header.format.toLowerCase(), `${upper(words(header.format))} header`)),
    h("p", { class: "text" }, message.text),
    footer && h("p", { class: "footer" }, footer.text),
  ];
}

const SIGNS = { URL: "link", PHONE_NUMBER: "phone", COPY_CODE: "copy" };

function buttonsOf(template) {
  const buttons = part(template, "BUTTONS")?.buttons ?? [];
  return buttons.length > 0 && h("ul", { class: "offered", "aria-label": "Buttons of this template" },
    buttons.map((one) => h("li", {}, icon(SIGNS[one.type] ?? "reply"), one.text ?? upper(words(one.type)))));
}

/** What a message offers to tap on. */
export function choices(message, template) {
  const buttons = template ? part(template, "BUTTONS")?.buttons ?? [] : [];
  return buttons.filter((one) => one.type === "QUICK_REPLY").map((one) => one.text);
}

export function placeholder(kind, title, note = null) {
  const known = { image: "image", video: "video", audio: "audio", document: "document", sticker: "sticker", location: "pin", contacts: "person" };
  return h("div", { class: `placeholder ${kind}` }, icon(known[kind] ?? "document"), h("div", {}, h("b", {}, title), note && h("small", {}, note)));
}

function body(message) {
  const { type, payload, text } = message;
  if (type === "text" || type === "template" || type === "button") {
    return [type === "button" && h("p", { class: "tapped" }, icon("reply"), "tapped"), h("p", { class: "text" }, text)];
  }
  if (type === "location") {
    return placeholder("location", payload.name ?? "Location", [payload.address, `${payload.latitude}, ${payload.longitude}`].filter(Boolean).join(" · "));
  }
  if (type === "contacts") return placeholder("contacts", names(payload), "Contact card");
  if (type === "reaction") return h("p", { class: "text big" }, text || "took a reaction back");
  if (type === "interactive") return [h("p", { class: "tapped" }, icon("reply"), words(payload?.type ?? type)), h("p", { class: "text" }, text ?? upper(type))];
  return [placeholder(type, payload?.filename ?? upper(type), payload?.url), text && h("p", { class: "text" }, text)];
}

function names(payload) {
  const shown = (payload.contacts ?? []).map((one) => one?.name?.formatted_name ?? one?.name ?? "Somebody");
  return shown.map(String).join(", ");
}
