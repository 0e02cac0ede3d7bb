import type { TimeoutRow } from './introspection.ts';

const UNIT_MS: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  s: 1_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Reads a setting of time as Postgres does: `8s`, `500ms`, `1.5 min`; a bare number is milliseconds. */
function parseTimeoutMs(setting: string): number | undefined {
  const match = /^\s*'?(\d+(?:\.\d+)?|\.\d+)\s*(us|ms|s|min|h|d)?'?\s*$/.exec(setting);
  if (match === null) return undefined;
  return Math.round(Number(match[1]) * (UNIT_MS[match[2] ?? 'ms'] ?? 1));
}

/**
 * The timeout that a login of each role would get, the most specific first: the role in this database, the role
 * in any database, this database for everyone.
 */
export class RoleTimeouts {
  readonly #inDatabase = new Map<string, number>();
  readonly #anywhere = new Map<string, number>();
  readonly #everyone: number | undefined;

  constructor(rows: readonly TimeoutRow[]) {
    let everyone: number | undefined;
    for (const [role, thisDatabaseOnly, setting] of rows) {
      const ms = parseTimeoutMs(setting);
      if (ms === undefined) continue;
      if (role === null) everyone = ms;
      else (thisDatabaseOnly ? this.#inDatabase : this.#anywhere).set(role, ms);
    }
    this.#everyone = everyone;
  }

  of(role: string): number | undefined {
    return this.#inDatabase.get(role) ?? this.#anywhere.get(role) ?? this.#everyone;
  }
}
