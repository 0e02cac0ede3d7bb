import type { Plan, Statement } from '../../contract/statement.ts';
import { statementName } from '../../contract/statement-name.ts';

/** A key of one caller, and what is asked for under it. */
interface KeyUse {
  readonly key: string;
  readonly fingerprint: string;
  readonly shape: string;
}

/** Claims the key: before anything that is to be applied only once. Fails by CDB01 where a result is kept. */
export function claimStatement({ key, fingerprint, shape }: KeyUse, ttlMs: number): Statement {
  return { plan: CLAIM, values: [key, fingerprint, shape, String(ttlMs)] };
}

/** Reads the kept results of a batch of so many statements, each as the document that the statement itself would return. */
export function keptStatements({ key, fingerprint, shape }: KeyUse, count: number): readonly Statement[] {
  return Array.from({ length: count }, (_, index) => ({
    plan: KEPT,
    values: [key, fingerprint, shape, String(index + 1)],
  }));
}

/** Keeps what is no statement's result: a JSON array. */
export function keepStatement(key: string, result: string): Statement {
  return { plan: KEEP, values: [key, result] };
}

const CLAIM = documentPlan(
  'select json_build_array($5::text, cdb.claim_key($1::text, $2::text, $3::text, $4::int8), $5::text)::text',
  'write',
);
const KEEP = documentPlan('select cdb.keep_result($1::text, $2::text, $3::text)', 'write');
const KEPT = documentPlan('select cdb.kept_result($1::text, $2::text, $3::text, $4::int4, $5::text)', 'read');

function documentPlan(document: string, intent: Plan['intent']): Plan {
  return {
    text: document,
    document,
    name: statementName(document),
    intent,
    origin: 'compiled',
    answersDocument: true,
  };
}
