import type { Finding } from './doctor-finding.ts';

/** The rules, by the names that Supabase's advisors have for theirs. */
type LintCode =
  | 'rls_disabled_in_public'
  | 'policy_exists_rls_disabled'
  | 'rls_enabled_no_policy'
  | 'rls_not_forced_for_owner'
  | 'security_definer_view'
  | 'materialized_view_in_api'
  | 'auth_rls_initplan'
  | 'multiple_permissive_policies'
  | 'policy_without_role'
  | 'update_without_with_check'
  | 'rls_policy_always_true'
  | 'rls_references_user_metadata'
  | 'policy_is_temporary'
  | 'policy_has_expired'
  | 'unindexed_policy_columns'
  | 'unindexed_foreign_keys'
  | 'security_definer_function_executable'
  | 'function_search_path_mutable'
  | 'function_is_way_out'
  | 'login_bypasses_rls'
  | 'login_has_attributes'
  | 'login_may_become_others'
  | 'login_lacks_roles'
  | 'login_inherits_rights'
  | 'login_has_grants';

/** What is wrong with the row level security of a database, and how to correct it. */
export interface LintFinding extends Pick<Finding, 'message'> {
  readonly code: LintCode;
  readonly level: Exclude<Finding['level'], 'ok'>;
  /** `schema.name` of a table or view, `schema.name(types)` of a function, the name of a login. As Postgres quotes them. */
  readonly object: string;
  /** The policy, or the policies separated by commas. */
  readonly policy?: string;
  readonly advice: string;
}
