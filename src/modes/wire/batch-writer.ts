import type { Batch, BeginOptions } from '../../contract/mode.ts';
import { own } from '../../contract/own-property.ts';
import type { Statement } from '../../contract/statement.ts';
import { BatchOut, type SendOptions, type WrittenBatch } from './batch-out.ts';
import {
  AFTER_RAW,
  UNNAMED_DISCARD_TEMP,
  UNNAMED_LEADS,
  UNNAMED_POOLED_WRITE_LEAD,
} from './static-commands.ts';
import type { WireConnection } from './wire-connection.ts';

/** One batch as one buffer: reset, set-up, statements, what undoes that which they left, one Sync. */
export function writeBatch(connection: WireConnection, batch: Batch, options: SendOptions): WrittenBatch {
  const out = new BatchOut(connection, options.style, batch.actor.role);
  const block = isBlock(batch);
  if (block) out.command(beginText('read committed', batch.access));
  else if (options.led) out.commands(UNNAMED_LEADS[batch.access]);
  else if (options.pooled && batch.access === 'write') out.commands(UNNAMED_POOLED_WRITE_LEAD);
  out.reset(options);
  out.setUp(batch, options);
  const claim = claimOf(batch);
  if (claim !== undefined) out.statement(claim, options.nonce);
  for (const statement of batch.statements) out.statement(statement, options.nonce);
  if (block) out.command('commit');
  if (batch.statements[0]?.plan.origin !== 'raw') {
    if (batch.access === 'write') out.discardTemp();
  } else if (options.pooled) out.commands(AFTER_RAW);
  return out.finish();
}

/** Its own one: what somebody put on every object's prototype claims nothing. */
export function claimOf(batch: Batch): Statement | undefined {
  return own(batch, 'claim');
}

/**
 * The batch is a transaction block, BEGIN to COMMIT, under its one Sync. Raw SQL that may commit by itself does so in
 * an implicit transaction, and what followed its COMMIT would run as the login; in a block Postgres refuses it (2D000).
 */
export function isBlock(batch: Batch): boolean {
  const plan = batch.statements[0]?.plan;
  return plan !== undefined && own(plan, 'mayCommit') === true && !commitsItself(batch);
}

/** What it commits by itself stays, whatever becomes of the rest. */
export function commitsItself(batch: Batch): boolean {
  return own(batch, 'ownTransactions') === true;
}

/** Opens an interactive transaction: BEGIN and the set-up, under one Sync. */
export function writeBegin(
  connection: WireConnection,
  begin: BeginOptions,
  options: SendOptions,
): WrittenBatch {
  const out = new BatchOut(connection, options.style, begin.actor.role);
  out.command(beginText(begin.isolation, begin.access));
  out.reset(options);
  out.setUp(begin, options);
  return out.finish();
}

function beginText(isolation: BeginOptions['isolation'], access: Batch['access']): string {
  return `begin isolation level ${isolation} ${access === 'read' ? 'read only' : 'read write'} not deferrable`;
}

/**
 * Statements inside an interactive transaction. Behind each raw one the set-up comes again: whatever it did to role,
 * claims and search path ends with it.
 */
export function writeStatements(
  connection: WireConnection,
  begin: BeginOptions,
  statements: readonly Statement[],
  options: SendOptions,
): WrittenBatch {
  const out = new BatchOut(connection, options.style, begin.actor.role);
  for (const statement of statements) {
    out.statement(statement, options.nonce);
    if (statement.plan.origin === 'raw') out.setUpAgain(begin, options);
  }
  return out.finish();
}

/** Inside an interactive transaction: the set-up of another actor. */
export function writeActAs(
  connection: WireConnection,
  begin: BeginOptions,
  options: SendOptions,
): WrittenBatch {
  const out = new BatchOut(connection, options.style, begin.actor.role);
  out.reset(options);
  out.setUpAgain(begin, options);
  return out.finish();
}

export function writeCommand(connection: WireConnection, text: string): WrittenBatch {
  const out = new BatchOut(connection, 'named', '');
  out.command(text);
  return out.finish();
}

/** COMMIT, and behind it what the transaction's functions and triggers left for the session. */
export function writeCommit(connection: WireConnection, { access }: BeginOptions): WrittenBatch {
  const out = new BatchOut(connection, 'named', '');
  out.command('commit');
  // Unnamed, because raw SQL may have deallocated what was prepared, and an error would come behind the COMMIT.
  if (access === 'write') out.commands(UNNAMED_DISCARD_TEMP);
  return out.finish();
}

/** Set-up, then Parse and Describe of the batch's first statement, which is not run. */
export function writeDescribe(connection: WireConnection, batch: Batch, options: SendOptions): WrittenBatch {
  const out = new BatchOut(connection, options.style, batch.actor.role);
  if (options.led) out.commands(UNNAMED_LEADS[batch.access]);
  out.reset(options);
  out.setUp(batch, options);
  out.describe(batch.statements[0]?.plan.text ?? '');
  return out.finish();
}

/** Parse and Describe inside an interactive transaction. */
export function writeDescribeOnly(connection: WireConnection, text: string): WrittenBatch {
  const out = new BatchOut(connection, 'named', '');
  out.describe(text);
  return out.finish();
}
