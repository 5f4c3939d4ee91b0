/** Loaded into every server that is measured: tells what its process has used. The same in all, so it favours none. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { serve } from '../remote.ts';

const DELAY_RESOLUTION_MS = 1;

const PROFILE_EVERY_MICROS = 200;

const profiler = new Session();
let profiles = 0;
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
  /** Begins to note where the time goes. */
  startProfile: async (_: null) => {
    profiler.connect();
    await profiler.post('Profiler.enable');
    await profiler.post('Profiler.setSamplingInterval', { interval: PROFILE_EVERY_MICROS });
    await profiler.post('Profiler.start');
  },
  /** Writes what was noted since {@link startProfile} into a folder. */
  stopProfile: async ({ folder }: { folder: string }) => {
    const { profile } = await profiler.post('Profiler.stop');
    profiler.disconnect();
    profiles += 1;
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${process.pid}-${profiles}.cpuprofile`), JSON.stringify(profile));
  },
};

/** What a probe answers. */
export type Probe = typeof handlers;

serve(handlers);
// The server decides how long it lives, not this channel.
process.channel?.unref();
