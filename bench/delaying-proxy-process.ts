/**
 * A process of its own, so that neither its event loop nor its CPU time is that of the contenders.
 *
 * What a client sends is held for the whole of the round trip's delay; replies pass at once. For a client
 * that waits for its reply the sum is the same as with half on either way, at half the alarms.
 *
 * A timer of the event loop is only good to a millisecond, and spinning would take one of few cores from
 * the database. So a thread sleeps until the next chunk is due and then wakes this one.
 */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { monotonicMs, type ProxyAlarm } from './delaying-proxy-alarm.ts';

interface Held {
  readonly dueMs: number;
  readonly to: Socket;
  /** `undefined`: the sender closed its side. */
  readonly chunk: Buffer | undefined;
}

/** A chunk due within this time is sent with the one that woke us. */
const EARLY_MS = 0.03;

const [host = '127.0.0.1', port = '', held = ''] = process.argv.slice(2);
const holdMs = Number(held);
if (!(holdMs >= 0)) throw new RangeError(`Bytes can be held for 0 ms and more, not for ${held}.`);

const alarm: ProxyAlarm = {
  dueMs: new Float64Array(new SharedArrayBuffer(8)),
  order: new Int32Array(new SharedArrayBuffer(4)),
};
const sleeper = new Worker(new URL('./delaying-proxy-alarm.ts', import.meta.url), { workerData: alarm });
const queue: Held[] = [];
let head = 0;
let alarmSet = false;

sleeper.on('message', () => {
  alarmSet = false;
  release();
});

const server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
  const upstream = connect({ host, port: Number(port), noDelay: true, allowHalfOpen: true });
  client.on('data', (chunk) => hold(upstream, chunk));
  client.on('end', () => hold(upstream, undefined));
  upstream.on('data', (chunk) => client.write(chunk));
  upstream.on('end', () => client.end());
  // A lost side takes the other with it, as a network between them would.
  client.on('error', () => upstream.destroy());
  upstream.on('error', () => client.destroy());
});

server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('disconnect', () => process.exit(0));

function hold(to: Socket, chunk: Buffer | undefined): void {
  queue.push({ dueMs: monotonicMs() + holdMs, to, chunk });
  if (!alarmSet) setAlarm();
}

function release(): void {
  const until = monotonicMs() + EARLY_MS;
  while (head < queue.length && queue[head]!.dueMs <= until) {
    const { to, chunk } = queue[head]!;
    head += 1;
    if (chunk === undefined) to.end();
    else to.write(chunk);
  }
  if (head === queue.length) {
    queue.length = 0;
    head = 0;
  } else {
    if (head > 1_024) {
      queue.splice(0, head);
      head = 0;
    }
    setAlarm();
  }
}

/** The delay is the same for all, so the head of the queue is always the next one due. */
function setAlarm(): void {
  alarmSet = true;
  alarm.dueMs[0] = queue[head]!.dueMs;
  Atomics.add(alarm.order, 0, 1);
  Atomics.notify(alarm.order, 0);
}
