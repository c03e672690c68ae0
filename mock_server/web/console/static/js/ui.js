// The small things that every view is made of: toasts, dialogs, fields, tabs.

import { fill, h, icon, put } from "./dom.js";

let unique = 0;
export const uid = (name) => `${name}-${++unique}`;

/** Says something in passing. Errors stay longer. */
export function toast(text, kind = "good") {
  const note = h("div", { class: `toast ${kind}` }, icon(kind === "bad" ? "cross" : "check"), h("span", {}, text));
  const room = document.getElementById("toasts");
  while (room.children.length > 2) room.firstChild.remove();
  room.append(note);
  setTimeout(() => note.remove(), kind === "bad" ? 9000 : 3200);
}

/** Does something that may fail, and says so. The button, if any, waits meanwhile. */
export async function attempt(work, { button = null, done = null } = {}) {
  if (button) button.disabled = true;
  try {
    const result = await work();
    if (done) toast(typeof done === "function" ? done(result) : done);
    return result;
  } catch (error) {
    toast(error.message, "bad");
    return undefined;
  } finally {
    if (button) button.disabled = false;
  }
}

export function button(label, act, { kind = "", name = null, title = null } = {}) {
  const node = h("button", { type: "button", class: `button ${kind}`, title, onclick: () => act(node) }, name && icon(name), label && h("span", {}, label));
  return node;
}

export function iconButton(label, name, act, kind = "") {
  const node = h("button", { type: "button", class: `icon-button ${kind}`, "aria-label": label, title: label, onclick: () => act(node) }, icon(name));
  return node;
}

export const pill = (text, kind = "") => h("span", { class: `pill ${kind}` }, text);

/** A labelled control. `hint` is read out with it. */
export function field(label, control, hint = null) {
  const id = (control.id ||= uid("field"));
  if (hint) control.setAttribute("aria-describedby", `${id}-hint`);
  return h("div", { class: "field" }, h("label", { for: id }, label), control, hint && h("small", { id: `${id}-hint` }, hint));
}

export function choose(options, value = "", props = {}) {
  const node = h("select", props);
  for (const option of options) {
    const [code, label] = Array.isArray(option) ? option : [option, option];
    node.append(h("option", { value: code }, label));
  }
  node.value = value;
  return node;
}

/** `name` says what is switched where the label says only on or off. */
export function toggle(label, checked, act, name = null) {
  const box = h("input", { type: "checkbox", role: "switch", checked, "aria-label": name, onchange: () => act(box.checked, box) });
  return h("label", { class: "switch" }, box, h("span", { class: "track", "aria-hidden": "true" }), h("span", {}, label));
}

/** A modal form. Resolves to `read()` once it is sent, to null if it is closed. */
export function ask(title, parts, { yes = "Save", danger = false, read = () => true, closable = true } = {}) {
  return new Promise((resolve) => {
    const heading = uid("dialog");
    const form = h("form", { method: "dialog" }, h("h2", { id: heading }, title), h("div", { class: "stack" }, parts));
    const box = h("dialog", { "aria-labelledby": heading, class: "dialog" }, form);
    const end = (value) => { box.close(); box.remove(); resolve(value); };
    put(form, h("div", { class: "row end" }, closable && button("Cancel", () => end(null), { kind: "quiet" }),
      h("button", { class: `button ${danger ? "danger" : "primary"}` }, yes)));
    form.addEventListener("submit", (event) => { event.preventDefault(); end(read()); });
    box.addEventListener("cancel", (event) => { event.preventDefault(); if (closable) end(null); });
    document.body.append(box);
    box.showModal();
    form.querySelector("input,select,textarea")?.focus();
  });
}

export const sure = (title, text, yes) => ask(title, h("p", {}, text), { yes, danger: true });

/** Shows a secret, this once. */
export function reveal(title, secret, text) {
  const shown = h("input", { readonly: true, value: secret, class: "mono", "aria-label": title });
  return ask(title, [h("p", {}, text), h("div", { class: "row" }, shown, copier(() => secret))], { yes: "I have it" });
}

export function copier(text, label = "Copy") {
  return button(label, async () => {
    try {
      await navigator.clipboard.writeText(text());
      toast("Copied");
    } catch {
      toast("The browser does not let this page copy; select the text instead", "bad");
    }
  }, { kind: "quiet", name: "copy" });
}

export function empty(title, text, ...more) {
  return h("div", { class: "empty" }, h("h2", {}, title), h("p", {}, text), more);
}

/** Tabs are links, so each has an address. */
export function tabs(label, entries, current) {
  return h("nav", { class: "tabs", "aria-label": label }, entries.map(([href, name]) =>
    h("a", { href, "aria-current": name === current ? "page" : false }, name)));
}

export function facts(rows) {
  return h("dl", { class: "facts" }, rows.filter(([, value]) => value !== null && value !== undefined && value !== "").map(([name, value]) =>
    h("div", {}, h("dt", {}, name), h("dd", {}, value))));
}

export function code(text, label) {
  return h("pre", { class: "code", tabindex: "0", role: "region", "aria-label": label }, text);
}

/** More of a list. */
export function more(records, after) {
  const node = button("Show older", (self) => attempt(async () => { await records.older(); after(); }, { button: self }), { kind: "quiet wide" });
  node.hidden = true;
  return { node, update: () => { node.hidden = !records.cursor; } };
}

/** A view with a list on the left and one thing on the right; on a narrow screen one of them. */
export function split(label, list, detail) {
  return h("div", { class: "split" }, h("section", { class: "pane list", "aria-label": label }, list), detail);
}

export { fill };
