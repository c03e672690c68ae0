// The control plane, and nothing but it. A token, if the server wants one, lives as long as the tab.

const TOKEN = "flowella-mock-token";

export class ApiError extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export function headers(extra = {}) {
  const token = sessionStorage.getItem(TOKEN);
  return token ? { ...extra, Authorization: `Bearer ${token}` } : extra;
}

let asked = null;

/** Who asks the person for the token: a function that resolves to it. Calls that fail for want of it wait for one answer. */
export function askWith(ask) {
  asked = ask;
}

let asking = null;

/** A token that works, asked once however many calls want it. */
export async function login() {
  asking ??= asked().then((token) => sessionStorage.setItem(TOKEN, token)).finally(() => { asking = null; });
  return asking;
}

async function call(method, path, body) {
  for (;;) {
    const sent = body === undefined ? headers() : headers({ "Content-Type": "application/json" });
    const raw = typeof body === "string" ? body : JSON.stringify(body);
    let answer;
    try {
      answer = await fetch(path, { method, headers: sent, body: body === undefined ? undefined : raw });
    } catch {
      throw new ApiError(0, "UNREACHABLE", "The server does not answer. Is it still running?");
    }
    if (answer.status === 401) {
      await login();
      continue;
    }
    if (answer.status === 204) return null;
    const text = await answer.text();
    let value = null;
    try {
      value = JSON.parse(text);
    } catch {
      throw new ApiError(answer.status, "UNREADABLE", `The server answered ${answer.status} with something that is not JSON`);
    }
    if (answer.ok) return value;
    throw new ApiError(answer.status, value?.error?.code ?? "ERROR", value?.error?.message ?? `The server answered ${answer.status}`);
  }
}

export const get = (path) => call("GET", path);
export const post = (path, body) => call("POST", path, body);
export const patch = (path, body) => call("PATCH", path, body);
export const putTo = (path, body) => call("PUT", path, body);
export const del = (path) => call("DELETE", path);

/** A query string of what is set. */
export function query(values) {
  const set = Object.entries(values).filter(([, value]) => value !== "" && value !== null && value !== undefined);
  return set.length ? `?${new URLSearchParams(set)}` : "";
}
