/** Why a password is asked for. */
export interface PasswordRequest {
  /** The last one that was given has been refused: look for a newer one, past any cache. */
  readonly refused: boolean;
}

/** Gives the password of a login whenever a connection is opened, so that it can change while the service runs. */
export type PasswordSource = (request: PasswordRequest) => string | Promise<string>;
