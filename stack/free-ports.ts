import { createServer } from 'node:net';
import type { StackPorts } from './stack-state.ts';

/** The ports of the last start if they are free, otherwise other free ports. */
export async function freePorts(before: StackPorts | undefined): Promise<StackPorts> {
  if (before !== undefined) {
    const free = await Promise.all([before.direct, before.session, before.transaction].map(isFree));
    if (free.every(Boolean)) return before;
  }
  // All held at the same time, so that the system does not return one port twice.
  const held = await Promise.all([listen(0), listen(0), listen(0)]);
  const [direct, session, transaction] = held.map(({ port }) => port);
  await Promise.all(held.map(({ close }) => close()));
  return { direct: direct!, session: session!, transaction: transaction! };
}

async function isFree(port: number): Promise<boolean> {
  try {
    const held = await listen(port);
    await held.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false;
    throw error;
  }
}

function listen(port: number): Promise<{ port: number; close: () => Promise<void> }> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string')
        return reject(new Error('the system returned no port'));
      resolve({ port: address.port, close: () => new Promise((done) => server.close(() => done())) });
    });
  });
}
