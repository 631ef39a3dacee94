import { monitorEventLoopDelay } from 'node:perf_hooks';

/** What a process costs, as it says itself. */
export interface Measured {
  /** Milliseconds of CPU since it started, user and system. */
  cpu: number;
  /** MB resident at its peak. */
  rss: number;
  /** Milliseconds for which the event loop stood still, since it was asked last: the longest, and the 99th of 100. */
  block: { longest: number; p99: number };
}

const RESOLUTION = 10;

/** Loaded before the controller: it answers whoever started it what it costs. */
const delays = monitorEventLoopDelay({ resolution: RESOLUTION });
delays.enable();
process.on('message', (question) => {
  if (question === 'measure') process.send?.({ kind: 'measured', ...measure() });
});

function measure(): Measured {
  const { user, system } = process.cpuUsage();
  const milliseconds = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - RESOLUTION);
  const block = {
    longest: milliseconds(delays.max),
    p99: milliseconds(delays.percentile(99)),
  };
  delays.reset();
  return { cpu: (user + system) / 1000, rss: process.resourceUsage().maxRSS / 1000, block };
}
