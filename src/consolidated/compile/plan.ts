import type { Intent, Plan } from '../../contract/statement.ts';
import { planName } from '../sql/plan-name.ts';

/** A plan with the name of its prepared statement, which is a hash of its text. */
export function compiledPlan(text: string, document: string, intent: Intent): Plan {
  return { text, document, name: planName(text), intent, origin: 'compiled' };
}
