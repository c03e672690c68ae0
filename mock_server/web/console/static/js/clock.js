// The organization's time, as far as it can be known between two readings.

export class Clock {
  constructor() {
    this.reading = null;
    this.at = 0;
  }

  read(reading) {
    this.reading = reading;
    this.at = performance.now();
  }

  get scale() {
    return this.reading ? { real: 1, manual: 0, scaled: this.reading.scale }[this.reading.mode] : 0;
  }

  /** Milliseconds since 1970, on this clock. */
  now() {
    if (!this.reading) return Date.now();
    return Date.parse(this.reading.now) + (performance.now() - this.at) * this.scale;
  }

  get standing() {
    return this.scale === 0;
  }

  words() {
    if (!this.reading) return "";
    return { real: "real time", manual: "standing still", scaled: `${this.reading.scale}× as fast` }[this.reading.mode];
  }
}
