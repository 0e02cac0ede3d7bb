import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ConnectionMode } from '../../src/contract/mode.ts';
import { PINS } from '../../src/modes/wire/set-up.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';
import { readConnectionUrl, throughAddress } from '../support/network/connection-url.ts';
import { dropOptions } from '../support/network/option-dropper.ts';
import { limits } from './conformance.ts';
import { modeOver } from './open-mode.ts';
import { ANNA, NOTES_SQL, statement, textRows, userActor } from './plans.ts';

const SEARCH_PATH = '"public", "extensions", pg_temp';
const WANTED = [...PINS, ['search_path', SEARCH_PATH]] as const;
const OTHERS: readonly (readonly [string, string])[] = [
  ['TimeZone', 'Asia/Tokyo'],
  ['DateStyle', 'German'],
  ['IntervalStyle', 'iso_8601'],
  ['bytea_output', 'escape'],
  ['extra_float_digits', '0'],
  ['row_security', 'off'],
  ['array_nulls', 'off'],
  ['search_path', 'evil'],
];

describeFullStack('the defaults of a direct session', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase({ sql: NOTES_SQL });
    for (const [name, value] of OTHERS)
      await database.query(`alter database ${database.name} set ${name} = '${value}'`);
  });
  afterAll(() => database.drop());

  it.each(['direct', 'session', 'transaction'] as const)(
    'are the pins in every batch, whatever the database defines, in the mode %s',
    async (name) => seesThePins(modeOver(name, database.user[name], { max: 1 })),
  );

  it('are not relied on where something on the way drops what the connection asked for', async () => {
    const { address } = readConnectionUrl(database.user.direct);
    const dropper = dropOptions(address);
    const url = throughAddress(database.user.direct, await dropper.start());
    await seesThePins(modeOver('direct', url, { max: 1 }));
    await dropper.stop();
  });

  async function seesThePins(mode: ConnectionMode): Promise<void> {
    const read = async (text: string) => {
      const [reply] = await mode.run(
        {
          actor: userActor(ANNA),
          access: 'read',
          statements: [statement(text, { columns: 1 })],
          statementTimeoutMs: 0,
        },
        limits(),
      );
      return textRows(reply);
    };
    const names = WANTED.map(([pin]) => `'${pin}'`).join(', ');
    const seen = `select current_setting(n, true) from unnest(array[${names}]) with ordinality as u(n, i) order by i`;
    // The first batch of a connection finds out what the others rely on.
    for (let i = 0; i < 3; i++) {
      expect(await read(seen)).toEqual(WANTED.map(([, value]) => [value]));
      // What the session is left with is undone by the next batch.
      await read(`select set_config('TimeZone', 'Asia/Tokyo', false)`);
      await read(`select set_config('request.jwt.claim.sub', 'another', false)`);
    }
    await mode.close(500);
  }
});
