import { ValidationError } from '../../contract/errors.ts';
import type { ReadyStatement } from '../call/ready-statement.ts';
import { textPlan } from '../values/text-plan.ts';
import { checkChannel } from './listener.ts';

const MAX_PAYLOAD_BYTES = 7_999;
const NOTIFY = textPlan(
  'select pg_catalog.pg_notify($1::pg_catalog.text, $2::pg_catalog.text)::pg_catalog.text',
  2,
);

export function prepareNotify(channel: string, payload: string): ReadyStatement<void> {
  checkChannel(channel);
  if (typeof payload !== 'string' || Buffer.byteLength(payload) > MAX_PAYLOAD_BYTES) {
    throw new ValidationError(`A payload must be text of at most ${MAX_PAYLOAD_BYTES} bytes.`, {
      code: 'INVALID_OPTION',
    });
  }
  return {
    kind: 'notify',
    statements: [{ plan: { ...NOTIFY.plan, intent: 'write' }, values: [channel, payload] }],
    settings: undefined,
    read: () => ({ value: undefined, rows: 0 }),
  };
}
