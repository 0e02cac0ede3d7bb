/** Bytes come late, one by one, or hardly at all. */
import { beneathLoad } from '../beneath-load.ts';
import type { Fault } from '../fault.ts';
import { faultWindow } from './fault-window.ts';

const LATENCY_MS = 40;
/** 1 KB a second. */
const PIECE_BYTES = 64;
const PIECE_EVERY_MS = 62;
const WINDOW_MS = 3_000;

export const SLOW_NETWORK: readonly Fault[] = [
  {
    name: 'latency of 40 ms each way',
    play: beneathLoad({
      // It is slow, and nothing else.
      allowedErrors: /^(TIMEOUT|QUEUE_FULL|OVERLOADED)\b/,
      strike: (blow) => faultWindow(blow, 600, (proxy) => proxy.delay(LATENCY_MS)),
    }),
  },
  {
    name: 'replies one byte at a time',
    play: beneathLoad({ strike: (blow) => faultWindow(blow, 600, (proxy) => proxy.drip(1, 0)) }),
  },
  {
    name: 'replies at 1 KB/s for 3 s',
    isLong: true,
    play: beneathLoad({
      strike: (blow) => faultWindow(blow, WINDOW_MS, (proxy) => proxy.drip(PIECE_BYTES, PIECE_EVERY_MS)),
    }),
  },
];
