import { DatabaseError } from '../../contract/errors.ts';

/** As long as Supavisor remembers: about ten refused logins in that time, and it blocks the address, the right password included. */
const REMEMBERED_MS = 150_000;
const FIRST_PAUSE_MS = 20_000;
const LONGEST_PAUSE_MS = 160_000;
const BANNED_MS = 120_000;

/**
 * Refused logins of all pools of a service, by the host that refused them: a pooler counts those of all modes and logins
 * together. The more there were, the longer a login rests, so that four pools with a wrong password stay below ten.
 */
export class RefusedLogins {
  readonly #times = new Map<string, number[]>();

  /** @returns milliseconds for which the login that was refused now is not tried again */
  add(host: string, now: number, isBanned: boolean): number {
    const times = (this.#times.get(host) ?? []).filter((time) => now < time + REMEMBERED_MS);
    times.push(now);
    this.#times.set(host, times);
    const pause = Math.min(FIRST_PAUSE_MS * times.length ** 2, LONGEST_PAUSE_MS);
    return isBanned ? Math.max(pause, BANNED_MS) : pause;
  }

  /** The same for what may have failed otherwise; undefined where no login was refused. */
  restAfter(host: string, now: number, error: unknown): number | undefined {
    const code = error instanceof DatabaseError ? error.code : undefined;
    return code === 'LOGIN_REFUSED' || code === 'LOGIN_BANNED'
      ? this.add(host, now, code === 'LOGIN_BANNED')
      : undefined;
  }
}
