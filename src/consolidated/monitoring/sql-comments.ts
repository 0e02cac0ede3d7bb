import type { ModeName } from '../../contract/mode.ts';
import type { Plan, Statement } from '../../contract/statement.ts';
import { statementName } from '../../contract/statement-name.ts';
import type { Layer } from '../call/call.ts';

/** Each variant of a text is a prepared statement of its own: further labels get the comment without one. */
const MAX_LABELS_PER_PLAN = 20;
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

interface CommentOptions {
  readonly applicationName: string;
  /** Whether statements in transaction mode have names. */
  readonly pooledStatements: 'unnamed' | 'named';
  /** The span that is active now, in the form of W3C; undefined where none is, or it is not recorded. */
  readonly traceparent: () => string | undefined;
}

/**
 * Adds to each statement who sent it, in the form of sqlcommenter: `/*application='api',route='trips.list'*\/`. Whoever
 * looks at `pg_stat_activity` or the server's log finds the code by it.
 *
 * Invariant: the text of a prepared statement differs by its label alone. The trace, which is another one for each call, is
 * added only where statements have no names.
 */
export class SqlComments {
  readonly #options: CommentOptions;
  readonly #variants = new WeakMap<Plan, Map<string, Plan>>();

  constructor(options: CommentOptions) {
    this.#options = options;
  }

  of(statements: readonly Statement[], mode: ModeName, label: string | undefined): readonly Statement[] {
    const isPooled = mode === 'transaction' && this.#options.pooledStatements === 'unnamed';
    return statements.map(({ plan, values }) => {
      const traceparent = isPooled || plan.origin === 'raw' ? this.#traceparent() : undefined;
      return {
        plan: traceparent === undefined ? this.#variant(plan, label) : this.#traced(plan, label, traceparent),
        values,
      };
    });
  }

  #variant(plan: Plan, label: string | undefined): Plan {
    let variants = this.#variants.get(plan);
    if (variants === undefined) {
      variants = new Map();
      this.#variants.set(plan, variants);
    }
    const key = label ?? '';
    const known = variants.get(key);
    if (known !== undefined) return known;
    if (label !== undefined && variants.size >= MAX_LABELS_PER_PLAN) return this.#variant(plan, undefined);
    const made = withComment(plan, commentOf({ application: this.#options.applicationName, route: label }));
    variants.set(key, { ...made, name: statementName(made.text) });
    return variants.get(key)!;
  }

  /** Its name is not used. */
  #traced(plan: Plan, route: string | undefined, traceparent: string): Plan {
    return withComment(plan, commentOf({ application: this.#options.applicationName, route, traceparent }));
  }

  #traceparent(): string | undefined {
    const found = this.#options.traceparent();
    return found !== undefined && TRACEPARENT.test(found) ? found : undefined;
  }
}

/** Lets each call know how its statements are commented. */
export function commented<Task>(comments: SqlComments, next: Layer<Task>): Layer<Task> {
  return (call) => {
    call.commented = (statements, mode) => comments.of(statements, mode, call.options.label);
    return next(call);
  };
}

/** On a line of its own: raw SQL may end in a comment. */
function withComment(plan: Plan, comment: string): Plan {
  const { text, document } = plan;
  const by = `\n${comment}`;
  return { ...plan, text: text + by, document: document === '' ? '' : document + by };
}

/** By the specification: keys in their order, keys and values encoded as in a URL, values in single quotes. */
function commentOf(tags: Readonly<Record<string, string | undefined>>): string {
  const pairs = Object.entries(tags)
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([key, value]) => `${key}='${encoded(value!)}'`);
  return pairs.length === 0 ? '' : `/*${pairs.join(',')}*/`;
}

/** Nothing but letters, digits and `-_.~%` is left, so that nothing ends the value or the comment. */
function encoded(value: string): string {
  return encodeURIComponent(value.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
