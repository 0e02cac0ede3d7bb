import { ConfigurationError } from '../../contract/errors.ts';
import type { Tell } from '../../contract/service-event.ts';
import type { ServiceConfig } from '../options/parse-options.ts';
import { KeptMetrics } from './kept-metrics.ts';
import { OpenTelemetry } from './open-telemetry.ts';
import { type CallListener, parted } from './parted.ts';
import { slowCalls } from './slow-calls.ts';
import { SqlComments } from './sql-comments.ts';
import { statementLog } from './statement-log.ts';

/** All who listen to a service, by its options. */
interface Listeners {
  /** Told of calls; undefined where nobody listens. */
  readonly tellCall: CallListener | undefined;
  /** Told of what happens between calls; undefined where nobody listens. */
  readonly tell: Tell;
  readonly kept: KeptMetrics | undefined;
  readonly openTelemetry: OpenTelemetry | undefined;
  /** Undefined where statements do not say who sent them. */
  readonly comments: SqlComments | undefined;
}

/** One event is made for all of them, and none for nobody. */
export function listenersOf(config: ServiceConfig): Listeners {
  const { onCall, onEvent, onSlow, slowMs, onWarning, metrics, applicationName, clock } = config;
  const kept = metrics === false ? undefined : new KeptMetrics(metrics, applicationName, clock);
  const openTelemetry = config.openTelemetry ? new OpenTelemetry(clock) : undefined;
  const tellCall = parted<Parameters<CallListener>>(
    [
      // Without the statements, which are not for everyone.
      ['onCall', onCall && ((event) => onCall(event))],
      ['metrics', kept?.call],
      ['openTelemetry', openTelemetry?.call],
      ['onSlow', onSlow && slowCalls(slowMs, onSlow)],
      ['log', logOf(config)],
    ],
    onWarning,
  );
  const tell = parted(
    [
      ['onEvent', onEvent],
      ['metrics', kept?.event],
      ['openTelemetry', openTelemetry?.event],
    ],
    onWarning,
  );
  const traceparent = openTelemetry?.traceparent ?? noTrace;
  const comments = config.sqlComments ? new SqlComments({ ...config, traceparent }) : undefined;
  return { tellCall, tell, kept, openTelemetry, comments };
}

function logOf({ log, production }: ServiceConfig): CallListener | undefined {
  if (log === false) return undefined;
  if (production) {
    throw new ConfigurationError(
      "The option 'log' is for development: it is not available with 'production'.",
      {
        code: 'INVALID_OPTION',
        hint: "Use 'onSlow' or 'onCall'.",
      },
    );
  }
  return statementLog(log === true ? (line) => process.stderr.write(`${line}\n`) : log);
}

function noTrace(): undefined {}
