import type {
  FunctionOf,
  FunctionsOf,
  NoArguments,
  RpcParameters,
  RpcReturns,
} from '../consolidated/typed/functions.ts';
import type { ColumnOf } from '../consolidated/typed/relations.ts';
import type { DatabaseOperations, OperationLimits, OperationOrder } from './database-operations.ts';
import { RolloutCaller } from './rollout-caller.ts';
import type { RolloutRouter, RoutedCaller } from './rollout-router.ts';

/** The operations of one caller: each call is given to the side that the router chooses, as it came. */
export function routedOperations<S>(
  router: RolloutRouter<S>,
  caller: RoutedCaller<S>,
): DatabaseOperations<S> {
  return {
    withToken: (jwt) =>
      routedOperations(router, {
        sides: caller.sides.map((side) => side.withToken(jwt)),
        caller: RolloutCaller.ofToken(jwt),
      }),
    as: (identity) =>
      routedOperations(router, {
        sides: caller.sides.map((side) => side.as(identity)),
        caller: RolloutCaller.byChance(router.random),
      }),
    select: (table, options) =>
      router.read(caller, {
        operation: 'select',
        table,
        options,
        ask: (side, given) => side.select(table, given),
        askAgain: (side, given, limits) => side.select(table, { ...given, ...limits }),
        askWidely: (side, given, limits) =>
          side.select(table, { ...given, ...limits, ...withOrderColumns(given) }),
        order: orderColumns(options?.orderBy),
        isPage: options?.limit !== undefined || options?.offset !== undefined,
      }),
    selectOne: (table, options) =>
      router.read(caller, {
        operation: 'selectOne',
        table,
        options,
        ask: (side, given) => side.selectOne(table, given),
        askAgain: (side, given, limits) => side.selectOne(table, { ...given, ...limits }),
      }),
    selectMaybe: (table, options) =>
      router.read(caller, {
        operation: 'selectMaybe',
        table,
        options,
        ask: (side, given) => side.selectMaybe(table, given),
        askAgain: (side, given, limits) => side.selectMaybe(table, { ...given, ...limits }),
      }),
    count: (table, options) =>
      router.read(caller, {
        operation: 'count',
        table,
        options,
        ask: (side, given) => side.count(table, given),
        askAgain: (side, given, limits) => side.count(table, { ...given, ...limits }),
      }),
    vectorSearch: (table, options) =>
      router.read(caller, {
        operation: 'vectorSearch',
        table,
        options,
        ask: (side, given) => side.vectorSearch(table, given),
        askAgain: (side, given, limits) => side.vectorSearch(table, { ...given, ...limits }),
      }),
    rpc<Name extends keyof FunctionsOf<S> & string, Given = NoArguments>(
      name: Name,
      ...rest: RpcParameters<FunctionOf<S, Name>, Given, OperationLimits>
    ): Promise<RpcReturns<FunctionOf<S, Name>, Given>> {
      if (!router.isReadFunction(name)) {
        return router.write(caller, 'rpc', name, (side) => side.rpc<Name, Given>(name, ...rest));
      }
      return router.read(caller, {
        operation: 'rpc',
        table: name,
        options: rest,
        ask: (side, given) => side.rpc<Name, Given>(name, ...given),
        // With the caller's own limits: where they stand depends on the function.
        askAgain: (side, given) => side.rpc<Name, Given>(name, ...given),
      });
    },
    insert: (table, row, options) =>
      router.write(caller, 'insert', table, (side) => side.insert(table, row, options)),
    update: (table, set, options) =>
      router.write(caller, 'update', table, (side) => side.update(table, set, options)),
    upsert: (table, row, options) =>
      router.write(caller, 'upsert', table, (side) => side.upsert(table, row, options)),
    delete: (table, options) => router.write(caller, 'delete', table, (side) => side.delete(table, options)),
  };
}

interface OrderedRead<Row> {
  readonly columns?: readonly ColumnOf<Row>[];
  readonly orderBy?: OperationOrder<Row> | undefined;
}

/** The columns of the order too, where not all are asked for: rows that are equal in these may come in any order. */
function withOrderColumns<Row>(options: OrderedRead<Row> | undefined): { columns?: ColumnOf<Row>[] } {
  if (options?.columns === undefined) return {};
  return { columns: [...new Set([...options.columns, ...orderColumns(options.orderBy)])] };
}

function orderColumns<Row>(orderBy: OperationOrder<Row> | undefined): ColumnOf<Row>[] {
  if (orderBy === undefined) return [];
  if (typeof orderBy === 'string') return [orderBy];
  if ('column' in orderBy) return [orderBy.column];
  return orderBy.map((term) => (typeof term === 'string' ? term : term.column));
}
