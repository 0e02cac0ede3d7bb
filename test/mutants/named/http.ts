import type { NamedMutant } from '../mutant.ts';

const CONFORMANCE = { tests: ['test/http/conformance.test.ts'] } as const;
const RULE = { file: 'src/http/request-rule.ts', ...CONFORMANCE } as const;
const GONE = { tests: ['test/http/client-gone.test.ts'] } as const;

/** Who calls over HTTP, and what a client and a log are told. */
export const HTTP: readonly NamedMutant[] = [
  {
    name: 'HTTP: headers sent twice',
    guard: 'Of several headers `Authorization` none is picked: what stands in front may have picked another.',
    file: 'src/http/request-headers.ts',
    symbol: 'ofNode',
    find: "values.join(', ')",
    replace: 'values[0]',
    ...CONFORMANCE,
  },
  {
    name: 'HTTP: anything but one bearer token',
    guard: 'Who sends a header that holds no token is not taken for anonymous.',
    file: 'src/http/bearer-token.ts',
    symbol: 'bearerToken',
    find: 'if (token !== undefined) return token;',
    replace: 'return token;',
    ...CONFORMANCE,
  },
  {
    ...RULE,
    name: 'HTTP: verified once and always',
    guard: 'A token is verified before the routes run.',
    symbol: 'RequestRule.identify',
    find: 'if (token !== undefined) return this.#db.verify(token);',
    replace: '',
  },
  {
    ...RULE,
    name: 'HTTP: no anonymous requests',
    guard: "With `anonymous: 'refuse'` a request without a token is refused.",
    symbol: 'RequestRule.identify',
    find: "this.#options.anonymous !== 'refuse'",
    replace: 'true',
  },
  {
    ...RULE,
    name: 'HTTP: the caller of the routes',
    guard: 'The routes run as the caller of the request.',
    symbol: 'RequestRule.run',
    find: 'this.#db.runAs(identity, rest)',
    replace: 'this.#db.runAs(anonymous(), rest)',
  },
  {
    ...RULE,
    name: 'HTTP: a log that throws',
    guard: 'A client gets its answer, whatever becomes of the log.',
    symbol: 'RequestRule.#log',
    find: 'process.emitWarning',
    replace: 'throw new Error(why), process.emitWarning',
  },
  {
    ...RULE,
    name: 'HTTP: clients that have gone',
    guard: 'What ended because its client has gone away is not logged as a fault.',
    symbol: 'isOfClient',
    find: "error.code === 'ABORTED'",
    replace: "error.code === 'NEVER'",
    ...GONE,
  },
  {
    name: 'HTTP: messages of others',
    guard: 'The message of an error that is not of this package is not logged: it may hold values.',
    file: 'src/http/logged-fault.ts',
    symbol: 'framesOf',
    find: 'stack .slice(begins + message.length)',
    replace: 'stack',
    ...CONFORMANCE,
  },
  {
    name: 'HTTP: a status of another server',
    guard: 'The status of an error that another server gave is not told to the client as its own.',
    file: 'src/http/decided-status.ts',
    symbol: 'decidedStatus',
    find: 'return isExposed || isOfFastify ? statusCode : undefined;',
    replace: 'return statusCode;',
    ...CONFORMANCE,
  },
  {
    name: 'HTTP: headers of another body',
    guard: 'A problem does not go out with the headers of the body that it stands in for.',
    file: 'src/http/http-problem.ts',
    symbol: 'isOfBody',
    find: 'return OF_BODY.has(header.toLowerCase());',
    replace: 'return false;',
    ...CONFORMANCE,
  },
  {
    name: 'HTTP: a client that goes away',
    guard: 'The signal of a request aborts when its client goes away.',
    file: 'src/http/client-gone.ts',
    symbol: 'clientGone',
    find: 'if (!response.writableFinished) gone.abort',
    replace: 'if (response.writableFinished) gone.abort',
    ...GONE,
  },
];
