import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type ConsolidatedDatabaseService,
  createDatabaseService,
  type FlagSource,
  fileFlag,
  type RolloutFlag,
  tableFlag,
} from '../../src/index.ts';
import { scratchFolder } from '../ops/scratch-folder.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';
import { OWN_SCHEMA } from '../support/own-schema.ts';
import type { ProcessPair } from './process-pair.ts';
import { type ProcessReport, type ToProcess, twoProcesses } from './two-processes.ts';
import { tokenOf } from './user-token.ts';

const USERS = Array.from({ length: 40 }, (_, n) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`);
/** As generous as a machine may need that does other things. */
const PATIENCE = { timeout: 60_000, interval: 50 };

/**
 * A busy machine is slow by itself: only the fault at hand may trip it. A factor would let the legacy side be so slow there that the
 * fault is no longer seen beside it.
 */
const GUARDS = {
  none: { slowMarginMs: 60_000 },
  slow: { windowMs: 5_000, minCalls: 20, slowFactor: 1, slowMarginMs: 100, errorMargin: 1 },
  failing: { windowMs: 5_000, minCalls: 20, slowMarginMs: 60_000 },
};

describeFullStack('two processes with one flag', () => {
  let database: TestDatabase;
  let db: ConsolidatedDatabaseService;
  let tokens: string[];

  beforeAll(async () => {
    database = await createTestDatabase({
      migrated: true,
      sql: `${OWN_SCHEMA}
        insert into auth.users (id) select id::uuid from unnest('{${USERS.join()}}'::text[]) id;
        insert into profiles (id, username, email)
          select id::uuid, 'user_' || n, n || '@x.y' from unnest('{${USERS.join()}}'::text[]) with ordinality u (id, n);`,
    });
    db = createDatabaseService({ ...database.user, service: database.service, onWarning: () => {} });
    tokens = await Promise.all(USERS.map(tokenOf));
  });
  afterAll(async () => {
    await db.close();
    await database.drop();
  });

  interface Set {
    readonly source: FlagSource;
    set(flag: RolloutFlag): Promise<void>;
    readonly processes: ProcessPair<ToProcess, ProcessReport>;
    /** Once both have done calls after they knew this. */
    until(is: (report: ProcessReport) => boolean): Promise<ProcessReport[]>;
  }

  function started(
    flag: { file?: string; table?: string },
    fault: keyof typeof GUARDS,
    source: FlagSource,
    set: Set['set'],
  ): Set {
    const urls = { ...database.user, service: database.service };
    const processes = twoProcesses({ urls, flag, tokens, guard: GUARDS[fault] });
    return {
      ...{ source, set, processes },
      async until(is) {
        await expect.poll(async () => (await processes.ask({})).every(is), PATIENCE).toBe(true);
        // What was under way may still end.
        await processes.ask({ clear: true });
        const hasCalls = ({ calls }: ProcessReport) => calls.legacy + calls.consolidated > 40;
        await expect.poll(async () => (await processes.ask({})).every(hasCalls), PATIENCE).toBe(true);
        return processes.ask({ clear: true });
      },
    };
  }

  function withTable(name: string, fault: keyof typeof GUARDS): Set {
    const source = tableFlag(db, name);
    return started({ table: name }, fault, source, (flag) => source.set(flag));
  }

  function withFile(folder: string, fault: keyof typeof GUARDS): Set {
    const file = join(folder, 'rollout.json');
    return started({ file }, fault, fileFlag(file), async (flag) => {
      await writeFile(`${file}.new`, JSON.stringify(flag));
      await rename(`${file}.new`, file);
    });
  }

  const onlyOn = (reports: ProcessReport[], side: 'legacy' | 'consolidated') => {
    const other = side === 'legacy' ? 'consolidated' : 'legacy';
    expect(reports.map(({ calls }) => calls[other])).toEqual([0, 0]);
    expect(reports.flatMap(({ failures }) => failures)).toEqual([]);
  };

  describe.each(['table', 'file'] as const)('in a %s', (kind) => {
    it('send all calls where it says, at 0, 50 and 100 percent, and back when the switch is thrown', async () => {
      const folder = await scratchFolder({});
      const { set, processes, until } =
        kind === 'table' ? withTable('switch', 'none') : withFile(folder, 'none');
      await using _ended = processes;
      await set({ percentage: 0 });
      onlyOn(await until(() => true), 'legacy');
      await set({ percentage: 100 });
      onlyOn(await until(({ percentage }) => percentage === 100), 'consolidated');
      await set({ percentage: 50 });
      for (const { calls, failures } of await until(({ percentage }) => percentage === 50)) {
        expect(Math.min(calls.legacy, calls.consolidated)).toBeGreaterThan(0);
        expect(failures).toEqual([]);
      }
      await set({ percentage: 50, killed: true });
      onlyOn(await until(({ killed }) => killed), 'legacy');
    }, 180_000);

    it.each(['slow', 'failing'] as const)(
      'send all calls back where the consolidated side is %s, until somebody lets them return',
      async (fault) => {
        const folder = await scratchFolder({});
        const { source, set, processes, until } =
          kind === 'table' ? withTable(`guard ${fault}`, fault) : withFile(folder, fault);
        await using _ended = processes;
        await set({ percentage: 50 });
        await until(({ percentage }) => percentage === 50);
        await processes.ask({ fault });
        const reports = await until(({ tripped }) => tripped !== undefined);
        expect(reports.map(({ calls }) => calls.consolidated)).toEqual([0, 0]);
        expect((await source.read()).trip).toMatchObject({ reason: fault === 'slow' ? 'slow' : 'errors' });
        await processes.ask({ fault: 'none' });
        await source.reset?.();
        const returned = await until(({ tripped }) => tripped === undefined);
        for (const { calls } of returned) expect(calls.consolidated).toBeGreaterThan(0);
      },
      180_000,
    );
  });
});
