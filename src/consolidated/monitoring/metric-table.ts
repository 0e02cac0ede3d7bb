/** A metric as Prometheus gets it. Each has the label `service` besides its own. */
export interface MetricDefinition {
  /** Behind the prefix, `cdb_` by default. */
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  readonly help: string;
  /** A counter whose value is kept elsewhere, and asked for when the registry is. */
  readonly isCollected?: true;
  /** Each call is counted in it, so it is one of our own, which costs less. */
  readonly ofEachCall?: true;
}

const OF_WAY = ['mode', 'login'] as const;

/** All metrics. docs/monitoring.md, the dashboard and the alert rules are compared with this table. */
export const METRIC_TABLE = {
  callDuration: {
    name: 'call_duration_seconds',
    type: 'histogram',
    labels: ['mode', 'operation', 'table', 'role', 'outcome'],
    help: 'Time from a call to its answer, including waiting.',
    ofEachCall: true,
  },
  callServerTime: {
    name: 'call_server_seconds',
    type: 'histogram',
    labels: ['mode', 'operation'],
    help: 'Of that, time from writing to the server to the end of its reply.',
    ofEachCall: true,
  },
  callQueueTime: {
    name: 'call_queue_seconds',
    type: 'histogram',
    labels: ['mode', 'operation'],
    help: 'Of that, time waiting for a connection that others use.',
    ofEachCall: true,
  },
  callRows: {
    name: 'call_rows_total',
    type: 'counter',
    labels: ['mode', 'operation', 'table'],
    help: 'Rows returned or written.',
    ofEachCall: true,
  },
  callErrors: {
    name: 'call_errors_total',
    type: 'counter',
    labels: ['mode', 'operation', 'class', 'code'],
    help: 'Calls that failed, by class and code of the error.',
  },
  unknownOutcomes: {
    name: 'call_unknown_outcomes_total',
    type: 'counter',
    labels: ['mode', 'operation'],
    help: 'Writes of which it is not known whether they were applied.',
  },
  poolConnections: {
    name: 'pool_connections',
    type: 'gauge',
    labels: [...OF_WAY, 'state'],
    help: 'Open connections, in use (active) or not (idle).',
  },
  poolWaiting: {
    name: 'pool_waiting_calls',
    type: 'gauge',
    labels: OF_WAY,
    help: 'Calls that wait for a connection.',
  },
  poolMax: {
    name: 'pool_max_connections',
    type: 'gauge',
    labels: OF_WAY,
    help: 'The most connections that there may be.',
  },
  poolUtilization: {
    name: 'pool_utilization_ratio',
    type: 'gauge',
    labels: OF_WAY,
    help: 'Active connections divided by the most that there may be.',
  },
  connectionOpening: {
    name: 'connection_open_seconds',
    type: 'histogram',
    labels: OF_WAY,
    help: 'Time to open a connection, login included.',
  },
  connectionErrors: {
    name: 'connection_errors_total',
    type: 'counter',
    labels: [...OF_WAY, 'phase', 'code'],
    help: 'Connections that could not be opened (phase opening), or that broke (phase open).',
  },
  retries: {
    name: 'retries_total',
    type: 'counter',
    labels: [...OF_WAY, 'code'],
    help: 'Attempts after one that failed, by the code of its error.',
  },
  retriesRefused: {
    name: 'retries_refused_total',
    type: 'counter',
    labels: [...OF_WAY, 'reason'],
    help: 'Attempts that the budget of retries or the deadline of the call did not allow.',
  },
  breakerState: {
    name: 'breaker_state',
    type: 'gauge',
    labels: OF_WAY,
    help: '0: closed, calls pass. 1: half-open, being tried. 2: open, calls are refused or moved.',
  },
  breakerChanges: {
    name: 'breaker_changes_total',
    type: 'counter',
    labels: [...OF_WAY, 'to'],
    help: 'Changes of a breaker, by its new state.',
  },
  modeChanges: {
    name: 'mode_changes_total',
    type: 'counter',
    labels: ['login', 'from', 'to', 'reason'],
    help: 'Calls that used another mode than the preferred one, and changes of all calls.',
  },
  searchChanges: {
    name: 'search_changes_total',
    type: 'counter',
    labels: ['plan', 'reason'],
    help: 'Vector and hybrid searches that are made in another way (plan) from then on, because of what one of them has shown.',
  },
  replyMismatches: {
    name: 'reply_mismatches_total',
    type: 'counter',
    labels: OF_WAY,
    help: 'Replies that were not the ones that were due. Their rows were thrown away.',
  },
  shedCalls: {
    name: 'shed_calls_total',
    type: 'counter',
    labels: OF_WAY,
    help: 'Calls refused because they could not have been answered in time.',
  },
  listening: {
    name: 'listening',
    type: 'gauge',
    labels: OF_WAY,
    help: '1: what listen() has subscribed to is heard. 0: it is not. Shown while there are subscriptions.',
  },
  cacheReads: {
    name: 'cache_reads_total',
    type: 'counter',
    labels: ['result'],
    help: 'Reads that asked for the cache: hit, stale (given while it is read anew), shared (the reading of another call), miss.',
    isCollected: true,
  },
  cacheRefusedReads: {
    name: 'cache_refused_reads_total',
    type: 'counter',
    labels: ['reason'],
    help: 'Reads that asked for the cache and whose answers are never kept.',
    isCollected: true,
  },
  cacheInvalidations: {
    name: 'cache_invalidations_total',
    type: 'counter',
    labels: ['cause'],
    help: 'Invalidations of tables, of tags, or of everything.',
    isCollected: true,
  },
  cacheEvictions: {
    name: 'cache_evictions_total',
    type: 'counter',
    labels: [],
    help: 'Answers dropped for want of room.',
    isCollected: true,
  },
  cacheEntries: {
    name: 'cache_entries',
    type: 'gauge',
    labels: [],
    help: 'Answers that are kept.',
  },
  cacheBytes: {
    name: 'cache_bytes',
    type: 'gauge',
    labels: [],
    help: 'Memory that they take, about.',
  },
  cacheMaxBytes: {
    name: 'cache_max_bytes',
    type: 'gauge',
    labels: [],
    help: 'The most memory that they may take.',
  },
  cacheListening: {
    name: 'cache_listening',
    type: 'gauge',
    labels: [],
    help: '1: what other processes change is heard of. 0: it is not. Shown with the option cache.listen, once the cache is used.',
  },
  cacheSecondLevelReads: {
    name: 'cache_second_level_reads_total',
    type: 'counter',
    labels: ['result'],
    help: 'Answers looked for in the second level: hit, miss. Each is a miss of the memory.',
    isCollected: true,
  },
  cacheSecondLevelKept: {
    name: 'cache_second_level_kept_total',
    type: 'counter',
    labels: [],
    help: 'Answers put into the second level.',
    isCollected: true,
  },
  cacheSecondLevelRejected: {
    name: 'cache_second_level_rejected_total',
    type: 'counter',
    labels: [],
    help: 'Entries of the second level that no service with the same key has written there.',
    isCollected: true,
  },
  cacheSecondLevelFailures: {
    name: 'cache_second_level_failures_total',
    type: 'counter',
    labels: [],
    help: 'Times that the store of the second level failed or did not answer in time.',
    isCollected: true,
  },
  cacheSecondLevelWorking: {
    name: 'cache_second_level_working',
    type: 'gauge',
    labels: [],
    help: '1: the second level is asked. 0: its store did not answer, and calls go on without it. Shown with the option cache.secondLevel.',
  },
} as const satisfies Readonly<Record<string, MetricDefinition>>;

export type MetricKey = keyof typeof METRIC_TABLE;
