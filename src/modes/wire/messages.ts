/** Fields of an error or a notice as the server sent them. */
export interface ServerMessage {
  readonly severity: string | undefined;
  readonly code: string | undefined;
  readonly message: string | undefined;
  readonly hint: string | undefined;
  readonly schema: string | undefined;
  readonly table: string | undefined;
  readonly column: string | undefined;
  readonly constraint: string | undefined;
  readonly detail: string | undefined;
  readonly routine: string | undefined;
  /** The functions that were running, and the SQL that they ran. Undefined when the statement itself failed. */
  readonly where?: string | undefined;
  /** Where in the statement, in characters, from 1. */
  readonly position?: string | undefined;
}

/** What the server can send while a batch runs, and what it may send at any time. */
export type BackendMessage =
  | {
      readonly name:
        | 'parseComplete'
        | 'bindComplete'
        | 'closeComplete'
        | 'noData'
        | 'emptyQuery'
        | 'portalSuspended';
    }
  | { readonly name: 'parameterDescription' }
  | {
      readonly name: 'rowDescription';
      readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[];
    }
  | { readonly name: 'dataRow'; readonly fields: readonly (string | null)[] }
  | { readonly name: 'commandComplete'; readonly text: string }
  | { readonly name: 'readyForQuery'; readonly status: string }
  | ({ readonly name: 'error' } & ServerMessage)
  | { readonly name: 'notice' | 'parameterStatus' | 'notification' }
  | {
      readonly name:
        | 'replicationStart'
        | 'copyDone'
        | 'copyData'
        | 'copyInResponse'
        | 'copyOutResponse'
        | 'backendKeyData'
        | `authentication${string}`;
    };
