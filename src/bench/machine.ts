import { availableParallelism, cpus, loadavg } from 'node:os';

/** One line about the machine. */
export function describeMachine(): string {
  const load = loadavg()[0]!.toFixed(2);
  return `Node ${process.versions.node}, ${availableParallelism()} × ${cpus()[0]?.model.trim() ?? 'unknown CPU'}, load ${load} at the start`;
}
