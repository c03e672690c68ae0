// Settings, one tab each: keys, channels, templates, the account with its limits, and organizations.

import { get } from "../api.js";
import { fill, h } from "../dom.js";
import { tabs } from "../ui.js";
import { account } from "./settings_account.js";
import { keys, channels } from "./settings_keys.js";
import { organizations } from "./settings_orgs.js";
import { templates } from "./settings_templates.js";

const TABS = { keys: ["API keys", keys], channels: ["Channels", channels], templates: ["Templates", templates], account: ["Account and limits", account], organizations: ["Organizations", organizations] };

export default function view(app) {
  const element = h("div", { class: "fill" });
  let part = null;
  let shown = null;
  let spec = null;

  async function show([wanted]) {
    const tab = TABS[wanted] ? wanted : "keys";
    spec ??= await get("/_mock/control-openapi.json");
    if (tab !== shown) {
      part = TABS[tab][1](app, spec.components.schemas);
      shown = tab;
      await part.load();
    }
    fill(element, tabs("Settings", Object.entries(TABS).map(([key, [label]]) => [app.at("settings", key), label]), TABS[tab][0]), h("div", { class: "page" }, h("h2", { class: "visually-hidden" }, TABS[tab][0]), part.element));
    part.draw();
  }

  return { element, show, hear: (kind, data) => part?.hear?.(kind, data), draw: () => part?.draw() };
}
