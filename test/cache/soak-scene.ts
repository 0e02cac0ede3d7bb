/** The soak with all that belongs to it: a database whose tables tell of their changes, the processes, and the effects. */
import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../src/contract/clock.ts';
import type { SecondLevelStore } from '../../src/index.ts';
import { writeCacheTriggers } from '../../src/ops/cache-triggers.ts';
import { migrateUp } from '../../src/ops/migrate.ts';
import { openAdmin } from '../ops/full-stack-admin.ts';
import { createTestDatabase, type TestDatabase } from '../support/full-stack.ts';
import { SharedStore } from '../support/shared-store.ts';
import { PROCESSES, SOAK_SQL, WATCHED } from './soak-database.ts';
import { EFFECTS, type Effect, tookEffect } from './soak-effects.ts';
import type { ProcessOptions, ProcessSum } from './soak-process.ts';
import { serveStore } from './soak-store.ts';

export interface SoakOptions {
  readonly operations: number;
  readonly seed: number;
  /** Writes a second, of all processes together. */
  readonly rate: number;
  readonly writeShare: number;
  readonly maxBytes: number;
  /** The processes share answers in a store. @defaultValue false */
  readonly secondLevel?: boolean;
  readonly onProgress?: (progress: { readonly operations: number; readonly faults: number }) => void;
}

export interface SoakResult {
  readonly sums: readonly ProcessSum[];
  readonly effects: readonly { readonly name: string; readonly ms: readonly (number | undefined)[] }[];
  /** Bytes of each process that its heap has grown by since it was warm, collected; what the soak notes down is among them. */
  readonly heapGrowth: readonly number[];
  /** Bytes of the heap that flushing the cache gave back at the end. */
  readonly heapOfCache: readonly number[];
  readonly seconds: number;
}

/** A process of the soak, as the scene sees it. */
export class SoakProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { resolve(answer: unknown): void; reject(error: Error): void }>();
  readonly #ready: Promise<unknown>;
  #last = 0;

  constructor(options: ProcessOptions, store: SecondLevelStore) {
    this.#child = fork(
      fileURLToPath(new URL('./soak-process.ts', import.meta.url)),
      [JSON.stringify(options)],
      {
        execArgv: ['--expose-gc', '--disable-warning=ExperimentalWarning'],
      },
    );
    this.#ready = this.#answerTo(0);
    serveStore(this.#child, store);
    this.#child.on('message', ({ id, answer, error }: { id?: number; answer?: unknown; error?: string }) => {
      if (id === undefined) return;
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) waiting?.resolve(answer);
      else waiting?.reject(new Error(error));
    });
    this.#child.once('exit', (code) => {
      for (const { reject } of this.#waiting.values())
        reject(new Error(`A process of the soak ended with ${code}.`));
    });
  }

  async ask<Answer>(ask: string, given?: unknown): Promise<Answer> {
    await this.#ready;
    this.#last += 1;
    const answer = this.#answerTo(this.#last);
    this.#child.send({ id: this.#last, ask, given });
    return (await answer) as Answer;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #answerTo(id: number): Promise<unknown> {
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }
}

export async function playSoak(options: SoakOptions): Promise<SoakResult> {
  const startedAt = performance.now();
  await using database = await createTestDatabase({ sql: SOAK_SQL });
  const migrations = await mkdtemp(join(tmpdir(), 'cdb-cache-soak-'));
  const urls = { ...database.user, service: database.service };
  const { seed, maxBytes } = options;
  const store = new SharedStore();
  const key = options.secondLevel === true ? randomBytes(32).toString('base64') : undefined;
  const processes = Array.from(
    { length: PROCESSES },
    (_, process) => new SoakProcess({ process, seed, maxBytes, urls, key }, store),
  );
  try {
    const tables = WATCHED.map((table) => ({ schema: 'public', table }));
    await writeCacheTriggers({ migrations, name: 'watch', tables, watch: 'watch', clock: systemClock });
    await migrate(database, migrations);
    return {
      ...(await played(processes, database, migrations, options)),
      seconds: (performance.now() - startedAt) / 1_000,
    };
  } finally {
    await Promise.race([Promise.allSettled(processes.map((each) => each.ask('end'))), pause(10_000)]);
    for (const process of processes) process.kill();
    await rm(migrations, { recursive: true, force: true });
  }
}

async function played(
  processes: readonly SoakProcess[],
  database: TestDatabase,
  migrations: string,
  { operations, rate, writeShare, onProgress }: SoakOptions,
): Promise<Omit<SoakResult, 'seconds'>> {
  const all = <Answer>(ask: string, given?: unknown): Promise<Answer[]> =>
    Promise.all(processes.map((process) => process.ask<Answer>(ask, given)));
  const share = { rate: rate / processes.length, writeShare };
  const warm = Math.min(operations / 10, 20_000);
  await tookEffect(processes, 'shed', () => database.query('insert into shed values (3)'));
  await all('work', { ...share, operations: Math.floor(warm / processes.length) });
  await all('flush');
  const heaps = await all<number>('heap');
  const watch = setInterval(async () => {
    const now = await all<{ reads: number; writes: number; faults: Record<string, unknown> }>('progress');
    onProgress?.({
      operations: now.reduce((sum, { reads, writes }) => sum + reads + writes, 0),
      faults: now.reduce((sum, { faults }) => sum + (faults.examples as string[]).length, 0),
    });
  }, 2_000);
  const effects: { name: string; ms: (number | undefined)[] }[] = [];
  try {
    const work = all('work', { ...share, operations: Math.floor((operations - warm) / processes.length) });
    for (const effect of EFFECTS) {
      const change = () => changed(effect, database, migrations);
      effects.push({ name: effect.name, ms: await tookEffect(processes, effect.shows, change) });
    }
    await work;
  } finally {
    clearInterval(watch);
  }
  const grown = await all<number>('heap');
  const sums = await all<ProcessSum>('sum');
  await all('flush');
  const flushed = await all<number>('heap');
  return {
    sums,
    effects,
    heapGrowth: grown.map((bytes, at) => bytes - (heaps[at] ?? 0)),
    heapOfCache: grown.map((bytes, at) => bytes - (flushed[at] ?? 0)),
  };
}

async function changed({ sql, by }: Effect, database: TestDatabase, migrations: string): Promise<void> {
  if (by === 'migration') {
    await writeFile(join(migrations, '20990101000000_policy.sql'), sql);
    await migrate(database, migrations);
  } else await database.query(sql);
}

async function migrate(database: TestDatabase, migrations: string): Promise<void> {
  const admin = await openAdmin(database.ownerUrl);
  try {
    await migrateUp(admin, migrations);
  } finally {
    await admin.close();
  }
}
