// Deliveries as they happen, and the endpoints that they go to.

import { get } from "../api.js";
import { fill, h, icon, keyed } from "../dom.js";
import { exact, host, short } from "../format.js";
import { Records } from "../records.js";
import { choose, empty, more, tabs } from "../ui.js";
import { delivery as detail } from "./delivery.js";
import { endpoints } from "./endpoints.js";

const STATES = ["pending", "succeeded", "failed", "abandoned"];

export default function view(app) {
  const element = h("div", { class: "fill" });
  const hooks = new Records(app.path("/webhooks"), { most: 100 });
  let events = [];
  let deliveries = log({ event: "", status: "", webhookId: "" });
  let page = null;
  let shown = null;

  const search = h("input", { type: "search", placeholder: "Search bodies, ids, addresses", "aria-label": "Search deliveries", oninput: () => app.changed() });
  const event = choose([["", "Events"]], "", { "aria-label": "Event", onchange: refilter });
  const status = choose([["", "Outcomes"], ...STATES], "", { "aria-label": "Outcome", onchange: refilter });
  const endpoint = choose([["", "Endpoints"]], "", { "aria-label": "Endpoint", onchange: refilter });
  const list = h("ul", { class: "rows", "aria-label": "Deliveries, newest first" });
  const foot = h("p", { class: "note" });
  const room = h("section", { class: "pane detail", "aria-label": "Delivery" });
  let older = more(deliveries, () => app.changed());
  const left = h("section", { class: "pane list", "aria-label": "Deliveries" },
    h("div", { class: "bar wrap" }, h("div", { class: "search" }, icon("search"), search), event, status, endpoint), list, foot, older.node);
  const split = h("div", { class: "split wide" }, left, room);

  function log(filters) {
    return new Records(app.path("/deliveries"), { most: 200, filters,
      fits: (one) => Object.entries(filters).every(([name, value]) => !value || one[name] === value) });
  }

  async function refilter() {
    deliveries = log({ event: event.value, status: status.value, webhookId: endpoint.value });
    const fresh = more(deliveries, () => app.changed());
    older.node.replaceWith(fresh.node);
    older = fresh;
    await deliveries.load(50);
    app.changed();
  }

  async function load() {
    const spec = await get("/_mock/control-openapi.json");
    events = spec.components.schemas.EventName.enum;
    for (const name of events) event.append(h("option", { value: name }, name));
    await Promise.all([deliveries.load(50), hooks.load(100)]);
    for (const one of hooks.newest) endpoint.append(h("option", { value: one.id }, host(one.url)));
    page = { endpoints: endpoints(app, hooks, spec) };
  }

  async function show([id]) {
    const onEndpoints = id === "endpoints";
    const tab = onEndpoints ? "Endpoints" : "Deliveries";
    if (tab !== shown) { // else the list stays as it is, with its place
      shown = tab;
      fill(element, tabs("Webhooks", [[app.at("webhooks"), "Deliveries"], [app.at("webhooks", "endpoints"), "Endpoints"]], tab), onEndpoints ? page.endpoints.element : split);
    }
    split.classList.toggle("on-detail", Boolean(id) && !onEndpoints);
    page.open?.close();
    page.open = null;
    if (onEndpoints) return;
    if (!id) {
      fill(room, hooks.byId.size ? empty("Choose a delivery", "Every attempt is kept: headers, bytes, answer, and whether the signature holds.")
        : empty("No endpoint yet", "Add one, and every event is posted to it, signed.", h("a", { class: "button primary", href: app.at("webhooks", "endpoints") }, "Endpoints")));
      return;
    }
    const known = deliveries.byId.get(id) ?? await get(app.path(`/deliveries/${encodeURIComponent(id)}`));
    page.open = detail(app, known, (hook) => hooks.byId.get(hook));
    fill(room, page.open.element);
  }

  function hear(kind, data) {
    if (kind === "delivery") {
      deliveries.hear(data);
      page?.open?.hear(data);
    }
    if (kind === "webhook") {
      if (!hooks.byId.has(data.id) && !data.deleted) endpoint.append(h("option", { value: data.id }, host(data.url)));
      hooks.hear(data);
      page?.open?.stale();
    }
  }

  function matches(one, text) {
    return !text || `${one.id} ${one.eventId} ${one.event} ${one.url} ${one.attempts.at(-1)?.requestText ?? ""}`.toLowerCase().includes(text);
  }

  function draw() {
    if (!deliveries.loaded) return;
    const text = search.value.trim().toLowerCase();
    const found = deliveries.newest.filter((one) => matches(one, text));
    const shown = found.slice(0, Math.max(100, deliveries.most - 100));
    keyed(list, shown, (one) => one.id, row);
    foot.textContent = text ? `${found.length} of the newest ${deliveries.byId.size} match` : found.length ? "" : "Nothing here yet";
    foot.hidden = !foot.textContent;
    const current = page?.open?.id;
    for (const link of list.querySelectorAll("a")) {
      if (link.dataset.id === current) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    older.update();
    page?.endpoints.draw();
    page?.open?.draw();
  }

  function row(one) {
    const last = one.attempts.at(-1);
    const answer = last ? last.status ?? "no answer" : "on its way";
    return h("li", {}, h("a", { class: "row-link", href: app.at("webhooks", one.id), data: { id: one.id } },
      h("span", { class: `dot ${one.status}`, role: "img", "aria-label": one.status }),
      h("span", { class: "grow" },
        h("span", { class: "line-1" }, h("b", {}, one.event), h("time", { title: one.createdAt }, short(one.createdAt, app.clock.now()) === "" ? "" : exact(one.createdAt).slice(0, 8))),
        h("span", { class: "line-2" }, h("span", { class: "clip" }, host(one.url)),
          one.redeliveryOf && h("span", { class: "tag" }, "again"), one.faults.length > 0 && h("span", { class: "tag warn" }, one.faults[0].type),
          one.attempts.length > 1 && h("span", { class: "tag" }, `${one.attempts.length} attempts`), h("span", { class: "mono" }, answer)))));
  }

  return { element, load, show, hear, draw, tick: () => page?.open?.tick() };
}
