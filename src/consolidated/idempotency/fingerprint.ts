import { createHash } from 'node:crypto';
import { EXPECTATION_MARK } from '../../contract/expectation.ts';
import { own } from '../../contract/own-property.ts';
import type { Plan, Statement } from '../../contract/statement.ts';
import { type ReadyStatement, readableOf } from '../call/ready-statement.ts';

/**
 * A hash that is equal for two calls exactly when they ask for the same: of the statements' texts and values. It is the same
 * in every process and with every catalog, because a text has names and no numbers of the catalog. Without the columns that
 * a write returns: a column that was added since makes it no other write.
 */
export function fingerprintOf(statements: readonly Statement[]): string {
  return hashOf(statements.map(({ plan, values }) => [askedFor(plan), values.map(asked)]));
}

/** Its own: what somebody put on every object's prototype is not asked for. */
function askedFor(plan: Plan): string {
  return own(plan, 'asked') ?? plan.text;
}

/** Of what is no statement. */
export function valueFingerprint(value: string): string {
  return hashOf(value);
}

/** A hash that is equal when the results of both can be read alike. */
export function shapeOf(ready: ReadyStatement<unknown>): string {
  return hashOf(readableOf(ready, 'document'));
}

/** It is of this process; what it marks is part of the text. */
function asked(value: string | null): string | null {
  return value === EXPECTATION_MARK ? '' : value;
}

function hashOf(parts: unknown): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
