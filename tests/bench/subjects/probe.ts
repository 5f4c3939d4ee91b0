/** Loaded into every server that is measured: tells what its process has used. The same in all, so it favours none. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { serve } from '../remote.ts';

const DELAY_RESOLUTION_MS = 1;

let delays: ReturnType<typeof monitorEventLoopDelay> | undefined;

const handlers = {
  /** User and system time of the whole process since its start, µs. */
  cpuMicros: (_: null) => {
    const { userCPUTime, systemCPUTime } = process.resourceUsage();
    return userCPUTime + systemCPUTime;
  },
  /** What it holds once everything unused is collected, bytes. */
  memory: (_: null) => {
    // Twice: what the first run finalises is only freed by the second.
    globalThis.gc?.();
    globalThis.gc?.();
    const { rss, heapUsed } = process.memoryUsage();
    return { rss, heapUsed };
  },
  /** Begins to watch how late the event loop is. */
  watchLoop: (_: null) => {
    delays = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
    delays.enable();
  },
  /** How late it was since {@link watchLoop}, ms. */
  loopDelay: (_: null) => {
    delays?.disable();
    return { p99Ms: (delays?.percentile(99) ?? 0) / 1e6, mostMs: (delays?.max ?? 0) / 1e6 };
  },
};

/** What a probe answers. */
export type Probe = typeof handlers;

serve(handlers);
// The server decides how long it lives, not this channel.
process.channel?.unref();
