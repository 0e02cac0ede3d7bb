import { connect } from 'node:net';
import { type Address, LoopbackServer } from './loopback-server.ts';

/** Drops `options` from each startup packet, as Supavisor does, and forwards all else. */
export function dropOptions(upstream: Address): LoopbackServer {
  return new LoopbackServer((client) => {
    const server = connect(upstream.port, upstream.host);
    client.once('data', (startup: Buffer) => {
      server.write(withoutOptions(startup));
      client.pipe(server).pipe(client);
    });
    client.on('error', () => server.destroy());
    client.on('close', () => server.destroy());
    server.on('error', () => client.destroy());
  });
}

/** Length, version, then pairs of texts that end with a zero, and a zero at the end. */
function withoutOptions(startup: Buffer): Buffer {
  const texts = startup.toString('utf8', 8).split('\0').slice(0, -2);
  const kept: string[] = [];
  for (let i = 0; i < texts.length; i += 2) {
    if (texts[i] !== 'options') kept.push(texts[i] ?? '', texts[i + 1] ?? '');
  }
  const body = Buffer.from([...kept, '', ''].join('\0'));
  const head = Buffer.from(startup.subarray(0, 8));
  head.writeInt32BE(body.length + 8);
  return Buffer.concat([head, body]);
}
