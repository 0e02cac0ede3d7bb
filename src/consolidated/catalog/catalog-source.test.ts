import { expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import type { CallTrace } from '../../contract/call-trace.ts';
import { ConnectionError } from '../../contract/errors.ts';
import { Actors, anonymous } from '../identity/actors.ts';
import { CatalogSource } from './catalog-source.ts';

it('tells each call that waits for the catalog how long it waited for its connection, whenever it came', async () => {
  const clock = new FakeClock();
  const actor = new Actors([]).of(anonymous());
  const connected = Promise.withResolvers<void>();
  const read = Promise.withResolvers<void>();
  const source = new CatalogSource({
    schemas: ['public'],
    roles: [],
    clock,
    async modeFor() {
      await connected.promise;
      return {
        async run() {
          await read.promise;
          throw new ConnectionError('It was lost.', { code: 'CONNECTION_LOST' });
        },
      };
    },
  });
  const waiting = (patienceMs: number): CallTrace => {
    const trace = { queueMs: 0, connectMs: 0, serverMs: 0 };
    const deadline = clock.now() + patienceMs;
    source
      .load(actor, { deadline, signal: undefined, maxRows: 1, maxBytes: 1, trace })
      .catch(() => undefined);
    return trace;
  };
  const traces = [waiting(1_000), waiting(25)];
  await clock.advance(30);
  traces.push(waiting(1_000));
  await clock.advance(10);
  connected.resolve();
  await clock.advance(0);
  traces.push(waiting(1_000));
  await clock.advance(50);
  read.resolve();
  await clock.advance(0);
  expect(traces.map(({ connectMs }) => connectMs)).toEqual([40, 25, 10, 0]);
});
