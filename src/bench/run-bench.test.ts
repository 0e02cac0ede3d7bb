import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Clock } from '../contract/clock.ts';
import { benchJson, compareBenchRuns, readBenchJson } from './bench-file.ts';
import { type BenchOptions, defineBench } from './define-bench.ts';
import { runBench } from './run-bench.ts';

/** Time that passes only where a way says so. */
class WorkClock implements Clock {
  #ms = 0;
  now(): number {
    return this.#ms;
  }
  wallNow(): number {
    return this.#ms;
  }
  work(ms: number): void {
    this.#ms += ms;
  }
  schedule(): never {
    throw new Error('A run sets no timers.');
  }
  expireAt(): never {
    throw new Error('A run has no deadlines.');
  }
}

interface Clients {
  readonly ours: string;
  readonly yours: string;
}

/** What the code of the bench was asked to do, in order. */
interface Scene {
  readonly log: string[];
  readonly clock: WorkClock;
}

function benchOf(scene: Scene, change: Partial<BenchOptions<Clients>> = {}, oursMs = 1) {
  const contender = (name: string) => ({
    open: async () => {
      scene.log.push(`open ${name}`);
      return name;
    },
    close: async () => void scene.log.push(`close ${name}`),
  });
  return defineBench<Clients>({
    contenders: { ours: contender('ours'), yours: contender('yours') },
    cases: {
      list: {
        ways: {
          ours: async (_client, { random }) => {
            scene.clock.work(oursMs);
            return [{ drawn: random() }];
          },
          yours: async (_client, { random }) => {
            scene.clock.work(3);
            return [{ drawn: random() }];
          },
        },
      },
    },
    rounds: 3,
    seconds: 0.06,
    warmUpSeconds: 0,
    concurrency: [1],
    ...change,
  });
}

const newScene = (): Scene => ({ log: [], clock: new WorkClock() });

function run(scene: Scene, bench: ReturnType<typeof benchOf>, signal = new AbortController().signal) {
  return runBench(bench, {
    signal,
    clock: scene.clock,
    onProgress: () => {},
    onWarning: (text) => void scene.log.push(`warning: ${text}`),
    onResult: ({ tasks }) => void scene.log.push(`measured with ${tasks}`),
  });
}

/** Without what the machine is doing besides. */
const logOf = ({ log }: Scene): string[] => log.filter((line) => !line.includes('machine is busy'));

