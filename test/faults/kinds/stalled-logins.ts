/** All connections are lost, and the logins of new ones never end. */
import { setTimeout as pause } from 'node:timers/promises';
import { beneathLoad } from '../beneath-load.ts';
import type { Fault } from '../fault.ts';

const WINDOW_MS = 900;
const CONNECT_TIMEOUT_MS = 700;

function stalled(name: string, where: 'tls' | 'auth'): Fault {
  return {
    name,
    play: beneathLoad({
      front: { tls: where === 'tls', options: { connectTimeoutMs: CONNECT_TIMEOUT_MS } },
      load: { timeoutMs: [900, 1_500] },
      strike: async ({ front, notes, load }) => {
        const before = front.proxies.map(({ counts }) => counts.stalledLogins);
        notes.struck += load.underWay;
        for (const proxy of front.proxies) {
          proxy.stallLogins(where);
          proxy.resetAll();
        }
        await pause(WINDOW_MS);
        for (const proxy of front.proxies) proxy.heal();
        for (const [at, { counts }] of front.proxies.entries()) {
          notes.expect(counts.stalledLogins > before[at]!, 'a way had no login that stalled');
        }
      },
    }),
  };
}

export const STALLED_LOGINS: readonly Fault[] = [
  stalled('login stalls in TLS', 'tls'),
  stalled('login stalls in authentication', 'auth'),
];
