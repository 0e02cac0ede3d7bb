/** The cases in one world. */
import {
  anonymous,
  type ConsolidatedDatabaseService,
  type DatabaseHandle,
  service,
  user,
} from '../../src/index.ts';
import { wasAllowed } from './aim.ts';
import type { Draw } from './draw.ts';
import { type Case, drawCase, isPopulated } from './generate-case.ts';
import { differenceOfState, type Ground, lines } from './ground.ts';
import { type Caller, nameOf } from './model/caller.ts';
import { execute } from './model/execute.ts';
import { isReading } from './model/functions.ts';
import type { Answer } from './model/outcome.ts';
import type { World } from './model/world.ts';
import type { Operation } from './operation.ts';
import { isOutage } from './outage.ts';
import type { People } from './people.ts';
import type { PlayOptions, Tally } from './play-options.ts';
import { RAW_STATEMENTS } from './raw-statements.ts';
import { type Ran, runOperation } from './run-operation.ts';

/** Reads that wait for an answer at the same time. */
const AT_ONCE = 8;

interface Pending {
  readonly drawn: Case;
  readonly number: number;
  readonly ran: Promise<Ran | { readonly failed: unknown }>;
}

export class WorldRun {
  readonly #ground: Ground;
  readonly #draw: Draw;
  readonly #people: People;
  readonly #options: PlayOptions;
  readonly #tally: Tally;
  /** Under way. Nothing is written before all of them have answered. */
  #reads: Pending[] = [];
  /** Differences in the worlds before this one. After one in this world nothing that follows means anything. */
  readonly #before: number;
  #world: World;
  #number = 0;

  constructor(ground: Ground, draw: Draw, people: People, world: World, options: PlayOptions, tally: Tally) {
    this.#ground = ground;
    this.#draw = draw;
    this.#people = people;
    this.#world = world;
    this.#options = options;
    this.#tally = tally;
    this.#before = tally.differences.length;
  }

  async play(cases: number): Promise<void> {
    const { casesBetweenLooks = 250, onProgress } = this.#options;
    const { differences } = this.#tally;
    while (this.#number < cases && differences.length === this.#before && isPopulated(this.#world)) {
      await this.#playCase();
      if (this.#number % casesBetweenLooks === 0) await this.#look();
      onProgress?.(this.#tally);
    }
    await this.#look();
  }

  async #playCase(): Promise<void> {
    const { db, hasTransactions } = this.#drawService();
    const drawn = drawCase(this.#draw, this.#world, this.#people, hasTransactions, this.#options.focus);
    this.#number += 1;
    this.#tally.cases += 1;
    if (!isRead(drawn.operation)) await this.#settle();
    const pending = { drawn, number: this.#number, ran: run(db, drawn) };
    if (!isRead(drawn.operation)) await this.#judge(pending);
    else if (this.#reads.push(pending) >= AT_ONCE) await this.#settle();
  }

  /** The first way in most cases. */
  #drawService(): Ground['services'][number] {
    const [first, ...others] = this.#ground.services;
    return others.length > 0 && this.#draw.chance(0.25) ? this.#draw.one(others) : first!;
  }

  async #settle(): Promise<void> {
    for (const pending of this.#reads.splice(0)) await this.#judge(pending);
  }

  async #judge({ drawn, number, ran }: Pending): Promise<void> {
    const { caller, operation, aim } = drawn;
    const found = await ran;
    if ('failed' in found && isOutage(found.failed)) throw found.failed;
    if ('failed' in found) return this.#complain(number, drawn, `it threw ${String(found.failed)}`);
    const expected = execute(this.#world, caller, operation, found.made[Symbol.iterator]());
    for (const [index, answer] of expected.answers.entries()) {
      const name = kindOf(answer);
      this.#tally.answers[name] = (this.#tally.answers[name] ?? 0) + 1;
      const wrong = differenceOf(answer, found.answers[index]);
      if (wrong !== undefined) return this.#complain(number, drawn, `answer ${index + 1}: ${wrong}`);
    }
    if (found.answers.length > expected.answers.length)
      return this.#complain(number, drawn, `${found.answers.length} answers`);
    this.#world = expected.world;
    const allowed = aim && wasAllowed(found.answers[0]!);
    if (aim !== undefined && allowed !== undefined) this.#tally.coverage.note(aim, allowed);
  }

  async #look(): Promise<void> {
    await this.#settle();
    if (this.#tally.differences.length > this.#before) return;
    this.#tally.looks += 1;
    const wrong = await differenceOfState(this.#ground, this.#world);
    if (wrong !== undefined) this.#complain(this.#number, undefined, wrong);
  }

  #complain(number: number, drawn: Case | undefined, wrong: string): void {
    const { seed } = this.#options;
    const { worlds, differences } = this.#tally;
    const what =
      drawn === undefined ? 'the rows' : `${nameOf(drawn.caller)}: ${JSON.stringify(drawn.operation)}`;
    differences.push(
      `--seed ${seed} --world ${worlds}${this.#ground.flags}, case ${number}, ${what}\n  ${wrong}`,
    );
  }
}

async function run(
  db: ConsolidatedDatabaseService,
  { caller, operation }: Case,
): Promise<Ran | { failed: unknown }> {
  try {
    return await runOperation(handleFor(db, caller), operation);
  } catch (failed) {
    return { failed };
  }
}

function handleFor(db: ConsolidatedDatabaseService, caller: Caller): DatabaseHandle {
  if (caller.kind === 'user') {
    const key = caller.byKey ? { api_key_id: caller.id } : {};
    return db.as(user({ sub: caller.id, role: 'authenticated', ...key }));
  }
  return db.as(caller.kind === 'service' ? service() : anonymous());
}

function isRead(operation: Operation): boolean {
  switch (operation.kind) {
    case 'select':
    case 'count':
      return true;
    case 'rpc':
      return isReading(operation.name);
    case 'raw':
      return RAW_STATEMENTS[operation.name]!.isRead === true;
    case 'batch':
      return operation.statements.every(isRead);
    default:
      return false;
  }
}

function kindOf(answer: Answer): string {
  if (answer !== null && typeof answer === 'object' && 'refused' in answer) return answer.refused;
  return (typeof answer === 'number' ? answer : (answer?.length ?? 0)) > 0 ? 'rows' : 'no rows';
}

function differenceOf(expected: Answer, found: Answer | undefined): string | undefined {
  const [want, got] = [textOf(expected), textOf(found)];
  return want === got ? undefined : `it was ${got}, not ${want}`;
}

function textOf(answer: Answer | undefined): string {
  return Array.isArray(answer) ? `[${lines(answer).join(', ')}]` : JSON.stringify(answer ?? null);
}
