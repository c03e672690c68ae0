// Templates and their review: what Meta would decide, decided here.

import { patch, post } from "../api.js";
import { h, icon, keyed } from "../dom.js";
import { words } from "../format.js";
import { placeholder } from "../bubble.js";
import { Records } from "../records.js";
import { ask, attempt, button, choose, field, more, pill } from "../ui.js";

const KINDS = { APPROVED: "good", PENDING: "wait", PAUSED: "wait", REJECTED: "bad", DISABLED: "bad" };
const DECISIONS = { PENDING: ["APPROVED", "REJECTED"], APPROVED: ["PAUSED", "DISABLED"], PAUSED: ["APPROVED", "DISABLED"], REJECTED: ["PENDING"], DISABLED: ["APPROVED"] };
const LABELS = { APPROVED: "Approve", REJECTED: "Reject", PAUSED: "Pause", DISABLED: "Disable", PENDING: "Back to review" };

export function templates(app, schemas) {
  const records = new Records(app.path("/templates"), { most: 200 });
  const list = h("div", { class: "cards templates" });
  const older = more(records, () => app.changed());
  const element = h("section", { "aria-label": "Templates" }, h("div", { class: "row" }, h("p", { class: "muted grow" }, "You are Meta here: each decision fires template.status_updated."), button("New template", add, { kind: "primary", name: "plus" })), list, older.node);

  async function add() {
    const name = h("input", { required: true, pattern: "[a-z0-9_]+", placeholder: "order_update", autocomplete: "off" });
    const category = choose(schemas.TemplateCategory.enum, "UTILITY");
    const text = h("textarea", { required: true, rows: 3, maxlength: 1024, placeholder: "Hi {{1}}, your order {{2}} is on its way." });
    const footer = h("input", { maxlength: 60 });
    const reply = h("input", { maxlength: 25 });
    const body = await ask("New template", [field("Name", name, "Small letters, digits, underscores"), field("Category", category), field("Text", text, "{{1}} stands for a value"), field("Footer", footer), field("Quick reply button", reply)],
      { yes: "Submit for review", read: () => ({ name: name.value, category: category.value, components: [{ type: "BODY", text: text.value }, ...(footer.value ? [{ type: "FOOTER", text: footer.value }] : []),
        ...(reply.value ? [{ type: "BUTTONS", buttons: [{ type: "QUICK_REPLY", text: reply.value }] }] : [])] }) });
    if (body) await change(() => post(app.path("/templates"), body), "Submitted for review");
  }

  async function decide(one, status) {
    let reason;
    if (status === "REJECTED" || status === "PAUSED") {
      const why = h("input", { maxlength: 200, value: status === "REJECTED" ? "INVALID_FORMAT" : "" });
      const said = await ask(`${LABELS[status]} ${one.name}`, [field("Reason", why, "May be left empty")], { yes: LABELS[status], read: () => why.value });
      if (said === null) return;
      reason = said;
    }
    await change(() => patch(app.path(`/templates/${one.id}`), { status, ...(reason ? { reason } : {}) }), `${one.name} is ${words(status)}`);
  }

  async function change(work, done) {
    const fresh = await attempt(work, { done });
    if (fresh) records.hear(fresh);
    app.changed();
  }

  function card(one) {
    const part = (type) => one.components.find((each) => each.type === type);
    const [header, body, footer, buttons] = ["HEADER", "BODY", "FOOTER", "BUTTONS"].map(part);
    const quality = choose(schemas.TemplateQuality.enum, one.quality, { "aria-label": `Quality of ${one.name}`, onchange: () => change(() => patch(app.path(`/templates/${one.id}`), { quality: quality.value }), "Quality set") });
    return h("article", { class: "card" }, h("header", { class: "row" }, h("div", { class: "grow" }, h("h3", { class: "break" }, one.name), h("p", { class: "muted" }, `${words(one.category)} · ${one.language}`)), pill(words(one.status), KINDS[one.status])),
      one.reason && h("p", { class: "reason" }, one.reason),
      h("div", { class: "preview" }, h("div", { class: "bubble" }, header && (header.format === "TEXT" ? h("p", { class: "header" }, header.text) : placeholder(header.format.toLowerCase(), `${words(header.format)} header`)),
        h("p", { class: "text" }, body?.text ?? ""), footer && h("p", { class: "footer" }, footer.text)), buttons && h("ul", { class: "offered" }, buttons.buttons.map((each) => h("li", {}, icon("reply"), each.text ?? words(each.type))))),
      h("div", { class: "row wrap" }, (DECISIONS[one.status] ?? []).map((status) => button(LABELS[status], () => decide(one, status), { kind: status === "APPROVED" ? "small primary" : "small" })), h("span", { class: "grow" }), h("label", { class: "inline" }, "Quality ", quality)));
  }

  return { element, load: () => records.load(50), hear: (kind, data) => kind === "template" && records.hear(data), draw: () => { keyed(list, records.newest, (one) => one.id, card); older.update(); } };
}
