// Building the page out of nodes. Text only ever becomes a text node, so nothing that a message says can become markup.

const SVG = "http://www.w3.org/2000/svg";

/** An element. Props: `on…` are listeners, `class`, `data` an object, false and null are left out, the rest attributes. */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) set(node, name, value);
  return put(node, ...children);
}

export function set(node, name, value) {
  if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
  else if (name === "data") Object.assign(node.dataset, value);
  else if (name === "value" || name === "checked" || name === "indeterminate") node[name] = value;
  else if (value === false || value === null || value === undefined) node.removeAttribute(name);
  else node.setAttribute(name, value === true ? "" : String(value));
}

/** Appends nodes, texts and lists of them; skips null and false. */
export function put(node, ...children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return node;
}

/** Everything in the node anew. */
export function fill(node, ...children) {
  node.replaceChildren();
  return put(node, ...children);
}

/** Change a text only if it is another, so that a screen reader's place and a selection stay. */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
  return node;
}

/**
 * Children of `parent` for these items, in order, each made once: `make(item)` gives a node, `update(node, item)` is
 * called when the item is another object than last time.
 */
export function keyed(parent, items, key, make, update = null) {
  const old = parent.items ?? new Map();
  const now = new Map();
  const wanted = new Set(items.map(key));
  for (const [id, [node]] of old) if (!wanted.has(id)) node.remove(); // first, so that what stays need not move
  let place = parent.firstChild;
  for (const item of items) {
    const id = key(item);
    let [node, last] = old.get(id) ?? [null, null];
    if (!node) node = make(item);
    else if (last !== item && update) update(node, item);
    else if (last !== item) {
      const fresh = make(item);
      if (place === node) place = fresh;
      const focused = node.contains(document.activeElement);
      node.replaceWith(fresh);
      node = fresh;
      if (focused) (fresh.matches("a,button") ? fresh : fresh.querySelector("a,button"))?.focus();
    }
    now.set(id, [node, item]);
    if (place === node) place = node.nextSibling;
    else parent.insertBefore(node, place);
  }
  parent.items = now;
}

const PATHS = {
  chat: "M4 6.5A2.5 2.5 0 0 1 6.500 4h11A2.500 2.500 0 0 1 20 6.500v7a2.500 2.500 0 0 1-2.500 2.500H11l-4.300 3.600c-.3.200-.7 0-.7-.4V16A2.500 2.500 0 0 1 4 13.500z",
  hook: "M9.500 9.500 7 13.700M14.500 9.500 17 13.700M9 16.500h6M12 3.800a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM6 13.500a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM18 13.500a3 3 0 1 0 0 6 3 3 0 0 0 0-6z",
  api: "M8.500 7 4 12l4.500 5M15.500 7l4.500 5-4.500 5M13.500 5l-3 14",
  clock: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 8v4.300l2.800 1.700",
  fault: "M13 3.500 5.500 13.500H11l-.8 7 7.800-10.500h-5.500z",
  settings: "M4 7h9M17 7h3M4 12h3M11 12h9M4 17h7M15 17h5M15 5a2 2 0 1 0 0 4 2 2 0 0 0 0-4zM9 10a2 2 0 1 0 0 4 2 2 0 0 0 0-4zM13 15a2 2 0 1 0 0 4 2 2 0 0 0 0-4z",
  campaign: "M4 10v4h3l8 4V6l-8 4zM18 9.500a3.500 3.500 0 0 1 0 5M8 14.500l1 5h2.500l-1-4",
  plus: "M12 5v14M5 12h14", close: "M6 6l12 12M18 6 6 18", back: "M14 6l-6 6 6 6", search: "M11 5a6 6 0 1 0 0 12 6 6 0 0 0 0-12zM15.500 15.500 20 20",
  send: "M5 12h13M12.500 6.500 18 12l-5.500 5.500", replay: "M5 12a7 7 0 1 0 2.200-5.100M5 4v4h4", copy: "M9 9h10v10H9zM15 9V5H5v10h4",
  pin: "M12 20.500s6-5.600 6-10.200A6 6 0 0 0 6 10.300c0 4.600 6 10.200 6 10.200zM12 8.200a2 2 0 1 0 0 4 2 2 0 0 0 0-4z",
  image: "M4 5.500h16v13H4zM4 15.500l4.500-4 4 3.500 3-2.500 4.500 4M15.500 8.800a.7.7 0 1 0 0 1.400.7.7 0 0 0 0-1.400z",
  video: "M4 6.500h11v11H4zM15 10.500l5-2.500v8l-5-2.500", audio: "M5 10v4M8.500 7v10M12 9v6M15.500 5.500v13M19 10v4",
  document: "M7 3.500h7l4 4v13H7zM14 3.500v4h4M9.500 12h6M9.500 15.500h6", sticker: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM9 10v.5M15 10v.5M8.500 14a4 4 0 0 0 7 0",
  person: "M12 4.500a3.500 3.500 0 1 0 0 7 3.500 3.500 0 0 0 0-7zM5 19.500a7 7 0 0 1 14 0", stop: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM6.500 6.500l11 11",
  attach: "M18 11.500 11.800 17.700a3.800 3.800 0 0 1-5.400-5.400L13 5.700a2.500 2.500 0 0 1 3.600 3.600l-6.500 6.500a1.200 1.200 0 0 1-1.800-1.700l6-6",
  link: "M14 5h5v5M19 5l-8 8M17 14v5H5V7h5", reply: "M9 7 4.500 11.500 9 16M5 11.500h8a6 6 0 0 1 6 6", phone: "M6 4.500h3.500l1.500 4-2 1.500a10 10 0 0 0 5 5l1.500-2 4 1.500V18a2 2 0 0 1-2 2A14.500 14.500 0 0 1 4 6.500a2 2 0 0 1 2-2z",
  check: "M5 12.500l4.500 4.500L19 7.500", cross: "M7 7l10 10M17 7 7 17", lock: "M6.500 11h11v8.500h-11zM8.500 11V8a3.500 3.500 0 0 1 7 0v3",
};

/** A line icon; decoration, so hidden from screen readers. */
export function icon(name) {
  const root = s("svg", { viewBox: "0 0 24 24", class: `icon icon-${name}`, "aria-hidden": "true", focusable: "false" });
  root.append(s("path", { d: PATHS[name] }));
  return root;
}

/** An SVG element. */
export function s(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  return put(node, ...children);
}
