/** A fault that lasts for a while on the proxies of some ways. */
import { setTimeout as pause } from 'node:timers/promises';
import type { FaultyProxy } from '../../support/network/faulty-proxy.ts';
import type { Blow } from '../beneath-load.ts';
import { WAYS, type WayName } from '../front.ts';

/** Counts as struck what was under way at its beginning and what was sent until its end. */
export async function faultWindow(
  { front, notes }: Blow,
  ms: number,
  begin: (proxy: FaultyProxy) => void,
  ways: readonly WayName[] = WAYS,
): Promise<void> {
  notes.struck += front.busy(ways);
  const before = front.sent(ways);
  for (const way of ways) begin(front.proxyOf(way));
  await pause(ms);
  for (const way of ways) front.proxyOf(way).heal();
  notes.struck += front.sent(ways) - before;
}
