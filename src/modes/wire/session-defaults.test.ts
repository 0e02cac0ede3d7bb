import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { FakeServer } from '../../../test/support/fake-server.ts';
import { runBatch } from './run-batch.ts';
import { DEFAULTS_CHECK, startupOptions } from './session-defaults.ts';
import { WireConnection } from './wire-connection.ts';

/** A connection that asked for the pins, to a server that answers the check with this. */
function fixture(answer: string) {
  const clock = new FakeClock();
  const server = new FakeServer();
  const connection = new WireConnection(server, clock, 10);
  server.connection = connection;
  connection.defaults = 'asked';
  server.answer = ({ sql }) => (sql === DEFAULTS_CHECK ? { rows: [answer] } : undefined);
  const run = async () => {
    await runBatch(
      connection,
      {
        actor: { kind: 'user', role: 'authenticated', claims: '{}', expiresAt: undefined },
        access: 'write',
        statements: [
          {
            plan: {
              text: 'insert into notes',
              document: '',
              name: 's',
              intent: 'write',
              origin: 'compiled',
            },
            values: [],
          },
        ],
        statementTimeoutMs: 0,
      },
      { deadline: clock.now() + 500, signal: undefined, maxRows: 10, maxBytes: 10_000 },
      { clock, style: 'named', searchPath: 'public, pg_temp', pooled: false },
    );
    return server.setUps.at(-1)?.sql ?? '';
  };
  const checks = () => server.ran.filter(({ sql }) => sql === DEFAULTS_CHECK).length;
  return { connection, run, checks };
}

describe('the defaults of a session', () => {
  it('are asked for once, by the first batch, which sets the pins itself', async () => {
    const { run, checks } = fixture('pinned');
    expect(await run()).toContain("'TimeZone'");
    await run();
    await run();
    expect(checks()).toBe(1);
  });

  it('need not be set by a batch where they are the pins', async () => {
    const { run } = fixture('pinned');
    await run();
    const setUp = await run();
    expect(setUp).not.toContain("'TimeZone'");
    expect(setUp).not.toContain("'search_path'");
    for (const name of ['role', 'request.jwt.claims', 'statement_timeout', 'transaction_isolation'])
      expect(setUp).toContain(`'${name}'`);
  });

  it('are set by each batch where they are not', async () => {
    const { run } = fixture('other');
    await run();
    expect(await run()).toContain("'TimeZone'");
  });

  it.each(['', 'yes', 'pinned '])('are not believed of an answer like %j', async (answer) => {
    const { connection, run } = fixture(answer);
    await expect(run()).rejects.toMatchObject({ code: 'REPLY_MISMATCH' });
    expect(connection.broken).toBeDefined();
  });

  it('go into the startup packet with their spaces and backslashes escaped', () => {
    const options = startupOptions('"my \\ schema", pg_temp');
    expect(options).toContain('-c DateStyle=ISO,\\ MDY ');
    expect(options).toContain('-c search_path="my\\ \\\\\\ schema",\\ pg_temp');
    expect(options).toContain('-c request.jwt.claim.sub= ');
  });
});
