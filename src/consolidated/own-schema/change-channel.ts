/** Where committed changes are told: by the triggers of `supabase/cdb/0002_changes.sql`, and behind migrations. */
export const CHANGE_CHANNEL = 'cdb_changes';

/** The payload that means: anything may have changed, the schema and its policies included. Others are a table's name. */
export const ANYTHING_CHANGED = '*';

/** As a command, for which no right is needed. It is told when the transaction that it stands in is committed. */
export const TELL_ANYTHING_CHANGED = `notify ${CHANGE_CHANNEL}, '${ANYTHING_CHANGED}'`;
