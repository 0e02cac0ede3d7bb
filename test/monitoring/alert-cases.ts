/** A series as promtool takes it: a minute between values, `0+6x30` for 30 more of 6 each. */
type Series = readonly [series: string, values: string];

/** What makes an alert fire, and what is nearly that. The rules are looked at after 20 minutes. */
export interface AlertCase {
  readonly alert: string;
  readonly fires: readonly Series[];
  readonly quiet: readonly Series[];
}

const WAY = 'service="api",mode="session",login="users"';
const ERRORS = 'cdb_call_errors_total{service="api",mode="session",operation="insert"';

/** A histogram whose calls are all in the bucket from `below` to `within` seconds. */
function calls(metric: string, labels: string, below: string, within: string): Series[] {
  return [
    [`${metric}_bucket{${labels},le="${below}"}`, '0+0x30'],
    [`${metric}_bucket{${labels},le="${within}"}`, '0+60x30'],
    [`${metric}_bucket{${labels},le="+Inf"}`, '0+60x30'],
  ];
}

const SELECT =
  'service="api",mode="transaction",operation="select",table="public.trips",role="anon",outcome="answered"';
const HUNDRED: Series = [`cdb_call_duration_seconds_count{${SELECT}}`, '0+100x30'];

function failing(cls: string, code: string, values: string): Series {
  return [`${ERRORS},class="${cls}",code="${code}"}`, values];
}

function connection(phase: string, code: string, values: string): Series {
  return [`cdb_connection_errors_total{${WAY},phase="${phase}",code="${code}"}`, values];
}

function counted(metric: string, labels: string): Pick<AlertCase, 'fires' | 'quiet'> {
  return { fires: [[`${metric}{${labels}}`, '0x15 1x15']], quiet: [[`${metric}{${labels}}`, '1x30']] };
}

const MOVED = 'cdb_mode_changes_total{service="api",login="users",from="session",to="direct",reason=';
const COMPARED = 'cdb_rollout_comparisons_total{job="api",result=';

