// A window on a list that may be endless: the newest records of it that are kept here, and how to get older ones.

import { get, query } from "./api.js";

export class Records {
  /** `path` is a list of the control plane; `most` is how many records are kept, `fits(record)` which belong here. */
  constructor(path, { most = 200, filters = {}, fits = () => true } = {}) {
    this.path = path;
    this.most = most;
    this.filters = filters;
    this.fits = fits;
    this.byId = new Map();
    this.cursor = null;
    this.loaded = false;
    this.version = 0; // grows with each change, so that who draws knows whether there is anything to draw
  }

  /** The first page, in place of what is here. What events brought meanwhile is newer, so it stays. */
  async load(limit = 50) {
    const page = await get(this.path + query({ ...this.filters, limit }));
    for (const record of page.items) if (!this.byId.has(record.id)) this.byId.set(record.id, record);
    this.cursor = page.nextCursor ?? null;
    this.loaded = true;
    this.sorted = null;
    this.version += 1;
    return this;
  }

  /** The next page, of older records; makes room for them. */
  async older(limit = 50) {
    if (!this.cursor) return;
    const page = await get(this.path + query({ ...this.filters, limit, cursor: this.cursor }));
    this.most = Math.max(this.most, this.byId.size + page.items.length + 100);
    for (const record of page.items) this.byId.set(record.id, record);
    this.cursor = page.nextCursor ?? null;
    this.sorted = null;
    this.version += 1;
  }

  /** An event brought this record. Says whether anything here changed. */
  hear(record) {
    const known = this.byId.has(record.id);
    this.version += 1;
    if (record.deleted || !this.fits(record)) {
      if (known) this.byId.delete(record.id);
      this.sorted = null;
      return known;
    }
    this.byId.set(record.id, record);
    if (!known) {
      if (this.byId.size > this.most * 1.25) this.trim();
      this.sorted = null;
    } else if (this.sorted) {
      const place = this.sorted.findIndex((one) => one.id === record.id);
      this.sorted[place] = record;
    }
    return true;
  }

  /** Newest first: ids begin with their time. */
  get newest() {
    this.sorted ??= [...this.byId.values()].sort((a, b) => (a.id < b.id ? 1 : a.id > b.id ? -1 : 0));
    return this.sorted;
  }

  trim() {
    this.sorted = null;
    const dropped = this.newest.slice(this.most);
    for (const record of dropped) this.byId.delete(record.id);
    if (dropped.length) this.cursor = this.newest[this.most - 1]?.id ?? null;
    this.sorted = null;
  }
}
