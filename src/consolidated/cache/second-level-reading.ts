import type { Clock } from '../../contract/clock.ts';
import { withinLimits } from '../../contract/within-limits.ts';
import { type Call, known } from '../call/call.ts';
import type { CallResult } from '../call/ready-statement.ts';
import type { Catalog } from '../catalog/model.ts';
import type { Looked, SecondLevel } from '../second-level/second-level.ts';
import type { IdentityNumbers } from './cache-key.ts';
import { freeze } from './frozen-value.ts';
import { type Asked, type Began, keptAnswer, type Lifetime, lifetimeOf } from './kept-answer.ts';
import type { ReadCache } from './read-cache.ts';
import { storedQuestion } from './stored-question.ts';

/** The second level, with what tells the answers of such services apart. */
export interface ServiceSecondLevel {
  readonly level: Pick<SecondLevel, 'isFor' | 'look' | 'keep' | 'announce'>;
  readonly service: readonly string[];
}

interface SecondLevelReadingParts extends ServiceSecondLevel {
  readonly cache: ReadCache;
  readonly clock: Clock;
  readonly identities: Pick<IdentityNumbers, 'textOf'>;
  readonly emptyTtlMs: number;
}

/** Where an answer may be put that is read now. */
export type ToKeep = Extract<Looked, { readonly answer: undefined }>;

type Found =
  | { readonly result: CallResult }
  | { readonly result: undefined; readonly toKeep: ToKeep | undefined };

/** Asks the second level for what is not in memory, and gives it what the database answers. */
export class SecondLevelReading {
  readonly #parts: SecondLevelReadingParts;
  /** Of the newest catalog that a call was compiled with. */
  #epoch: number | undefined;

  constructor(parts: SecondLevelReadingParts) {
    this.#parts = parts;
  }

  /** Asked before a reading begins. */
  isFor({ compiledWith }: Call, asked: Asked): boolean {
    const { cache, clock, level } = this.#parts;
    if (!level.isFor(asked)) return false;
    this.#noteCatalog(known(compiledWith));
    return cache.generations.isSettled(asked.dependsOn, clock.now());
  }

  /** Within the limits of the call. What it finds is in memory then. */
  async find(call: Call, asked: Asked, began: Began): Promise<Found> {
    const { cache, clock, emptyTtlMs, identities, level, service } = this.#parts;
    const question = storedQuestion(call, asked, identities, service);
    const sought = { question, dependsOn: asked.dependsOn, ttlMs: asked.request.ttlMs };
    const looked = await withinLimits(level.look(sought), call.limits, clock, 'while the cache was asked');
    const { generations } = cache;
    const isCurrent =
      call.place.catalogs.current === call.compiledWith &&
      generations.isCurrent(began.since, asked.dependsOn) &&
      generations.isSettled(asked.dependsOn, clock.now());
    if (!isCurrent) return { result: undefined, toKeep: undefined };
    if (looked?.answer === undefined) return { result: undefined, toKeep: looked };
    const { value, rows, maxAgeMs } = looked.answer;
    const result: CallResult = { value, rows, maxAgeMs };
    const bytes = freeze(value);
    // Without a common clock it counts as old as it may be.
    const read = { ...began, readAt: began.readAt - maxAgeMs };
    const kept = keptAnswer(call, asked, result, read, lifetimeOf(asked, result, emptyTtlMs));
    cache.set(asked.key, kept, bytes);
    return { result };
  }

  /** For half of its time; the other half is for the processes that take it from there. */
  keep(toKeep: ToKeep, result: CallResult, { freshMs }: Lifetime, { readAt }: Began): void {
    const { clock, level } = this.#parts;
    const maxAgeMs = Math.floor(freshMs / 2);
    level.keep(toKeep, { ...result, maxAgeMs }, maxAgeMs - Math.ceil(clock.now() - readAt));
  }

  /** By a newer catalog, policies may be others: what was read before is given no more than what is in memory. */
  #noteCatalog({ epoch }: Catalog): void {
    const before = this.#epoch;
    if (before !== undefined && epoch <= before) return;
    this.#epoch = epoch;
    if (before === undefined) return;
    this.#parts.cache.touch('everything');
    this.#parts.level.announce('everything');
  }
}