describe('a run of a bench', () => {
  it('opens, compares, measures with each number of calls at a time, and closes', async () => {
    const scene = newScene();
    const { results } = await run(scene, benchOf(scene, { concurrency: [1, 2] }));
    expect(logOf(scene)).toEqual([
      'open ours',
      'open yours',
      'measured with 1',
      'measured with 2',
      'close ours',
      'close yours',
    ]);
    const [first] = results;
    expect(first?.rows.map(({ contender, p50Us }) => [contender, p50Us])).toEqual([
      ['ours', 1_000],
      ['yours', 3_000],
    ]);
  });

  it('asks every way the same, and no way the same twice', async () => {
    const scene = newScene();
    const asked: Record<string, string[]> = { ours: [], yours: [] };
    const ask =
      (name: string) =>
      async (_client: unknown, { n, random }: { n: number; random: () => number }) => {
        asked[name]?.push(`${n}: ${random()}, ${random()}`);
        scene.clock.work(5);
        return n;
      };
    const ways = { ours: ask('ours'), yours: ask('yours') };
    await run(scene, benchOf(scene, { cases: { list: { ways } }, concurrency: [1, 3] }));
    const { ours = [], yours = [] } = asked;
    expect(new Set(ours).size).toBe(ours.length);
    const common = Math.min(ours.length, yours.length);
    expect(common).toBeGreaterThan(20);
    expect(ours.toSorted().slice(0, 10)).toEqual(yours.toSorted().slice(0, 10));
    expect(ours.map((line) => Number.parseInt(line, 10))).toEqual(ours.map((_, n) => n));
  });

  it('measures nothing where ways answer differently, and closes', async () => {
    const scene = newScene();
    const ways = { ours: answering(scene, 1, [{ id: 1 }]), yours: answering(scene, 1, [{ id: '1' }]) };
    const bench = benchOf(scene, { cases: { good: { ways: { ours: ways.ours } }, list: { ways } } });
    await expect(run(scene, bench)).rejects.toMatchObject({
      code: 'BENCH_ANSWERS_DIFFER',
      message:
        "'ours' and 'yours' answer differently in the case 'list', call 0: 1 of 1 rows: in 'id' (number and string). Nothing was measured.",
    });
    expect(logOf(scene)).toEqual(['open ours', 'open yours', 'close ours', 'close yours']);
  });

  it.each([
    [
      'a check that says so',
      (answers: Readonly<Record<string, unknown>>) => answers.ours !== answers.yours,
      [],
    ],
    [
      'a reason not to',
      { skip: 'ids are drawn' },
      ["warning: The answers of the case 'list' were not compared: ids are drawn"],
    ],
  ])('takes answers that differ with %s', async (_what, check, warned) => {
    const scene = newScene();
    const at = (answer: number) => async () => {
      scene.clock.work(1);
      return answer;
    };
    await run(scene, benchOf(scene, { cases: { list: { ways: { ours: at(1), yours: at(2) }, check } } }));
    expect(logOf(scene).filter((line) => line.startsWith('warning'))).toEqual(warned);
  });

  it('refuses answers that the check of the case refuses', async () => {
    const scene = newScene();
    const ways = { ours: answering(scene, 1), yours: answering(scene, 1) };
    await expect(
      run(scene, benchOf(scene, { cases: { list: { ways, check: () => false } } })),
    ).rejects.toMatchObject({
      code: 'BENCH_ANSWERS_DIFFER',
    });
    const throwing = () => {
      throw new TypeError('saw s3cret');
    };
    await expect(
      run(scene, benchOf(scene, { cases: { list: { ways, check: throwing } } })),
    ).rejects.toMatchObject({
      code: 'BENCH_FAILED',
      message: "The check of the case 'list' failed: TypeError.",
    });
  });

  it('warns of what writes, and of answers that are all empty', async () => {
    const scene = newScene();
    const empty = async () => {
      scene.clock.work(1);
      return [];
    };
    await run(
      scene,
      benchOf(scene, { cases: { list: { writes: true, ways: { ours: empty, yours: empty } } } }),
    );
    expect(logOf(scene).filter((line) => line.startsWith('warning'))).toEqual([
      "warning: The case 'list' writes, thousands of times. Nothing takes back what it wrote.",
      "warning: Every answer of the case 'list' was empty: are these the rows that you want to measure?",
    ]);
  });

  it.each([
    ['when it is first called', 0],
    ['in the middle of a round', 40],
  ])('ends with the case and the way that threw, and closes: %s', async (_when, from) => {
    const scene = newScene();
    const failure = Object.assign(new Error('duplicate key (title)=(s3cret)'), { code: '23505' });
    let running = 0;
    const ways = {
      ours: async () => {
        running += 1;
        await turn();
        running -= 1;
        scene.clock.work(1);
        return 1;
      },
      yours: async (_client: string, { n }: { n: number }) => {
        scene.clock.work(1);
        if (n >= from) throw failure;
        return 1;
      },
    };
    await expect(
      run(scene, benchOf(scene, { cases: { list: { ways } }, concurrency: [4] })),
    ).rejects.toMatchObject({
      code: 'BENCH_FAILED',
      message: "The way 'yours' of the case 'list' failed: Error (23505).",
      cause: failure,
    });
    expect(running).toBe(0);
    expect(logOf(scene)).toEqual(['open ours', 'open yours', 'close ours', 'close yours']);
  });

  it('closes what is open where another cannot be opened, and says which cannot be closed', async () => {
    const scene = newScene();
    const refuse = () => {
      throw Object.assign(new Error('connect postgres://u:s3cret@host'), { code: 'ECONNREFUSED' });
    };
    const { ours } = benchContenders(scene);
    const closed = benchOf(scene, { contenders: { ours, yours: { open: refuse, close: () => {} } } });
    await expect(run(scene, closed)).rejects.toMatchObject({
      message: expect.stringMatching(/^Opening the contender 'yours' failed: Error \(ECONNREFUSED\)/),
    });
    expect(scene.log.at(-1)).toBe('close ours');
    const stuck = benchOf(scene, {
      contenders: { ours: { open: () => 'ours', close: refuse }, yours: ours },
    });
    await expect(run(scene, stuck)).rejects.toMatchObject({
      message: expect.stringMatching(/^Closing the contender 'ours' failed/),
    });
    expect(scene.log.at(-1)).toBe('close ours');
  });

  it('ends with the reason of its signal, in the middle of a round too, and closes', async () => {
    const scene = newScene();
    const stopping = new AbortController();
    const reason = new Error('interrupted');
    const yours = async (_client: string, { n }: { n: number }) => {
      scene.clock.work(1);
      if (n === 30) stopping.abort(reason);
      return 1;
    };
    const ways = { ours: answering(scene, 1), yours };
    await expect(run(scene, benchOf(scene, { cases: { list: { ways } } }), stopping.signal)).rejects.toBe(
      reason,
    );
    expect(logOf(scene)).toEqual(['open ours', 'open yours', 'close ours', 'close yours']);
  });
});

