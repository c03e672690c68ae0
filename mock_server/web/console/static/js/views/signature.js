// The signature check spelled out: which bytes, which secret, what comes out, what the header says. Done here, in the browser.

import { fill, h, icon } from "../dom.js";
import { count } from "../format.js";

const HEADER = "x-flowella-signature";
const secrets = new Map(); // by endpoint; what was typed or shown, for as long as the page is open
const WELL_KNOWN = "whsec_thisisafakewebhooksecret00000000"; // the constant that the README prints

/** A secret that was shown just now, so that nobody has to paste it. */
export const remember = (endpoint, secret) => { if (secret) secrets.set(endpoint, secret); };

const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const bytesOf = (base64) => Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));

async function digest(secret, bytes) {
  const encoded = new TextEncoder().encode(secret);
  const key = await crypto.subtle.importKey("raw", encoded, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return hex(new Uint8Array(await crypto.subtle.sign("HMAC", key, bytes)));
}

function known(hook) {
  if (!hook) return "";
  const tail = hook.secretHint?.slice(-4);
  return secrets.get(hook.id) ?? (tail && WELL_KNOWN.endsWith(tail) ? WELL_KNOWN : "");
}

export function signature(one, hook) {
  const bytes = bytesOf(one.requestBody);
  const given = Object.entries(one.requestHeaders).find(([name]) => name.toLowerCase() === HEADER)?.[1] ?? null;
  const result = h("li", { class: "verdict" });
  const computed = h("code", {}, "…");
  const secret = h("input", { type: "password", class: "mono", value: known(hook), placeholder: "whsec_…", autocomplete: "off", spellcheck: "false", "aria-label": "Signing secret", oninput: check });

  async function check() {
    if (hook && secret.value) remember(hook.id, secret.value);
    if (!secret.value) return tell("wait", "Type the secret to check it here; it stays in this tab.", "…");
    if (!globalThis.crypto?.subtle) return tell("wait", "This browser computes digests on https and localhost only; use flowella-mock verify.", "…");
    const own = await digest(secret.value, bytes);
    if (given === null) tell("bad", "There is no signature header: a receiver must refuse this.", own);
    else if (own === given) tell("good", "They are the same: the signature holds.", own);
    else tell("bad", "They differ: another secret, or other bytes than those that were signed.", own);
  }

  function tell(kind, text, own) {
    computed.textContent = own;
    fill(result, h("span", { class: `verdict-word ${kind}` }, icon(kind === "good" ? "check" : kind === "bad" ? "cross" : "lock"), text));
  }

  if (given === null && hook && !hook.secretHint) {
    return h("section", { class: "signature" }, h("h3", {}, "Signature"), h("p", { class: "muted" }, "Webhooks of this vendor are not signed."));
  }
  check();
  return h("section", { class: "signature" }, h("h3", {}, "Signature"), h("ol", {},
    h("li", {}, h("b", {}, "Bytes"), h("span", {}, `${count(bytes.length)} bytes of body, exactly as sent: `, h("code", {}, `${hex(bytes.slice(0, 8))}…${hex(bytes.slice(-4))}`))),
    h("li", {}, h("b", {}, "Secret"), h("span", {}, hook?.secretHint && h("code", {}, hook.secretHint), secret)),
    h("li", {}, h("b", {}, "HMAC-SHA256"), computed),
    h("li", {}, h("b", {}, "Header"), h("code", {}, given ?? "missing")),
    result));
}
