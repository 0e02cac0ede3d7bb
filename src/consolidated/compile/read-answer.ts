import { ServiceError, UnreadableDataError } from '../../contract/errors.ts';
import type { StatementReply } from '../../contract/mode.ts';
import { own } from '../../contract/own-property.ts';
import { keyChanged } from '../values/columns-changed.ts';
import { MAX_ARGUMENTS, parseDocument } from '../values/document.ts';
import type { Row } from '../values/row-decoder.ts';
import { EXACT_UP_TO, plannedCountRefused } from './count.ts';
import type { PlannerTotal, ReplyShape } from './reply-shape.ts';

export interface Result {
  readonly rows: readonly Row[];
  /** Rows returned, or affected by a write. */
  readonly count: number;
  /** Of a select with `count`, and of a count. */
  readonly total: number | undefined;
}

/**
 * Reads the replies to a compiled statement and to those in its `further`, in that order.
 *
 * Throws UnreadableDataError `RESULT_TOO_LARGE` when there are more than `maxRows` rows. For writes pass Infinity:
 * their rows are already written.
 */
export function readAnswer(answer: ReplyShape, replies: readonly StatementReply[], maxRows: number): Result {
  const [first, ...further] = replies;
  if (first === undefined) throw unexpected();
  switch (answer.kind) {
    case 'rows': {
      const rows = decodeRows(answer, first, maxRows);
      const planned = plannerTotal(answer);
      const total = planned === undefined ? undefined : readTotal(planned, further);
      return { rows, count: rows.length, total };
    }
    case 'counted':
      return readCounted(answer, first, maxRows);
    case 'none':
      return { rows: [], count: touched(first), total: undefined };
    case 'count': {
      const planned = plannerTotal(answer);
      const total = planned === undefined ? readNumber(first) : readTotal(planned, replies);
      return { rows: [], count: total, total };
    }
    case 'plan': {
      const total = readTotal('planned', replies);
      return { rows: [], count: total, total };
    }
  }
}

type RowsAnswer = Extract<ReplyShape, { readonly kind: 'rows' | 'counted' }>;

function decodeRows(answer: RowsAnswer, reply: StatementReply, maxRows: number): readonly Row[] {
  if (reply.form === 'rows') {
    assertNumber(answer, reply.rows.length, maxRows);
    return reply.rows.map((fields) => answer.decoder.fromRow(fields));
  }
  const rows = parseDocument(reply.text).rows ?? [];
  assertNumber(answer, rows.length, maxRows);
  return rows.map((values) => answer.decoder.fromArray(values as readonly unknown[]));
}

/** Every row starts with the count and with whether there is a row. */
function readCounted(answer: RowsAnswer, reply: StatementReply, maxRows: number): Result {
  const raw: readonly (readonly unknown[])[] =
    reply.form === 'rows'
      ? reply.rows
      : ((parseDocument(reply.text).rows ?? []) as readonly (readonly unknown[])[]);
  const isNested = reply.form === 'document' && answer.width + 2 > MAX_ARGUMENTS;
  const total = Number((isNested ? raw[0]?.flat(1) : raw[0])?.[0] ?? Number.NaN);
  if (Number.isNaN(total)) throw unexpected();
  const rows: Row[] = [];
  for (const one of raw) {
    const values = isNested ? one.flat(1) : one;
    if (values[1] === null) continue;
    const own = values.slice(2);
    rows.push(
      reply.form === 'rows'
        ? answer.decoder.fromRow(own as readonly (string | null)[])
        : answer.decoder.fromArray(own),
    );
  }
  assertFits(rows.length, maxRows);
  return { rows, count: rows.length, total };
}

function touched(reply: StatementReply): number {
  return reply.form === 'rows' ? reply.count : parseDocument(reply.text).count;
}

function readNumber(reply: StatementReply): number {
  const number = Number(firstValue(reply) ?? Number.NaN);
  if (!Number.isSafeInteger(number)) throw unexpected();
  return number;
}

function firstValue(reply: StatementReply): unknown {
  const rows = reply.form === 'rows' ? reply.rows : parseDocument(reply.text).rows;
  return (rows?.[0] as readonly unknown[] | undefined)?.[0];
}

function readTotal(method: 'planned' | 'estimated', replies: readonly StatementReply[]): number {
  const [explain, policiesApply] = replies.slice(-2);
  if (explain === undefined || policiesApply === undefined) throw unexpected();
  if (firstValue(policiesApply) !== 'f') throw plannedCountRefused();
  if (method === 'planned') return readPlanRows(explain);
  const counted = replies[0] === explain ? Number.NaN : readNumber(replies[0]!);
  if (Number.isNaN(counted)) throw unexpected();
  return counted <= EXACT_UP_TO ? counted : Math.max(counted, readPlanRows(explain));
}

/** Row estimate at the top of `explain (format json)`. */
function readPlanRows(reply: StatementReply): number {
  const text = firstValue(reply);
  const plans: unknown = typeof text === 'string' ? JSON.parse(text) : undefined;
  const top = Array.isArray(plans)
    ? (plans[0] as { readonly Plan?: { readonly 'Plan Rows'?: unknown } })
    : undefined;
  const rows = top?.Plan?.['Plan Rows'];
  if (typeof rows !== 'number') throw unexpected();
  return rows;
}

function assertFits(rows: number, maxRows: number): void {
  if (rows > maxRows) {
    throw new UnreadableDataError(`The result has more than ${maxRows} rows.`, {
      code: 'RESULT_TOO_LARGE',
      hint: "Use 'limit', paging with 'after' or stream(), or raise the option 'maxRows'.",
    });
  }
}

function unexpected(): ServiceError {
  return new ServiceError('The server answered a statement in an unexpected format.', {
    code: 'PROTOCOL',
    outcome: 'unknown',
  });
}

function assertNumber(answer: RowsAnswer, rows: number, maxRows: number): void {
  if (rows > 1 && isUnlimited(answer)) throw keyChanged();
  assertFits(rows, maxRows);
}

/** True for what is sent without its limit, because a unique key finds one row at most. */
export function isUnlimited(answer: ReplyShape): boolean {
  return 'oneRow' in answer && Object.hasOwn(answer, 'oneRow');
}

/** The answer's own: not what somebody put on every object's prototype. */
function plannerTotal(answer: { readonly total?: PlannerTotal }): PlannerTotal | undefined {
  return own(answer, 'total');
}
