import type { Actor } from '../../contract/identity.ts';
import { own } from '../../contract/own-property.ts';
import type { Plan } from '../../contract/statement.ts';
import type { ReadyStatement } from '../call/ready-statement.ts';
import { BoundedCache } from '../values/bounded-cache.ts';

/** Claims that are other ones with each token of the same user. What a policy makes of them is not kept. */
export const OF_THE_TOKEN: ReadonlySet<string> = new Set(['iat', 'exp', 'nbf', 'jti']);
const MAX_IDENTITIES = 10_000;

/**
 * Numbers for identities: two actors have the same one exactly if they are of the same role and all their claims that
 * count are the same. A number is never given again, so an identity that was forgotten finds nothing of others.
 */
export class IdentityNumbers {
  readonly #byText = new BoundedCache<string, { readonly number: number }>({ max: MAX_IDENTITIES });
  readonly #byActor = new WeakMap<Actor, number>();
  readonly #decides: (claim: string) => boolean;
  #last = 0;

  /** @param claims those that count; all but those of the token unless given */
  constructor(claims?: readonly string[]) {
    const named = claims === undefined ? undefined : new Set(claims);
    this.#decides = named === undefined ? (claim) => !OF_THE_TOKEN.has(claim) : (claim) => named.has(claim);
  }

  of(actor: Actor): number {
    let number = this.#byActor.get(actor);
    if (number === undefined) {
      number = this.#numberOf(this.textOf(actor));
      this.#byActor.set(actor, number);
    }
    return number;
  }

  /** The same of two actors exactly if their number is. It has claims in it. */
  textOf(actor: Actor): string {
    return identityText(actor, this.#decides);
  }

  #numberOf(text: string): number {
    const known = this.#byText.get(text);
    if (known !== undefined) return known.number;
    this.#last += 1;
    this.#byText.set(text, { number: this.#last });
    return this.#last;
  }
}

function identityText({ kind, role, claims }: Actor, decides: (claim: string) => boolean): string {
  const all = Object.entries(JSON.parse(claims) as Readonly<Record<string, unknown>>);
  return JSON.stringify([kind, role, all.filter(([name]) => decides(name)).sort(byName)]);
}

function byName([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one < other ? -1 : one === other ? 0 : 1;
}

const planNumbers = new WeakMap<Plan, number>();
let plans = 0;

/** Of the text of a statement, its columns and its catalog: a plan belongs to all three. */
function planNumber(plan: Plan): number {
  let number = planNumbers.get(plan);
  if (number === undefined) {
    plans += 1;
    number = plans;
    planNumbers.set(plan, number);
  }
  return number;
}

/**
 * The key of an answer. Values come with their length, so that none can be taken for two.
 *
 * @param readers who may be given it
 * @param method of the handle: two of them may read the same rows, and answer with other values
 */
export function cacheKey(
  readers: number | string,
  method: string,
  ready: Pick<ReadyStatement<unknown>, 'statements' | 'settings' | 'asked'>,
): string {
  const { statements, settings } = ready;
  let key = `${readers} ${method}`;
  const asked = own(ready, 'asked');
  if (asked !== undefined) return `${key} ${asked()}`;
  for (const { plan, values } of statements) {
    key += ` ${planNumber(plan)}`;
    for (const value of values) key += value === null ? ' n' : ` ${value.length}:${value}`;
  }
  if (settings !== undefined) for (const [name, value] of settings) key += ` ${name}=${value}`;
  return key;
}
