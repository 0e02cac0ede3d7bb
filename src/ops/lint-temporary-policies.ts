import type { AdminConnection } from '../modes/index.ts';
import type { LintFinding } from './lint-finding.ts';
import { temporaryPolicies } from './temporary-policies.ts';

/** What `cdb policies open-temporarily` has opened: that it is, and what has expired and is still there. */
export async function lintTemporaryPolicies(connection: AdminConnection): Promise<readonly LintFinding[]> {
  const found = await temporaryPolicies(connection);
  return found.map(({ table, policy, command, role, until, secondsLeft }): LintFinding => {
    const finding = { object: table, policy };
    if (until === null || secondsLeft === null) {
      return {
        ...finding,
        code: 'policy_is_temporary',
        level: 'error',
        message: `The temporary policy "${policy}" of ${table} was changed by hand: it does not end by itself`,
        advice: `cdb policies close --table '${table}'`,
      };
    }
    if (secondsLeft <= 0) {
      return {
        ...finding,
        code: 'policy_has_expired',
        level: 'warning',
        message: `The temporary policy "${policy}" of ${table} ended at ${until} and is still there: nothing of ${table} is cached for ${role}`,
        advice: 'cdb policies close --expired',
      };
    }
    return {
      ...finding,
      code: 'policy_is_temporary',
      level: 'warning',
      message: `${table} is open for ${command} to ${role} until ${until}`,
      advice: `It ends by itself. To end it now: cdb policies close --table '${table}'`,
    };
  });
}
