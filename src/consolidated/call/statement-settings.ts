import type { StatementReply } from '../../contract/mode.ts';
import { own } from '../../contract/own-property.ts';
import type { Statement } from '../../contract/statement.ts';
import { type TextPlan, textPlan } from '../values/text-plan.ts';

/** Settings of the server for one statement, such as `['hnsw.ef_search', '200']`. */
export type ServerSettings = readonly (readonly [name: string, value: string])[];

const NONE: ServerSettings = [];

/** Statements of one batch or call, each of which may need settings of its own. */
interface Settled {
  readonly statements: readonly unknown[];
  readonly settings: ServerSettings | undefined;
  readonly settingsOfEach?: readonly ServerSettings[];
}

/**
 * The settings of several statements as one: `settings` where all need the same, which can be set together with who acts.
 * Otherwise those of each.
 */
export function settingsOf(all: readonly Settled[]): Pick<Settled, 'settings' | 'settingsOfEach'> {
  const each = all.flatMap(settingsOfEach);
  const [first = NONE] = each;
  if (each.every((one) => areSame(one, first))) return { settings: first };
  return { settings: undefined, settingsOfEach: each };
}

export function settingsOfEach(one: Settled): readonly ServerSettings[] {
  const { statements, settings = NONE } = one;
  return own(one, 'settingsOfEach') ?? statements.map(() => settings);
}

function areSame(one: ServerSettings, other: ServerSettings): boolean {
  return (
    one.length === other.length &&
    one.every(([name, value], at) => name === other[at]![0] && value === other[at]![1])
  );
}

/**
 * The statements with those between them that set what the next one needs, and put back what was before. Nothing else then runs with the
 * settings of a search: they would mislead the planner, and let an index answer a function out of order.
 */
export class SettledStatements {
  readonly sent: readonly Statement[];
  /** For each that is sent, whether it is one of the caller's. */
  readonly #isOwn: readonly boolean[];

  constructor(statements: readonly Statement[], each: readonly ServerSettings[]) {
    const sent: Statement[] = [];
    const isOwn: boolean[] = [];
    const add = (statement: Statement, own: boolean) => {
      sent.push(statement);
      isOwn.push(own);
    };
    let current = NONE;
    const change = (next: ServerSettings) => {
      if (areSame(current, next)) return;
      if (current.length > 0) add(puttingBack(current), false);
      if (next.length > 0) add(setting(next), false);
      current = next;
    };
    for (const [at, statement] of statements.entries()) {
      change(each[at] ?? NONE);
      add(statement, true);
    }
    // What runs at the end of a transaction is not the last statement.
    change(NONE);
    this.sent = sent;
    this.#isOwn = isOwn;
  }

  /** The replies to the caller's own. What is kept under an idempotency key has no others. */
  answers(replies: readonly StatementReply[]): readonly StatementReply[] {
    return replies.length === this.sent.length ? replies.filter((_, at) => this.#isOwn[at]) : replies;
  }

  /** Which of the caller's own is the one that was sent at this place; -1 for none of them. */
  ownAt(place: number): number {
    return this.#isOwn[place] === true ? this.#isOwn.slice(0, place).filter(Boolean).length : -1;
  }
}

/** One that the server does not know yet, because the library that it belongs to is not loaded, gets its default when it is put back. */
function setting(settings: ServerSettings): Statement {
  const plan = kept('set', settings, () => {
    const keep = settings.map(
      ([name]) =>
        `pg_catalog.set_config('cdb.${name}', coalesce(pg_catalog.current_setting('${name}', true), ''), true)`,
    );
    const set = settings.map((_, at) => `pg_catalog.set_config($${at * 2 + 1}, $${at * 2 + 2}, true)`);
    return textPlan(`select pg_catalog.concat(${[...keep, ...set].join(', ')})`, settings.length * 2);
  });
  return { plan, values: settings.flat() };
}

function puttingBack(settings: ServerSettings): Statement {
  const plan = kept('put back', settings, () => {
    const back = settings.map(
      ([name]) =>
        `pg_catalog.set_config('${name}', nullif(pg_catalog.current_setting('cdb.${name}'), ''), true)`,
    );
    return textPlan(`select pg_catalog.concat(${back.join(', ')})`);
  });
  return { plan, values: [] };
}

/** By the names of the settings, which are our own, so few. */
const plans = new Map<string, TextPlan>();

function kept(what: string, settings: ServerSettings, make: () => TextPlan): TextPlan['plan'] {
  const key = `${what} ${settings.map(([name]) => name).join(' ')}`;
  const known = plans.get(key) ?? make();
  plans.set(key, known);
  return known.plan;
}