/** Takes so long, and answers the same each time. */
function answering({ clock }: Scene, ms: number, answer: unknown = 1): () => Promise<unknown> {
  return async () => {
    clock.work(ms);
    return answer;
  };
}

function benchContenders(scene: Scene) {
  return {
    ours: {
      open: () => 'ours',
      close: () => void scene.log.push('close ours'),
    },
  };
}

describe('a run that is compared with an earlier one', () => {
  const measured = async (oursMs: number, change: Partial<BenchOptions<Clients>> = {}) => {
    const scene = newScene();
    return run(scene, benchOf(scene, change, oursMs));
  };
  /** CPU is that of the machine, which no clock hands in. */
  const changesOf = (before: Awaited<ReturnType<typeof measured>>, now: typeof before) => {
    const earlier = readBenchJson(JSON.stringify(benchJson(before)));
    return compareBenchRuns(earlier!, now)
      .filter(({ figure }) => figure !== 'cpuUs')
      .map(({ where, contender, figure, verdict, ratio }) => [
        where,
        contender,
        figure,
        verdict,
        Number(ratio.toFixed(2)),
      ]);
  };

  it('tells that the baseline takes twice as long as it did, against the same others', async () => {
    expect(changesOf(await measured(1), await measured(2))).toEqual([
      ['list, 1 at a time', 'ours', 'perSecond', 'slower', 0.5],
      ['list, 1 at a time', 'ours', 'p50Us', 'slower', 0.5],
    ]);
    expect(changesOf(await measured(2), await measured(2)).map(([, , , verdict]) => verdict)).toEqual([
      'no difference',
      'no difference',
    ]);
  });

  it('compares a way that is alone as it is', async () => {
    const alone = async (ms: number) => {
      const scene = newScene();
      const ours = answering(scene, ms);
      const contenders = benchContenders(scene);
      const bench = defineBench({
        contenders,
        cases: { list: { ways: { ours } } },
        rounds: 3,
        seconds: 0.06,
        warmUpSeconds: 0,
        concurrency: [1],
      });
      return run(scene, bench);
    };
    expect(changesOf(await alone(1), await alone(2)).map(([, , , verdict]) => verdict)).toEqual([
      'slower',
      'slower',
    ]);
  });

  it('refuses files of another kind', () => {
    for (const text of ['', '{}', '[]', '{"bench":"suite","rows":[]}', '{"bench":"own","rows":[{}]}']) {
      expect(readBenchJson(text)).toBeUndefined();
    }
  });
});
