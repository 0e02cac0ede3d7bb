import { describe, expect, it } from 'vitest';
import { ScramClient, ScramServer } from './scram.ts';

describe('scram', () => {
  it('lets in who knows the password', () => {
    const [client, server] = [new ScramClient('päss'), new ScramServer('päss')];
    const proof = server.final(client.final(server.first(client.first())));
    expect(() => client.verify(proof!)).not.toThrow();
  });

  it('keeps out who does not, and shows a server that does not', () => {
    const [client, server] = [new ScramClient('wrong'), new ScramServer('right')];
    expect(server.final(client.final(server.first(client.first())))).toBeUndefined();
    expect(() => client.verify('v=AAAA')).toThrow('could not prove');
  });
});
