/** Keeps many small pictures up to date in idle moments. Knows neither network nor canvas. */

const SLICE = 8; // milliseconds that it may hold up the page

/**
 * Do something soon, after whatever the finger is waiting for. Not of the lowest priority:
 * Streamlit's own work after a release would put the rows off.
 */
const later = globalThis.scheduler?.postTask
  ? (act) => globalThis.scheduler.postTask(act, { priority: "user-visible" })
  : (act) => setTimeout(act);

/** Pictures that go out of date one by one and are drawn again in turn. */
class Group {
  constructor(draw, done) {
    this.draw = draw;
    this.done = done;
    this.resize(0);
  }

  resize(count) {
    this.stale = new Uint8Array(count);
    this.left = this.next = 0;
  }

  spoil(index) {
    this.left += 1 - this.stale[index];
    this.stale[index] = 1;
  }

  spoilAll() {
    this.left = this.stale.fill(1).length;
  }

  /** Draw the next one that is out of date: where the last call ended, so that all get their turn. */
  step() {
    while (!this.stale[this.next]) this.next = (this.next + 1) % this.stale.length;
    this.stale[this.next] = 0;
    this.left--;
    this.draw(this.next);
    if (!this.left) this.done?.();
  }
}

export class Filler {
  constructor() {
    this.groups = [];
    this.cost = 0; // milliseconds that the last picture took
    this.asked = this.stopped = false;
  }

  /**
   * The groups that come first are filled first.
   * @param {(index: number) => void} draw
   * @param {() => void} [done] called whenever all of the group are up to date
   */
  group(draw, done) {
    const group = new Group(draw, done);
    this.groups.push(group);
    return group;
  }

  /** Go on filling, unless that is under way. */
  wake() {
    if (this.asked || this.stopped) return;
    this.asked = true;
    later(() => this.fill());
  }

  fill() {
    this.asked = false;
    const end = performance.now() + SLICE;
    let now = performance.now();
    do {
      const group = this.groups.find(({ left }) => left);
      if (!group || this.stopped) return;
      group.step();
      this.cost = performance.now() - now;
      now += this.cost;
    } while (now + this.cost < end);
    this.wake();
  }

  close() {
    this.stopped = true;
  }
}
