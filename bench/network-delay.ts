import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { startDelayingProxyProcess } from '../test/support/network/delaying-proxy.ts';

const WARM_UP_ECHOES = 100;
const ECHOES = 300;

export interface Calibration {
  /** The setting for the proxy. */
  readonly holdMs: number;
  /** How much longer an echo through it then takes than one without, median. */
  readonly addedMs: number;
}

/**
 * Finds how long to hold bytes so that a round trip takes `delayMs` longer on this machine: passing through
 * another process also takes time, which counts as part of the delay.
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
  const proxy = await startDelayingProxyProcess({ upstream: { host: '127.0.0.1', port }, holdMs });
  try {
    const without = await medianEcho(port);
    return (await medianEcho(proxy.port)) - without;
  } finally {
    await proxy.stop();
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
