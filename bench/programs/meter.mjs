// What every program measures alike: warm up, then count for a fixed time at the receiver, then print
// one JSON line.
import { performance } from "node:perf_hooks";
import v8 from "node:v8";
import { numberArgument } from "./arguments.mjs";

const WARM_MS = numberArgument("warm", 1) * 1000;
const TIME_MS = numberArgument("time", 2.5) * 1000;
/** The clock is read once in so many messages. */
const MESSAGES_PER_LOOK = 16;

/**
 * Adds up what was allocated on the JavaScript heap, from the heap's size before and after each
 * collection. Bytes outside the heap (the contents of Buffers) are not in it.
 */
class HeapAllocations {
  #profiler = new v8.GCProfiler();
  #start = v8.getHeapStatistics().used_heap_size;

  constructor() {
    this.#profiler.start();
  }

  stop() {
    const end = v8.getHeapStatistics().used_heap_size;
    let allocated = 0;
    let last = this.#start;
    for (const { beforeGC, afterGC } of this.#profiler.stop().statistics) {
      allocated += beforeGC.heapStatistics.usedHeapSize - last;
      last = afterGC.heapStatistics.usedHeapSize;
    }
    return allocated + end - last;
  }
}

/**
 * Counts from the end of the warm-up for the measured time; `labels` go into the printed line. `count`, for a program
 * that is one end of two, tells so far: `packets` both ways, and those of them with `data`.
 */
export class Meter {
  #labels;
  #count;
  #bytes = 0;
  #messages = 0;
  #packets = 0;
  #begin = performance.now();
  #window;
  #finish;
  /** Resolves when the measured time is over. */
  finished = new Promise((resolve) => {
    this.#finish = resolve;
  });
  done = false;

  constructor(labels, count = () => ({ packets: this.#packets })) {
    this.#labels = labels;
    this.#count = count;
    const limit = setTimeout(
      () => {
        console.log(JSON.stringify({ ...labels, error: "stalled", bytes: this.#bytes }));
        process.exit(0);
      },
      WARM_MS + TIME_MS + 20_000,
    );
    limit.unref();
  }

  /** Bytes delivered to the receiving application so far. */
  get bytes() {
    return this.#bytes;
  }

  /** A packet went on the wire, either way. */
  packet() {
    this.#packets++;
  }

  /** The receiving application got a message, or a piece of one. */
  delivered(bytes) {
    this.#bytes += bytes;
    this.#messages++;
    if (this.#messages % MESSAGES_PER_LOOK !== 0 || this.done) return;
    const now = performance.now();
    if (this.#window === undefined) {
      if (now - this.#begin >= WARM_MS) this.#open(now);
    } else if (now - this.#window.at >= TIME_MS) {
      this.#close(now);
    }
  }

  #open(at) {
    this.#window = {
      at,
      bytes: this.#bytes,
      count: this.#count(),
      cpu: process.cpuUsage(),
      heap: new HeapAllocations(),
    };
  }

  #close(now) {
    this.done = true;
    const { at, bytes, count, cpu, heap } = this.#window;
    const allocated = heap.stop();
    const used = process.cpuUsage(cpu);
    const cpuMicros = used.user + used.system;
    const counted = this.#count();
    const seconds = (now - at) / 1000;
    const moved = this.#bytes - bytes;
    const packets = counted.packets - count.packets;
    const data = counted.data === undefined ? undefined : counted.data - count.data;
    console.log(
      JSON.stringify({
        ...this.#labels,
        seconds: rounded(seconds),
        mbps: rounded((moved * 8) / seconds / 1e6),
        packetsPerSecond: rounded(packets / seconds),
        allocatedPerPacket: rounded(allocated / packets),
        cpuSecondsPerGB: rounded(cpuMicros / 1e6 / (moved / 1e9)),
        dataPacketsPerSecond: data === undefined ? undefined : rounded(data / seconds),
        cpuMicrosPerPacket: data === undefined ? undefined : rounded(cpuMicros / data),
        maxRssMB: Math.round(process.resourceUsage().maxRSS / 1024),
      }),
    );
    this.#finish();
  }
}

const rounded = (value) => Number(value.toPrecision(4));
