import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { withSession } from '../../stack/sql-session.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';

const SCRIPT = fileURLToPath(new URL('./shutdown-process.ts', import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly lines: readonly string[];
  readonly errors: string;
}

describeFullStack('a process that is told to end', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase({
      sql: `create table notes (id int primary key);
        create function slowly(id int) returns void language sql as
          'select pg_catalog.pg_advisory_xact_lock_shared(1); insert into notes values (id)';
        grant select, insert on notes to authenticated`,
    });
  });
  afterAll(() => database.drop());

  /** What the script says when it has its signal. Its calls are held up until then, and to the end where it says nothing here. */
  const SAID: Readonly<Record<string, string>> = { well: 'before', badly: "'before' failed", others: 'told' };

  /** Runs the script and sends the signals once it says that its calls are under way. */
  const endedBy = (how: string, ...signals: readonly NodeJS.Signals[]): Promise<Ended> =>
    withSession(database.adminUrl, async ({ query }) => {
      await query('select pg_advisory_lock(1)');
      return runUntilEnded(how, signals, () => query('select pg_advisory_unlock(1)'));
    });

  async function runUntilEnded(
    how: string,
    signals: readonly NodeJS.Signals[],
    release: () => Promise<unknown>,
  ): Promise<Ended> {
    const heard = Promise.withResolvers<void>();
    const hear = (text: string): void => {
      if (SAID[how] !== undefined && text.includes(SAID[how])) heard.resolve();
    };
    const child: ChildProcess = spawn(process.execPath, [SCRIPT, how], {
      env: { ...process.env, CDB_DIRECT_URL: database.user.direct },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let errors = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      errors += String(chunk);
      hear(errors);
    });
    const lines: string[] = [];
    const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
    if (child.stdout === null) throw new Error('The process has no output.');
    createInterface(child.stdout).on('line', (line) => {
      lines.push(line);
      hear(line);
      if (line === 'under way' || line === 'before') {
        const signal = signals[lines.filter((each) => each === 'under way' || each === 'before').length - 1];
        if (signal !== undefined) child.kill(signal);
      }
    });
    await Promise.race([heard.promise.then(release), ended]);
    const [code, signal] = await ended;
    return { code, signal, lines, errors };
  }

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'by %s answers what runs, refuses what comes, and ends by the signal',
    async (signal) => {
      await database.query('truncate notes');
      const ended = await endedBy('well', signal);
      expect(ended.errors).toBe('');
      expect(ended.lines).toEqual(['under way', 'before', 'answered 8', 'then SERVICE_CLOSED']);
      expect([ended.code, ended.signal]).toEqual([null, signal]);
      expect(await database.query('select count(*)::int from notes')).toEqual([{ count: 8 }]);
    },
  );

  it('closes the service though what had to end before failed, and says so', async () => {
    const { lines, errors, signal } = await endedBy('badly', 'SIGTERM');
    expect(lines).toContain('then SERVICE_CLOSED');
    expect(errors).toMatch(/shutdown\(\): 'before' failed: no server/);
    expect(signal).toBe('SIGTERM');
  });

  it('cuts off what does not end in time', async () => {
    const { lines, signal } = await endedBy('short', 'SIGTERM');
    expect(lines).toContain('answered 0');
    expect(signal).toBe('SIGTERM');
  });

  it('ends at once by a second signal', async () => {
    const { lines, signal } = await endedBy('stuck', 'SIGTERM', 'SIGTERM');
    expect(lines).toEqual(['under way', 'before']);
    expect(signal).toBe('SIGTERM');
  });

  it('is left to the other listeners of the signal, where there are any', async () => {
    const { lines, code, signal } = await endedBy('others', 'SIGTERM');
    expect(lines).toContain('another listener ends it');
    expect([code, signal]).toEqual([7, null]);
  });
});
