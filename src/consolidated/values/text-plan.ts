import { ServiceError } from '../../contract/errors.ts';
import type { StatementReply } from '../../contract/mode.ts';
import type { Plan } from '../../contract/statement.ts';
import { statementName } from '../../contract/statement-name.ts';
import { parseDocument } from './document.ts';

/** One of our own statements, which returns rows of one text column in every mode. */
export interface TextPlan {
  readonly plan: Plan;
  /** The column of the reply. */
  read(reply: StatementReply | undefined): readonly (string | null)[];
}

/** @param parameters - number of parameters in the text */
export function textPlan(text: string, parameters = 0): TextPlan {
  const nonce = `$${parameters + 1}::pg_catalog.text`;
  const plan: Plan = {
    text,
    document: `select pg_catalog.json_build_array(${nonce}, pg_catalog.count(*), pg_catalog.json_agg(t.c0), ${nonce})::pg_catalog.text from (${text}) as t(c0)`,
    name: statementName(text),
    intent: 'read',
    origin: 'compiled',
  };
  return {
    plan,
    read(reply) {
      if (reply === undefined) throw new ServiceError('A statement was not answered.', { code: 'NO_REPLY' });
      if (reply.form === 'rows') return reply.rows.map((row) => row[0] ?? null);
      return (parseDocument(reply.text).rows ?? []) as readonly (string | null)[];
    },
  };
}
