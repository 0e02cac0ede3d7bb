import type { Clock } from '../../contract/clock.ts';
import { ConfigurationError, ConnectionError, DatabaseError } from '../../contract/errors.ts';
import type { PasswordRequest } from '../../contract/password.ts';
import { withinLimits } from '../../contract/within-limits.ts';
import type { ConnectionSettings } from './connection-settings.ts';

export interface Patience {
  readonly clock: Clock;
  /** Milliseconds that the source may take. */
  readonly connectTimeoutMs: number;
}

/** Opens with the login's password. Where a source gives another one after a refusal, that one is tried at once, and no third. */
export async function withPassword<T>(
  settings: ConnectionSettings,
  patience: Patience,
  open: (password: string) => Promise<T>,
): Promise<T> {
  if (settings.passwordSource === undefined) return open(settings.password);
  const password = await passwordOf(settings, patience, { refused: false });
  try {
    return await open(password);
  } catch (error) {
    if (!(error instanceof DatabaseError && error.code === 'LOGIN_REFUSED')) throw error;
    const newer = await passwordOf(settings, patience, { refused: true });
    if (newer === password) throw error;
    return open(newer);
  }
}

/** @throws ConnectionError `PASSWORD_UNAVAILABLE`; ConfigurationError `INVALID_OPTION` where it is no text */
export async function passwordOf(
  { password, passwordSource }: ConnectionSettings,
  { clock, connectTimeoutMs }: Patience,
  request: PasswordRequest,
): Promise<string> {
  if (passwordSource === undefined) return password;
  const limits = { deadline: clock.now() + connectTimeoutMs, maxRows: 0, maxBytes: 0 };
  let given: unknown;
  try {
    const asked = Promise.resolve(passwordSource(request));
    given = await withinLimits(asked, limits, clock, "while the function 'password' was asked");
  } catch (cause) {
    throw new ConnectionError("The function 'password' did not give the password of the login.", {
      code: 'PASSWORD_UNAVAILABLE',
      hint: "Its error is the 'cause'. No connection was opened.",
      cause,
    });
  }
  if (typeof given === 'string' && given !== '') return given;
  throw new ConfigurationError(
    "The function 'password' must give a text that is not empty, or a promise of one.",
    {
      code: 'INVALID_OPTION',
    },
  );
}
