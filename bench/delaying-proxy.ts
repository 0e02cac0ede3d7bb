import { fork } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

const WARM_UP_ECHOES = 100;
const ECHOES = 300;

export interface DelayingProxy {
  /** On 127.0.0.1. */
  readonly port: number;
  close(): Promise<void>;
}

export interface ProxyTarget {
  readonly host: string;
  readonly port: number;
  /** Milliseconds for which bytes of the client are held; fractions count. */
  readonly holdMs: number;
}

/** Starts a proxy in a process of its own; it ends with this one at the latest. */
export async function startDelayingProxy({ host, port, holdMs }: ProxyTarget): Promise<DelayingProxy> {
  const child = fork(new URL('./delaying-proxy-process.ts', import.meta.url), [
    host,
    String(port),
    String(holdMs),
  ]);
  const exited = once(child, 'exit');
  const started = await Promise.race([
    once(child, 'message'),
    exited.then(([code]) => {
      throw new Error(`The delaying proxy ended with code ${code} before it listened.`);
    }),
  ]);
  return {
    port: Number(started[0]),
    async close() {
      child.disconnect();
      await exited;
    },
  };
}

/** The same URL, by way of a port on this machine. */
export function viaPort(url: string, port: number): string {
  const changed = new URL(url);
  changed.hostname = '127.0.0.1';
  changed.port = String(port);
  return changed.toString();
}

export interface Calibration {
  /** What a proxy is to be told. */
  readonly holdMs: number;
  /** What an echo through it was then seen to take longer than one without, median. */
  readonly addedMs: number;
}

/**
 * Finds how long to hold bytes so that a round trip takes `delayMs` longer on this machine: passing through
 * another process costs time of its own, which counts as part of the delay.
 */
export async function calibrateDelay(delayMs: number): Promise<Calibration> {
  const overheadMs = (await measureAddedDelay(delayMs)) - delayMs;
  const holdMs = Math.max(0, delayMs - overheadMs);
  return { holdMs, addedMs: await measureAddedDelay(holdMs) };
}

async function measureAddedDelay(holdMs: number): Promise<number> {
  const server = createServer({ noDelay: true }, (socket) => socket.pipe(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const proxy = await startDelayingProxy({ host: '127.0.0.1', port, holdMs });
  try {
    const without = await medianEcho(port);
    return (await medianEcho(proxy.port)) - without;
  } finally {
    await proxy.close();
    server.close();
  }
}

async function medianEcho(port: number): Promise<number> {
  const socket: Socket = connect({ host: '127.0.0.1', port, noDelay: true });
  await once(socket, 'connect');
  const times: number[] = [];
  for (let i = 0; i < WARM_UP_ECHOES + ECHOES; i++) {
    const start = performance.now();
    socket.write('echo');
    await once(socket, 'data');
    if (i >= WARM_UP_ECHOES) times.push(performance.now() - start);
  }
  socket.destroy();
  return times.sort((a, b) => a - b)[ECHOES >> 1]!;
}
