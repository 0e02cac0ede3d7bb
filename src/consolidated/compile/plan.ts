import type { Intent, Plan } from '../../contract/statement.ts';
import { statementName } from '../../contract/statement-name.ts';

/** A plan with the name of its prepared statement, which is a hash of its text. */
export function compiledPlan(text: string, document: string, intent: Intent): Plan {
  return { text, document, name: statementName(text), intent, origin: 'compiled' };
}
