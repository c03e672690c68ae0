// A webhook receiver for Flowella, with nothing but Node's standard library.
//
//     FLOWELLA_WEBHOOK_SECRET=whsec_... node receiver.mjs 9000
//
// Port 0 takes any free one. `--any-time` accepts old timestamps too, for tests that move the clock by hand.

import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

const secret = process.env.FLOWELLA_WEBHOOK_SECRET;
if (!secret) throw new Error("set FLOWELLA_WEBHOOK_SECRET");
const tolerance = process.argv.includes("--any-time") ? Infinity : 300; // seconds
const seen = new Map(); // event id -> event; yours belongs into a database

// What is wrong with this request, if anything. `body` is exactly what came, before anybody parses it.
function objection(headers, body) {
  const expected = Buffer.from(createHmac("sha256", secret).update(body).digest("hex"));
  const given = Buffer.from(headers["x-flowella-signature"] ?? "");
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return "wrong signature";
  const sentAt = headers["x-flowella-timestamp"] ?? "";
  if (!/^\d+$/.test(sentAt) || Math.abs(Date.now() / 1000 - Number(sentAt)) > tolerance) return "more than 5 minutes off";
  return null;
}

async function read(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function answer(response, status, value) {
  response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(value));
}

// Verify, keep, answer, and only then work: Flowella waits 10 seconds.
async function receive(request, response) {
  const body = await read(request);
  const problem = objection(request.headers, body);
  if (problem !== null) {
    answer(response, 401, { error: problem });
    console.log("refused:", problem);
    return;
  }
  const { event, data } = JSON.parse(body);
  const repeated = seen.has(data.id);
  if (!repeated) seen.set(data.id, event);
  answer(response, 200, { ok: true }); // for a repetition too, or it would come again
  console.log(repeated ? "repeated:" : "accepted:", event, data.id);
}

const server = createServer((request, response) => {
  if (request.method === "GET") {
    answer(response, 200, [...seen].map(([id, event]) => ({ event, id })));
  } else if (request.method !== "POST") {
    answer(response, 405, { error: "an event comes by POST" });
  } else {
    receive(request, response).catch((error) => request.destroy(error)); // the sender went away
  }
});
const port = process.argv.slice(2).find((argument) => /^\d+$/.test(argument)) ?? 9000;
server.listen(Number(port), "127.0.0.1", () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
