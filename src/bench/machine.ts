import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';

/** One line about the machine. */
export function describeMachine(): string {
  const load = loadavg()[0]!.toFixed(2);
  return `Node ${process.versions.node}, ${availableParallelism()} × ${cpus()[0]?.model.trim() ?? 'unknown CPU'}, load ${load} at the start`;
}

/** What the reader must know of a machine that has other work to do; undefined where it has none. */
export function describeBusyness(): string | undefined {
  const [load = 0] = loadavg();
  if (load <= availableParallelism()) return undefined;
  return `The machine is busy (load ${load.toFixed(1)} on ${availableParallelism()} cores): the figures are of its other work too.`;
}

/** One line about this package, and how busy the machine is now. */
export function describeEnd(): string {
  const load = loadavg()[0]!.toFixed(2);
  return `consolidated-db ${packageVersion()}, load ${load} at the end`;
}

function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const version =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : '';
  return String(version);
}
