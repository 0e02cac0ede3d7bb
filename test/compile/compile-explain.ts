import type { Compiled } from '../../src/consolidated/compile/compiled.ts';
import type { Plan } from '../../src/contract/statement.ts';
import { statementName } from '../../src/contract/statement-name.ts';

export interface ExplainOptions {
  /**
   * Runs the statement and measures. It does run: a write writes, unless its transaction is rolled back.
   * @defaultValue false
   */
  readonly analyze?: boolean | undefined;
}

/** SQL text that answers with the plan of a statement as JSON. Takes the values of the statement. */
export function explainText(plan: Pick<Plan, 'text'>, options: ExplainOptions = {}): string {
  return `explain (format json${options.analyze === true ? ', analyze, buffers' : ''}) ${plan.text}`;
}

/**
 * The EXPLAIN of a compiled statement: one row of one column of JSON text, `[{ "Plan": … }]`. It has no
 * document form, so it cannot run in transaction mode.
 */
export function compileExplain(statement: Compiled, options: ExplainOptions = {}): Compiled {
  const { plan, values } = statement.statement;
  const text = explainText(plan, options);
  const intent = options.analyze === true ? plan.intent : 'read';
  return {
    statement: {
      plan: { text, document: '', name: statementName(text), intent, origin: 'compiled' },
      values,
    },
    further: [],
    answer: { kind: 'plan' },
    kind: 'explain',
    tables: statement.tables,
    target: statement.target,
    settings: statement.settings,
    schema: statement.schema,
  };
}
