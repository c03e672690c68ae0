// The event stream, read by fetch: unlike EventSource it can carry a token. It comes back by itself, from where it was.

import { headers, login } from "./api.js";

const LONGEST_WAIT = 8000;

/** Listens to an organization until the returned function is called. `hear(kind, data)`, `state("live" | "lost")`. */
export function listen(org, hear, state) {
  const gone = new AbortController();
  let last = null;
  let wait = 500;

  async function once() {
    const sent = headers({ Accept: "text/event-stream", ...(last === null ? {} : { "Last-Event-ID": last }) });
    const answer = await fetch(`/_mock/orgs/${org}/events`, { headers: sent, signal: gone.signal, cache: "no-store" });
    if (answer.status === 401) return login();
    if (!answer.ok) throw new Error(String(answer.status));
    state("live");
    wait = 500;
    await read(answer.body.getReader(), (event) => {
      if (event.id) last = event.id;
      hear(event.kind, event.data);
    });
    throw new Error("ended");
  }

  (async () => {
    while (!gone.signal.aborted) {
      try {
        await once();
      } catch {
        if (gone.signal.aborted) return;
        state("lost");
        await new Promise((done) => setTimeout(done, wait));
        wait = Math.min(wait * 2, LONGEST_WAIT);
      }
    }
  })();
  return () => gone.abort();
}

async function read(reader, hear) {
  const decoder = new TextDecoder();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    rest += decoder.decode(value, { stream: true });
    let end;
    while ((end = rest.indexOf("\n\n")) >= 0) {
      const event = parse(rest.slice(0, end));
      rest = rest.slice(end + 2);
      if (event) hear(event);
    }
  }
}

function parse(text) {
  const fields = {};
  for (const line of text.split("\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) fields[line.slice(0, colon)] = line.slice(colon + 1).replace(/^ /, "");
  }
  return fields.event ? { kind: fields.event, id: fields.id, data: JSON.parse(fields.data) } : null;
}
