// Values as people read them. Times are the organization's, in the browser's zone.

const pad = (number, width = 2) => String(number).padStart(width, "0");

export function time(iso) {
  const at = new Date(iso);
  return `${pad(at.getHours())}:${pad(at.getMinutes())}`;
}

export function exact(iso) {
  const at = new Date(iso);
  return `${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}.${pad(at.getMilliseconds(), 3)}`;
}

const LONG = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", year: "numeric" });
const BRIEF = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

export const day = (iso) => LONG.format(new Date(iso));

export const full = (iso) => `${day(iso)}, ${exact(iso)}`;

/** A time for a list: today's as a time, others as a day. */
export function short(iso, now) {
  if (!iso) return "";
  const at = new Date(iso);
  return at.toDateString() === new Date(now).toDateString() ? time(iso) : BRIEF.format(at);
}

/** A length of time in its two largest units. */
export function span(ms) {
  const left = Math.max(0, ms);
  if (left < 1000) return `${Math.round(left)} ms`;
  const units = [["d", 86400e3], ["h", 3600e3], ["min", 60e3], ["s", 1e3]];
  const first = units.findIndex(([, size]) => left >= size);
  const [name, size] = units[first];
  const whole = Math.floor(left / size);
  const next = units[first + 1];
  if (!next) return `${trim(left / 1000)} s`;
  const rest = Math.floor((left - whole * size) / next[1]);
  return rest ? `${whole} ${name} ${rest} ${next[0]}` : `${whole} ${name}`;
}

const trim = (number) => String(Math.round(number * 10) / 10);

const NUMBER = new Intl.NumberFormat("en-GB");

export const count = (number) => NUMBER.format(number);
export const plural = (number, one, many = `${one}s`) => `${count(number)} ${number === 1 ? one : many}`;

export function host(url) {
  try {
    const parts = new URL(url);
    return parts.host + (parts.pathname === "/" ? "" : parts.pathname);
  } catch {
    return url;
  }
}

export function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** `templateSend` as people say it: `template send`. */
export const words = (name) => name.replace(/([a-z])([A-Z])/g, (_, a, b) => `${a} ${b.toLowerCase()}`).replace(/_/g, " ").toLowerCase();
export const upper = (text) => text.charAt(0).toUpperCase() + text.slice(1);

export function initials(name, phone) {
  const parts = (name ?? "").split(/\s+/).filter((part) => /^\p{L}/u.test(part));
  if (!parts.length) return phone.slice(-2);
  return [parts[0], parts.length > 1 ? parts.at(-1) : ""].map((part) => [...part][0] ?? "").join("").toUpperCase();
}
