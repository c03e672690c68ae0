// Bulk sends: progress, books that balance, the rate against the throttle; and how sending went, as a chart.

import { get, query } from "../api.js";
import { fill, h, keyed, s, say } from "../dom.js";
import { count, day, full, span, time, words } from "../format.js";
import { Records } from "../records.js";
import { attempt, choose, empty, facts, more, pill } from "../ui.js";
import { Courses } from "./pace.js";

const PARTS = [["accepted", "Accepted"], ["suppressed", "Suppressed"], ["rejected", "Rejected"], ["pending", "Pending"]];
const STATES = ["READ", "DELIVERED", "SENT", "PENDING", "FAILED"];
const KINDS = { COMPLETED: "good", FAILED: "bad", PROCESSING: "wait", PENDING: "wait" };
const PERIODS = [["3600", "Last hour"], ["86400", "Last day"], ["604800", "Last week"], ["2592000", "Last 30 days"]];
const BUCKETS = 24;

export default function view(app) {
  const jobs = new Records(app.path("/jobs"), { most: 60 });
  const templates = new Map();
  const period = choose(PERIODS, "86400", { "aria-label": "Period", onchange: () => attempt(measure) });
  const chart = h("figure", { class: "chart" });
  const list = h("div", { class: "cards wide" });
  const none = empty("No campaign yet", "Send a template to many people at once, and its books are kept here, balanced at every instant.");
  const older = more(jobs, () => app.changed());
  const element = h("div", { class: "page" },
    h("section", { class: "card", "aria-labelledby": "went" }, h("div", { class: "row wrap" }, h("h2", { id: "went", class: "grow" }, "Outbound messages"), period), chart),
    h("section", { "aria-labelledby": "sends" }, h("h2", { id: "sends" }, "Bulk sends"), none, list, older.node));
  let stale = false;
  let waking = null;
  let measuring = 0;
  const courses = new Courses();

  async function load() {
    const [, page] = await Promise.all([jobs.load(25), get(app.path("/templates?limit=100"))]);
    for (const one of page.items) templates.set(one.id, one);
    await measure();
  }

  async function measure() {
    measuring = performance.now();
    const end = app.clock.now() + 1000;
    const start = end - Number(period.value) * 1000;
    const report = await get(app.path(`/analytics${query({ startDate: new Date(start).toISOString(), endDate: new Date(end).toISOString(), buckets: BUCKETS })}`));
    fill(chart, ...drawing(report));
  }

  function drawing(report) {
    const [width, height] = [960, 150];
    const top = Math.max(4, ...report.series.map((one) => one.total));
    const step = width / report.series.length;
    const bars = report.series.flatMap((one, at) => {
      let y = height;
      return STATES.filter((state) => one.counts[state]).map((state) => {
        const tall = (one.counts[state] / top) * (height - 8);
        y -= tall;
        return s("rect", { x: at * step + step * 0.14, y, width: step * 0.72, height: Math.max(1, tall - 1), rx: 2, class: `bar ${state.toLowerCase()}` });
      });
    });
    const lines = [0, 0.5, 1].map((part) => s("line", { x1: 0, x2: width, y1: height - part * (height - 8), y2: height - part * (height - 8), class: "rule" }));
    const picture = s("svg", { viewBox: `0 0 ${width} ${height + 2}`, role: "img", preserveAspectRatio: "none", "aria-label": `${report.total} outbound messages: ${STATES.map((state) => `${report.counts[state]} ${words(state)}`).join(", ")}` }, lines, bars);
    const edge = (iso) => [Number(period.value) >= 86400 && day(iso).replace(/ \d{4}$/, ""), Number(period.value) <= 86400 && time(iso)].filter(Boolean).join(", ");
    return [picture, h("div", { class: "axis" }, h("span", {}, edge(report.start)), h("span", {}, `highest ${count(Math.max(0, ...report.series.map((one) => one.total)))}`), h("span", {}, edge(report.end))),
      h("figcaption", { class: "legend" }, h("b", {}, `${count(report.total)} messages`), STATES.map((state) => h("span", {}, h("i", { class: state.toLowerCase() }), `${count(report.counts[state])} ${words(state)}`)))];
  }

  function hear(kind, data) {
    if (kind === "job") { jobs.hear(data); courses.note(data, app.clock.now()); }
    if (kind === "message" && data.direction === "OUTBOUND") stale = true;
    if (kind === "clock") stale = true;
  }

  function make(job) {
    const node = h("article", { class: "card job" });
    render(node, job);
    return node;
  }

  function render(node, job) {
    const template = templates.get(job.templateId);
    const settled = job.recipients - job.pending;
    const share = job.recipients ? Math.floor((settled / job.recipients) * 100) : 100;
    const bar = h("div", { class: "progress", role: "progressbar", "aria-label": "Recipients dealt with", "aria-valuemin": 0, "aria-valuemax": job.recipients, "aria-valuenow": settled },
      PARTS.slice(0, 3).map(([name]) => {
        const part = h("i", { class: name });
        part.style.width = `${(job[name] / Math.max(1, job.recipients)) * 100}%`;
        return part;
      }));
    fill(node, h("header", { class: "row" }, h("div", { class: "grow" }, h("h3", {}, template?.name ?? job.templateId), h("p", { class: "muted" }, full(job.createdAt))), pill(words(job.status), KINDS[job.status])),
      h("div", { class: "row" }, bar, h("b", { class: "share" }, `${share} %`)),
      h("p", { class: "books", "aria-label": "The books" }, h("span", {}, h("b", {}, count(job.recipients)), h("small", {}, "Recipients")), h("em", {}, "="),
        PARTS.flatMap(([name, label], at) => [at > 0 && h("em", {}, "+"), h("span", {}, h("i", { class: name }), h("b", {}, count(job[name])), h("small", {}, label))])),
      courses.chart(job, app.clock.now()),
      facts([["Pace", pace(job)], ["Left out because", Object.entries(job.reasons).map(([why, number]) => `${words(why)} (${count(number)})`).join(", ")],
        ["Scheduled for", job.scheduledFor && full(job.scheduledFor)], ["Took", job.finishedAt && job.startedAt && span(Date.parse(job.finishedAt) - Date.parse(job.startedAt))]]));
  }

  function pace(job) {
    const allowed = job.throttlePerHour ? `${count(Math.round(job.throttlePerHour))}/h allowed` : "no throttle";
    const settled = job.recipients - job.pending;
    const end = job.finishedAt ? Date.parse(job.finishedAt) : app.clock.now();
    const took = job.startedAt ? end - Date.parse(job.startedAt) : 0;
    if (settled < 2 || took < 1000) return allowed;
    return `${count(Math.round(((settled - 1) / took) * 3600e3))}/h, ${allowed}`;
  }

  function draw() {
    keyed(list, jobs.newest, (one) => one.id, make, render);
    none.hidden = !jobs.loaded || jobs.byId.size > 0;
    older.update();
    if (stale && performance.now() - measuring > 1500) {
      stale = false;
      measure().catch(() => {});
    } else if (stale) {
      waking ??= setTimeout(() => { waking = null; app.changed(); }, 1600);
    }
  }

  return { element, load, hear, draw, say };
}