export const ALERT_CASES: readonly AlertCase[] = [
  {
    alert: 'CdbPoolNearlyExhausted',
    fires: [[`cdb_pool_utilization_ratio{${WAY}}`, '0.81x30']],
    quiet: [[`cdb_pool_utilization_ratio{${WAY}}`, '0.8x30']],
  },
  {
    alert: 'CdbCallsWaiting',
    fires: calls('cdb_call_queue_seconds', 'service="api",mode="session",operation="insert"', '0.05', '0.1'),
    quiet: calls(
      'cdb_call_queue_seconds',
      'service="api",mode="session",operation="insert"',
      '0.025',
      '0.05',
    ),
  },
  {
    alert: 'CdbCallsRefused',
    fires: [failing('OverloadedError', 'QUEUE_FULL', '0+1x30')],
    quiet: [failing('OverloadedError', 'POOLER_OVERLOADED', '0+1x30')],
  },
  {
    alert: 'CdbServerOutOfConnections',
    fires: [connection('opening', 'TOO_MANY_CONNECTIONS', '0+1x30')],
    quiet: [connection('opening', 'CONNECT_FAILED', '0+1x30')],
  },
  { alert: 'CdbCallsShed', ...counted('cdb_shed_calls_total', WAY) },
  {
    alert: 'CdbSlowCalls',
    fires: calls('cdb_call_duration_seconds', SELECT, '0.1', '0.25'),
    quiet: [
      ...calls('cdb_call_duration_seconds', SELECT, '0.05', '0.1'),
      ...calls('cdb_call_duration_seconds', SELECT.replace('select', 'transaction'), '0.1', '0.25'),
    ],
  },
  {
    alert: 'CdbTimeouts',
    fires: [HUNDRED, failing('TimeoutError', 'TIMEOUT', '0+2x30')],
    quiet: [
      HUNDRED,
      failing('TimeoutError', 'ABORTED', '0+50x30'),
      failing('TimeoutError', 'TIMEOUT', '0x30'),
    ],
  },
  {
    alert: 'CdbUnreachable',
    fires: [connection('opening', 'CONNECT_FAILED', '0+1x30')],
    quiet: [
      connection('opening', 'LOGIN_REFUSED', '0+1x30'),
      connection('open', 'CONNECTION_LOST', '0+1x30'),
    ],
  },
  {
    // The first one appears with the value 1.
    alert: 'CdbLoginRefused',
    fires: [connection('opening', 'LOGIN_REFUSED', '_x17 1x12')],
    quiet: [
      connection('opening', 'LOGIN_REFUSED', '1x30'),
      connection('opening', 'CONNECT_FAILED', '_x17 1x12'),
    ],
  },
  {
    alert: 'CdbConnectionsLost',
    fires: [connection('open', 'CONNECTION_LOST', '0+6x30')],
    quiet: [connection('open', 'CONNECTION_LOST', '0+1x30')],
  },
  {
    alert: 'CdbBreakerOpen',
    fires: [[`cdb_breaker_state{${WAY}}`, '2x30']],
    quiet: [[`cdb_breaker_state{${WAY}}`, '1x30']],
  },
  {
    alert: 'CdbModeLeft',
    fires: [[`${MOVED}"unreachable"}`, '_x17 1x12']],
    quiet: [
      [`${MOVED}"full"}`, '0+5x30'],
      [`${MOVED}"unreachable"}`, '1x30'],
    ],
  },
  {
    alert: 'CdbRetriesRefused',
    fires: [[`cdb_retries_refused_total{${WAY},reason="budget"}`, '0+1x30']],
    quiet: [[`cdb_retries_refused_total{${WAY},reason="deadline"}`, '0+1x30']],
  },
  {
    alert: 'CdbUnknownOutcomes',
    ...counted('cdb_call_unknown_outcomes_total', 'service="api",mode="session",operation="insert"'),
  },
  { alert: 'CdbReplyMismatch', ...counted('cdb_reply_mismatches_total', WAY) },
  {
    alert: 'CdbNotListening',
    fires: [[`cdb_listening{${WAY}}`, '1x10 0x20']],
    quiet: [[`cdb_listening{${WAY}}`, '1x18 0x1 1x10']],
  },
  {
    alert: 'CdbCacheNotListening',
    fires: [['cdb_cache_listening{service="api"}', '1x10 0x20']],
    quiet: [['cdb_cache_listening{service="api"}', '1x18 0x1 1x10']],
  },
  {
    alert: 'CdbWrongCalls',
    fires: [failing('UsageError', 'UNKNOWN_RELATION', '0+1x30')],
    quiet: [failing('ValidationError', 'INVALID_VALUE', '0+1x30')],
  },
  {
    alert: 'CdbErrorRatio',
    fires: [HUNDRED, failing('ConnectionError', 'CONNECTION_LOST', '0+6x30')],
    quiet: [HUNDRED, failing('UniqueConstraintError', 'UNIQUE_VIOLATION', '0+50x30')],
  },
  {
    alert: 'CdbRolloutSentBack',
    fires: [['cdb_rollout_tripped{job="api"}', '0x15 1x15']],
    // Somebody has thrown the switch.
    quiet: [
      ['cdb_rollout_tripped{job="api"}', '0x30'],
      ['cdb_rollout_held_back{job="api"}', '1x30'],
    ],
  },
  {
    // The first one appears with the value 1.
    alert: 'CdbRolloutDifferences',
    fires: [[`${COMPARED}"different"}`, '_x17 1x12']],
    quiet: [
      [`${COMPARED}"different"}`, '1x30'],
      [`${COMPARED}"unsettled"}`, '_x17 1x12'],
      [`${COMPARED}"failed"}`, '0+5x30'],
    ],
  },
  {
    alert: 'CdbRolloutFlagUnreadable',
    fires: [['cdb_rollout_flag_readable{job="api"}', '1x10 0x20']],
    quiet: [['cdb_rollout_flag_readable{job="api"}', '1x19 0x0 1x10']],
  },
];
