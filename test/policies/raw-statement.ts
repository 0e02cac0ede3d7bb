import type { Querying, UntypedDatabase } from '../../src/index.ts';
import type { Caller } from './model/caller.ts';
import type { Outcome } from './model/outcome.ts';
import type { Table } from './model/rows.ts';
import type { World } from './model/world.ts';

export type Handle = Querying<UntypedDatabase['public']>;

export interface RawStatement {
  /** The tables that it is about. */
  readonly tables: readonly Table[];
  readonly isRead?: true;
  /** Transaction mode cannot carry it. */
  readonly needsSession?: true;
  /** What its values are, in their order. */
  readonly takes: readonly ('trip' | 'user' | 'username' | 'new id' | 'new text' | 'role' | 'key' | 'time')[];
  run(handle: Handle, values: readonly string[]): Promise<readonly object[]>;
  outcome(world: World, caller: Caller, values: readonly string[]): Outcome;
}
