import type { Expression, ExpressionCall } from '../catalog/expression.ts';
import type { Catalog } from '../catalog/model.ts';
import type { CalledFunction, GraphRelation } from '../catalog/relation-graph.ts';
import { TEMPORARY_POLICY } from '../own-schema/temporary-policy.ts';
import { convertedText } from './converted-text.ts';
import { type Declarations, declarationHint } from './declarations.ts';
import { sqlValue, uncommonNode } from './expression-node.ts';
import { knownFunction } from './known-functions.ts';
import type { Refusal, RefusalReason } from './refusal.ts';

/** In place of a role: whoever it is, so that all policies count. */
export const ANYONE = '*';

/** OIDs below are of objects that `initdb` made. */
const FIRST_USER_OID = 16_384;

/** Who reads: the role whose policies count for a table, and the one that `current_user` and views of their caller see. */
interface Reader {
  readonly as: string;
  readonly caller: string;
}

/** With these an answer may be kept where somebody says for how long. */
const FOR_A_TIME: ReadonlySet<RefusalReason> = new Set(['time', 'setting']);

const UNTIL_CLOSED = "When it has ended, drop it by 'cdb policies close --expired'.";

/** Follows a read to all that decides its answer, until something may not be kept. */
export class ReadTrace {
  readonly #catalog: Catalog;
  readonly #declared: Declarations;
  readonly #seen = new Set<string>();
  readonly #tables = new Set<string>();
  readonly #claims = new Set<string>();
  #readsAllClaims = false;
  #refusal: Refusal | undefined;
  #isOver = false;

  constructor(catalog: Catalog, declared: Declarations) {
    this.#catalog = catalog;
    this.#declared = declared;
  }

  get refusal(): Refusal | undefined {
    return this.#refusal;
  }

  /** Tables and claims are all that there are, even if there is a refusal. */
  get isComplete(): boolean {
    return !this.#isOver;
  }

  get tables(): readonly string[] {
    return [...this.#tables].sort();
  }

  get claims(): readonly string[] | 'all' {
    return this.#readsAllClaims ? 'all' : [...this.#claims].sort();
  }

  relation(relation: GraphRelation, reader: Reader): void {
    const { oid, name, family, definition } = relation;
    if (this.#isKnown(`${oid} ${reader.as} ${reader.caller}`)) return;
    if (relation.kind === 'foreign table' || family.hasForeignTable) {
      this.#refuse('foreign table', `"${name}" reads from a foreign table`);
      return;
    }
    if (relation.kind === 'view') {
      if (definition === undefined)
        this.#refuse('unknown expression', `the definition of view "${name}" is not known`);
      else {
        const as = relation.readsAs ?? reader.caller;
        this.#expression(definition, { as, caller: reader.caller }, `view "${name}"`);
      }
      return;
    }
    this.#tables.add(family.name);
    if (relation.exempt === undefined || relation.exempt.has(reader.as)) return;
    for (const policy of relation.policies) {
      if (policy.roles !== undefined && reader.as !== ANYONE && !policy.roles.has(reader.as)) continue;
      const from = `policy "${policy.name}" of "${name}"`;
      // Whoever says how long an answer may be kept does not know when it ends.
      if (policy.name.startsWith(TEMPORARY_POLICY))
        this.#refuse('temporary policy', `${from} ends by itself`, UNTIL_CLOSED);
      else this.#expression(policy.condition, reader, from);
    }
  }

  /** @param caller role of who calls it */
  fn(fn: CalledFunction, caller: string, from: string | undefined, constant?: string): void {
    const runsAs = fn.runsAs ?? caller;
    if (this.#isKnown(`${fn.signature} ${runsAs} ${constant ?? ''}`)) return;
    const what = from === undefined ? fn.signature : `${from} calls ${fn.signature}`;
    const known = knownFunction(fn, constant);
    const declared =
      known === undefined || known.is === 'unknown function' ? this.#declared.get(fn.name) : undefined;
    if (declared?.reads !== undefined) {
      if ((declared.writes?.length ?? 0) > 0) this.#refuse('volatile function', `${what}, which writes`);
      // Whatever its body says, it may ask who calls.
      this.#readsAllClaims = true;
      for (const name of declared.reads) this.#declaredRead(name, fn, { as: runsAs, caller: runsAs });
      return;
    }
    if (known === undefined) {
      if (fn.body === undefined) this.#refuse('undeclared function', what, declarationHint(fn.name));
      else this.#expression(fn.body, { as: runsAs, caller: runsAs }, `function "${fn.signature}"`);
    } else if (known.is === 'claims') {
      if (known.claims === 'all') this.#readsAllClaims = true;
      else for (const claim of known.claims) this.#claims.add(claim);
    } else if (known.is === 'unknown function') {
      this.#refuse(known.is, what, declarationHint(fn.name));
    } else if (known.is !== 'computed') {
      this.#refuse(known.is, what);
    }
  }

  #declaredRead(name: string, fn: CalledFunction, reader: Reader): void {
    const relation = this.#catalog.graph.relationNamed(name);
    if (relation !== undefined) this.relation(relation, reader);
    else
      this.#refuse(
        'unknown relation',
        `"${name}", which "${fn.name}" is declared to read, is not in the database`,
      );
  }

  #expression(expression: Expression, reader: Reader, from: string): void {
    for (const node of expression.nodes) this.#node(node, from);
    for (const call of expression.calls) this.#call(call, reader, from);
    for (const oid of expression.conversions) this.#conversion(oid, from);
    for (const oid of expression.relations) {
      const relation = this.#catalog.graph.relation(oid);
      if (relation !== undefined) this.relation(relation, reader);
      else if (oid < FIRST_USER_OID) this.#refuse('system catalog', `${from} reads a catalog of the server`);
      else this.#refuse('unknown relation', `${from} reads what is neither a table nor a view`);
    }
  }

  #call({ fn, constant }: ExpressionCall, reader: Reader, from: string): void {
    const called = this.#catalog.graph.fn(fn);
    if (called === undefined) this.#refuse('unknown function', `${from} calls a function that is not known`);
    else this.fn(called, reader.caller, from, constant);
  }

  #conversion(oid: number, from: string): void {
    const type = this.#catalog.type(oid);
    const found = convertedText(type);
    const what = `${from} converts a text to "${type?.name ?? 'an unknown type'}"`;
    if (found === 'time') this.#refuse('time', `${what}, and the text may be 'now'`);
    else if (found === 'unknown') this.#refuse('unknown expression', what);
  }

  #node(node: string, from: string): void {
    const value = sqlValue(node);
    if (value === 'role') return;
    if (value !== undefined)
      this.#refuse(value, `${from} reads ${value === 'time' ? 'the time' : 'a setting'}`);
    else {
      const { reason, does } = uncommonNode(node);
      this.#refuse(reason, `${from} ${does}`);
    }
  }

  #isKnown(key: string): boolean {
    if (this.#isOver || this.#seen.has(key)) return true;
    this.#seen.add(key);
    return false;
  }

  #refuse(reason: RefusalReason, what: string, hint?: string): void {
    if (this.#isOver) return;
    this.#isOver = !FOR_A_TIME.has(reason);
    // What is told is that which nothing can be done about.
    if (this.#isOver || this.#refusal === undefined) this.#refusal = { reason, what, hint };
  }
}
