import { connect } from 'node:net';
import { readConnectionUrl, throughAddress } from '../../../test/support/network/connection-url.ts';
import { LoopbackServer } from '../../../test/support/network/loopback-server.ts';
import { FrontendReader } from '../../../test/support/network/message-reader.ts';
import type { Target } from '../../contender.ts';
import type { SuiteClient } from '../contender.ts';
import { consolidatedDb } from './consolidated-db.ts';

/** What a client writes for one call; each part is answered before the next is written. */
export type WrittenCall = readonly Buffer[];

export interface Recording {
  /** Of the startup packet. */
  readonly startupOptions: string | undefined;
  /** Of the calls that came first: those that prepare statements. */
  readonly first: WrittenCall;
  readonly calls: readonly WrittenCall[];
}

/** Runs these calls once over one connection of our own contender, and notes what it writes. */
export async function recordCalls(
  target: Target,
  first: readonly ((client: SuiteClient) => Promise<unknown>)[],
  calls: readonly ((client: SuiteClient) => Promise<unknown>)[],
): Promise<Recording> {
  const wire = new RecordedWire(target.url);
  const url = throughAddress(target.url, await wire.start());
  const client = await consolidatedDb.open({ ...target, url, connections: 1 });
  try {
    for (const call of first) await call(client);
    const before = wire.taken();
    const written: WrittenCall[] = [];
    for (const call of calls) {
      await call(client);
      written.push(wire.taken());
    }
    return { startupOptions: wire.startupOptions, first: before, calls: written };
  } finally {
    await client.close();
    await wire.stop();
  }
}

/** A way to the server that notes what passes. */
class RecordedWire {
  readonly #server: LoopbackServer;
  #parts: Buffer[] = [];
  startupOptions: string | undefined;

  constructor(url: string) {
    const { address } = readConnectionUrl(url);
    this.#server = new LoopbackServer((client) => {
      const upstream = connect({ ...address, noDelay: true });
      const reader = new FrontendReader();
      let part: Buffer[] = [];
      client.on('data', (chunk) => {
        const { packets, messages } = reader.push(chunk);
        for (const packet of packets) {
          if (packet.kind === 'startup') this.startupOptions = packet.parameters.get('options');
        }
        for (const { code, bytes } of messages) {
          if (code === 'p') continue;
          part.push(bytes);
          if (code !== 'S' && code !== 'Q') continue;
          this.#parts.push(Buffer.concat(part));
          part = [];
        }
        upstream.write(chunk);
      });
      upstream.pipe(client);
      client.on('close', () => upstream.destroy());
      upstream.on('error', () => client.destroy());
    });
  }

  start() {
    return this.#server.start();
  }

  stop() {
    return this.#server.stop();
  }

  /** What has been written since it was asked last. */
  taken(): WrittenCall {
    const parts = this.#parts;
    this.#parts = [];
    return parts;
  }
}
