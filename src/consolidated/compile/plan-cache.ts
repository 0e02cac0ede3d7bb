import type { Plan } from '../../contract/statement.ts';
import { BoundedCache } from '../values/bounded-cache.ts';
import type { ReplyShape, RpcShape } from './reply-shape.ts';

/** The cached part of a statement: everything except its values. */
export interface KeptPlan {
  readonly plan: Plan;
  readonly further: readonly Plan[];
  readonly answer: ReplyShape;
  readonly rpc?: RpcShape;
}

/**
 * Compiled statements by shape, the least recently used dropped first.
 *
 * The key contains the clauses of the statement as SQL text, and the text of a plan is made only of those
 * clauses: two shapes with the same key cannot have different texts. It starts with the number of the
 * relation or function in its catalog, so that a reloaded catalog never uses an old plan.
 */
export class PlanCache {
  readonly #kept: BoundedCache<string, KeptPlan>;

  /**
   * @param max shapes kept
   * @param maxCharacters of SQL kept in total: long lists make long shapes
   */
  constructor(max = 1000, maxCharacters = 16_000_000) {
    this.#kept = new BoundedCache({ max, maxSize: maxCharacters, sizeCalculation: characters });
  }

  get size(): number {
    return this.#kept.size;
  }

  get(key: string): KeptPlan | undefined {
    return this.#kept.get(key);
  }

  set(key: string, kept: KeptPlan): KeptPlan {
    this.#kept.set(key, kept);
    return kept;
  }
}

/** A plan with what was asked for: its clauses, without what its key has of the catalog. */
export function askedBy(asked: string, kept: KeptPlan): KeptPlan {
  return { ...kept, plan: { ...kept.plan, asked } };
}

function characters({ plan, further }: KeptPlan, key: string): number {
  let sum = key.length + plan.text.length + plan.document.length + (plan.asked?.length ?? 0);
  for (const { text, document } of further) sum += text.length + document.length;
  return sum;
}
