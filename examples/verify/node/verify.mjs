// Is a webhook of Flowella's genuine? Copy the function; the rest reads vectors.tsv, to show that it works.

import { createHmac, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";

// `body` is a Buffer of what came, before anybody parses it (in Express: express.raw({ type: "*/*" })); the other two are
// the headers x-flowella-signature and x-flowella-timestamp. `now` is Date.now() / 1000.
function genuine(secret, body, signature, timestamp, now) {
  const expected = Buffer.from(createHmac("sha256", secret).update(body).digest("hex"));
  const given = Buffer.from(signature);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return false;
  return /^\d+$/.test(timestamp) && Math.abs(now - Number(timestamp)) <= 300;
}

for (const line of readFileSync(0, "utf8").split("\n").filter(Boolean)) {
  const [secret, now, timestamp, signature, body] = line.split("\t");
  console.log(genuine(secret, Buffer.from(body, "base64"), signature, timestamp, Number(now)) ? "genuine" : "refused");
}
