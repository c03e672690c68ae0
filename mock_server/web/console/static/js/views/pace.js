// A bulk send's course against its throttle: who was dealt with by when, below the line of what was allowed by then.

import { h, s } from "../dom.js";
import { count, span } from "../format.js";

const [WIDTH, HEIGHT, MOST] = [960, 70, 120];

/** Remembers how far each job was when, as far as this page saw it. */
export class Courses {
  constructor() {
    this.byJob = new Map();
  }

  note(job, now) {
    const points = this.byJob.get(job.id) ?? [];
    const settled = job.recipients - job.pending;
    if (points.at(-1)?.settled !== settled) points.push({ at: job.finishedAt ? Date.parse(job.finishedAt) : now, settled });
    if (points.length > MOST) points.splice(1, points.length - MOST);
    this.byJob.set(job.id, points);
  }

  /** The picture, or null where there is nothing to draw: no throttle, or hardly begun. */
  chart(job, now) {
    const start = Date.parse(job.startedAt ?? "");
    const end = job.finishedAt ? Date.parse(job.finishedAt) : now;
    if (!job.throttlePerHour || !(end - start > 1000) || job.recipients < 2) return null;
    const settled = job.recipients - job.pending;
    const points = [{ at: start, settled: 0 }, ...(this.byJob.get(job.id) ?? []).filter((one) => one.at > start), { at: end, settled }];
    const x = (at) => Math.min(1, (at - start) / (end - start)) * WIDTH;
    const y = (number) => HEIGHT - (Math.min(number, job.recipients) / job.recipients) * (HEIGHT - 6);
    const full = start + ((job.recipients - 1) / job.throttlePerHour) * 3600e3; // when the throttle lets the last one go
    const allowed = full < end ? [[start, 1], [full, job.recipients], [end, job.recipients]] : [[start, 1], [end, 1 + ((end - start) / 3600e3) * job.throttlePerHour]];
    const line = (pairs) => pairs.map(([at, number]) => `${x(at).toFixed(1)},${y(number).toFixed(1)}`).join(" ");
    const went = points.map((one) => [one.at, one.settled]);
    return h("figure", { class: "chart pace" },
      s("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", preserveAspectRatio: "none", "aria-label": `${count(settled)} of ${count(job.recipients)} after ${span(end - start)}, against a throttle of ${count(Math.round(job.throttlePerHour))} an hour` },
        s("polygon", { points: `0,${HEIGHT} ${line(went)} ${x(end).toFixed(1)},${HEIGHT}`, class: "went" }), s("polyline", { points: line(allowed), class: "allowed" })),
      h("div", { class: "axis" }, h("span", {}, "start"), h("span", { class: "key" }, "dashed: what the throttle allows"), h("span", {}, span(end - start))));
  }
}
