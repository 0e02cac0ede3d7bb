import { mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { CurrentFlag } from './current-flag.ts';
import { fileFlag } from './file-flag.ts';
import type { RolloutTrip } from './flag-source.ts';

const TRIP: RolloutTrip = {
  ...{ id: 't1', at: '2030-01-01T00:00:00.000Z', reason: 'errors', operation: 'all', table: 'all' },
  ...{ consolidated: 0.5, legacy: 0 },
};

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cdb-flag-'));
  path = join(folder, 'rollout.json');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const put = async (text: string): Promise<void> => {
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
};

/** Its time stands still: only what is noticed can make it read. */
async function started() {
  const clock = new FakeClock();
  const warnings: string[] = [];
  const current = new CurrentFlag({
    ...{ source: fileFlag(path), clock, pollMs: 400, keepLastMs: 10_000, tell: () => {} },
    onWarning: (message) => void warnings.push(message),
  });
  await current.start();
  return { clock, current, warnings };
}

describe('a flag in a file', () => {
  it('is none without the file, and what it says with it', async () => {
    expect(await fileFlag(path).read()).toEqual({ flag: undefined, trip: undefined });
    await put('{ "percentage": 5 }');
    expect(await fileFlag(path).read()).toEqual({ flag: { percentage: 5 }, trip: undefined });
  });

  it('is read again when the file is replaced, without waiting for the next reading', async () => {
    await put('{ "percentage": 5 }');
    const { current } = await started();
    await put('{ "percentage": 5, "killed": true }');
    await expect.poll(() => current.flag, { timeout: 10_000 }).toMatchObject({ killed: true });
    await current.close();
  });

  it('is read again when the file is made later', async () => {
    const { current } = await started();
    await put('{ "percentage": 5 }');
    await expect.poll(() => current.flag, { timeout: 10_000 }).toMatchObject({ percentage: 5 });
    await current.close();
  });

  it('is the last one while the file is half written, and the warning does not quote it', async () => {
    await put('{ "percentage": 5 }');
    const { clock, current, warnings } = await started();
    await writeFile(path, '{ "percentage": 5, "deny": ["ana');
    await expect
      .poll(
        async () => {
          await clock.advance(400);
          return current.readability;
        },
        { timeout: 10_000 },
      )
      .toBe('unreadable');
    expect(current.flag).toMatchObject({ percentage: 5 });
    expect(warnings.join()).not.toContain('ana');
    await current.close();
  });

  it('is read where nothing can be watched', async () => {
    const flag = fileFlag(join(folder, 'missing', 'rollout.json'));
    const stop = flag.watch?.(() => {});
    expect(await flag.read()).toEqual({ flag: undefined, trip: undefined });
    await stop?.();
  });

  it('is refused where the file cannot be read', async () => {
    await expect(fileFlag(folder).read()).rejects.toMatchObject({ code: 'EISDIR' });
  });
});

describe('a trip beside a file', () => {
  it('is the first of several, whole, until it is taken away', async () => {
    await put('{}');
    const flag = fileFlag(path);
    await Promise.all(['t1', 't2', 't3'].map((id) => flag.trip?.({ ...TRIP, id })));
    const { trip } = await flag.read();
    expect(['t1', 't2', 't3']).toContain(trip?.id);
    await flag.trip?.({ ...TRIP, id: 't4' });
    expect((await flag.read()).trip).toEqual(trip);
    expect((await readdir(folder)).sort()).toEqual(['rollout.json', 'rollout.json.tripped']);
    await flag.reset?.();
    await flag.reset?.();
    expect((await flag.read()).trip).toBeUndefined();
  });

  it('leaves the flag alone', async () => {
    await put('{ "percentage": 7 }');
    await fileFlag(path).trip?.(TRIP);
    expect(await fileFlag(path).read()).toEqual({ flag: { percentage: 7 }, trip: TRIP });
  });

  it.each(['', 'null', '{}', '{"id": 7}'])(
    'that cannot be understood (%s) is not taken for none',
    async (text) => {
      await put('{}');
      await writeFile(`${path}.tripped`, text);
      await expect(fileFlag(path).read()).rejects.toMatchObject({ code: 'INVALID_FLAG' });
    },
  );
});
