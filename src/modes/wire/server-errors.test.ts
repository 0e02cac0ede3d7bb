import { describe, expect, it } from 'vitest';
import { serverMessage } from '../../../test/support/server-message.ts';
import { EXPECTATION_MARK } from '../../contract/expectation.ts';
import { failureOfClosed, translateServerError } from './server-errors.ts';

const context = { access: 'write' } as const;

describe("Postgres' errors as ours", () => {
  it.each([
    ['23505', 'UniqueConstraintError', 409],
    ['23503', 'ForeignKeyError', 409],
    ['23502', 'NotNullError', 422],
    ['23514', 'CheckError', 422],
    ['40001', 'SerializationError', 409],
    ['40P01', 'SerializationError', 409],
    ['42P01', 'UsageError', 500],
    ['22P02', 'ValidationError', 400],
    ['57014', 'TimeoutError', 504],
    ['53300', 'OverloadedError', 503],
    ['28P01', 'ConnectionError', 503],
    ['XX000', 'ServiceError', 500],
  ])('%s is a %s', (code, name, statusCode) => {
    const error = translateServerError(serverMessage({ code, message: 'm' }), context);
    expect(error).toMatchObject({ name, statusCode, sqlState: code, outcome: 'not-applied' });
  });

  it('knows a standby by what it says to the beginning of a transaction that writes', () => {
    const message = 'cannot set transaction read-write mode during recovery';
    const refused = serverMessage({ code: '0A000', message });
    expect(translateServerError(refused, { access: 'write' })).toMatchObject({
      name: 'ConnectionError',
      code: 'SERVER_READ_ONLY',
      outcome: 'not-applied',
    });
    const raised = serverMessage({ code: '0A000', message, routine: 'exec_stmt_raise' });
    expect(translateServerError(raised, { access: 'write' })).toMatchObject({ code: 'RAISED' });
  });

  it('tells a read that tried to write from a server that only reads', () => {
    const refused = serverMessage({
      code: '25006',
      message: 'cannot execute INSERT in a read-only transaction',
    });
    expect(translateServerError(refused, { access: 'read' })).toMatchObject({
      name: 'UsageError',
      code: 'READ_ONLY',
    });
    expect(translateServerError(refused, { access: 'write' })).toMatchObject({
      name: 'ConnectionError',
      code: 'SERVER_READ_ONLY',
    });
  });

  it.each([
    ['aclcheck_error', 'permission denied for table trips'],
    ['aclcheck_error', 'permission denied for view open_trips'],
    ['aclcheck_error', 'permission denied for function clone_trip'],
    ['aclcheck_error_col', 'keine Berechtigung für Spalte »title« der Relation »trips«'],
    ['ExecWithCheckOptions', 'neue Zeile verletzt Policy für Sicherheit auf Zeilenebene'],
    ['exec_stmt_raise', 'only owners may do this'],
  ])('42501 of %s is a caller without a right: %s', (routine, text) => {
    const error = translateServerError(serverMessage({ code: '42501', routine, message: text }), context);
    expect(error).toMatchObject({ name: 'AuthorizationError', code: 'FORBIDDEN', statusCode: 403 });
  });

  it.each([
    ['permission denied for schema billing', 'grant usage on schema'],
    ['permission denied for sequence trips_id_seq', 'Grant the right'],
    ['permission denied to set parameter "log_statement"', 'Grant the right'],
    ['must be owner of table trips', 'Grant the right'],
    ['keine Berechtigung für Schema billing', 'Grant the right'],
  ])('42501 is a right that nobody granted: %s', (text, hint) => {
    const error = translateServerError(
      serverMessage({ code: '42501', routine: 'aclcheck_error', message: text }),
      context,
    );
    expect(error).toMatchObject({ name: 'ConfigurationError', code: 'RIGHT_MISSING', statusCode: 500 });
    expect(error.message).toContain(text);
    expect(error.hint).toContain(hint);
  });

  it('knows a schema by the position in the statement, in any language', () => {
    const refused = serverMessage({
      code: '42501',
      message: 'keine Berechtigung für Schema billing',
      position: '15',
    });
    expect(translateServerError(refused, context).hint).toContain('grant usage on schema');
  });

  it.each([
    ['42501', 'call_string_check_hook', 'permission denied to set role "authenticated"', 'SET_ROLE_REFUSED'],
    ['42501', 'call_string_check_hook', 'keine Berechtigung, um Rolle zu setzen', 'SET_ROLE_REFUSED'],
    ['22023', 'call_string_check_hook', 'role "authenticated" does not exist', 'SET_ROLE_REFUSED'],
    ['42501', undefined, 'permission denied to set role "authenticated"', 'SET_ROLE_REFUSED'],
    ['42883', 'ParseFuncOrColumn', 'function pg_catalog.concat(text) does not exist', 'SET_UP_FAILED'],
    ['22P02', 'pg_strtoint32_safe', 'invalid input syntax for type integer: "hunter2"', 'SET_UP_FAILED'],
  ])('%s of %s in the set-up is a fault of the configuration: %s', (code, routine, text, expected) => {
    const error = translateServerError(serverMessage({ code, routine, message: text }), {
      access: 'read',
      inSetUp: true,
    });
    expect(error).toMatchObject({ name: 'ConfigurationError', code: expected, statusCode: 500 });
    expect(error.message).not.toContain('hunter2');
  });

  it('tells a value in the text of the statement from one that was bound', () => {
    const bad = { code: '22P02', message: 'invalid input syntax for type uuid: "x"' };
    expect(translateServerError(serverMessage(bad), context).name).toBe('ValidationError');
    expect(translateServerError(serverMessage({ ...bad, position: '8' }), context).name).toBe('UsageError');
    expect(
      translateServerError(serverMessage({ ...bad, position: '8', where: 'PL/pgSQL' }), context).name,
    ).toBe('ValidationError');
  });

  it.each([
    ['3F000', 'schema "nowhere" does not exist', 'a schema does not exist'],
    ['55000', 'currval of sequence "s" is not yet defined in this session', 'not in the state'],
  ])('%s is a wrong call, told whole only of the own text of a statement', (code, text, name) => {
    const wrong = { name: 'UsageError', code: 'INVALID_STATEMENT', statusCode: 500, sqlState: code };
    const dynamic = translateServerError(serverMessage({ code, message: text, where: 'PL/pgSQL' }), context);
    expect(dynamic).toMatchObject({ ...wrong, hint: expect.stringContaining('log') });
    expect(dynamic.message).toContain(name);
    expect(dynamic.message).not.toContain(text);
    const own = serverMessage({ code, message: text, position: '15' });
    const whole = { ...wrong, message: `Postgres refused the statement: ${text}.` };
    expect(translateServerError(own, context)).toMatchObject(whole);
    const trusted = { access: 'write', trusted: true } as const;
    expect(translateServerError(serverMessage({ code, message: text }), trusted)).toMatchObject(whole);
  });

  it('says how a function may write', () => {
    const text = 'INSERT is not allowed in a non-volatile function';
    const refused = serverMessage({ code: '0A000', message: text, where: 'SQL function "f"' });
    expect(translateServerError(refused, context)).toMatchObject({
      ...{ name: 'UsageError', code: 'INVALID_STATEMENT', sqlState: '0A000' },
      ...{ message: `Postgres refused the statement: ${text}.`, hint: expect.stringContaining('volatile') },
    });
  });

  it('tells what row level security refused from what the role may not do', () => {
    const say = (text: string) =>
      translateServerError(serverMessage({ code: '42501', message: text, table: 'trips' }), context).message;
    expect(say('new row violates row-level security policy for table "trips"')).toBe(
      'Row level security refused the row on "trips".',
    );
    expect(say('permission denied for table trips')).toContain('permission denied for table trips');
  });

  it('keeps values out of the message and of JSON', () => {
    const secrets = [
      serverMessage({ code: '22P02', message: 'invalid input syntax for type integer: "hunter2"' }),
      serverMessage({ code: '22P02', message: 'invalid input value for enum mood: "hunter2"' }),
      serverMessage({ code: '22008', message: 'date/time field value out of range: "hunter2"' }),
      serverMessage({ code: '22003', message: 'value "hunter2" is out of range for type integer' }),
      serverMessage({ code: '22003', message: '"hunter2" is out of range for type real' }),
      serverMessage({ code: '22023', message: 'time zone "hunter2" not recognized' }),
      serverMessage({ code: '54000', message: 'requested character too large for encoding: 999 hunter2' }),
      serverMessage({ code: '23505', message: 'm', detail: 'Key (email)=(hunter2) already exists.' }),
      serverMessage({ code: '23502', message: 'm', detail: 'Failing row contains (hunter2).' }),
    ];
    for (const secret of secrets) {
      const error = translateServerError(secret, context);
      expect(JSON.stringify(error) + error.message + String(error.stack)).not.toContain('hunter2');
    }
  });

  it('tells a value that has a syntax of its own from the text of the statement', () => {
    const said = (more: object) =>
      translateServerError(
        serverMessage({ code: '42601', message: 'syntax error in tsquery: "hunter2"', ...more }),
        context,
      );
    expect(said({})).toMatchObject({ name: 'ValidationError', code: 'INVALID_VALUE', statusCode: 400 });
    expect(said({}).message).not.toContain('hunter2');
    expect(said({ position: '8' })).toMatchObject({ name: 'UsageError', statusCode: 500 });
    expect(said({ where: 'PL/pgSQL function f() line 1 at EXECUTE' })).toMatchObject({ name: 'UsageError' });
  });

  it('tells a text search configuration that was bound from one of the text or of a function', () => {
    const said = (more: object) =>
      translateServerError(
        serverMessage({
          code: '42704',
          message: 'text search configuration "hunter2" does not exist',
          ...more,
        }),
        context,
      );
    const bound = said({ where: 'unnamed portal parameter $2' });
    expect(bound).toMatchObject({ name: 'UsageError', code: 'UNKNOWN_LANGUAGE', statusCode: 500 });
    expect(JSON.stringify(bound) + bound.message).not.toContain('hunter2');
    expect(said({}).code).toBe('UNKNOWN_LANGUAGE');
    expect(said({ position: '8' }).code).toBe('INVALID_STATEMENT');
    expect(said({ where: 'PL/pgSQL function f() line 1 at EXECUTE' }).code).toBe('INVALID_STATEMENT');
    expect(said({ message: 'type "hunter2" does not exist' }).code).toBe('INVALID_STATEMENT');
  });

  it('says of a value what is wrong with it', () => {
    const say = (code: string, text: string) =>
      translateServerError(serverMessage({ code, message: text }), context).message;
    expect(say('22001', 'value too long for type character varying(3)')).toContain('character varying(3)');
    expect(say('22P02', 'invalid input syntax for type integer: "x"')).toContain('it is not a valid integer');
    expect(say('22012', 'division by zero')).toContain('division by zero');
  });

  it('knows of a write whose connection ended only what is proven', () => {
    const fatal = serverMessage({ severity: 'FATAL', code: 'XX000', message: 'boom' });
    const own = serverMessage({ code: '23505', message: 'duplicate' });
    const never = serverMessage({ severity: 'FATAL', code: 'XX000', message: '(ECHECKOUTTIMEOUT) no' });
    expect(failureOfClosed(fatal, 'write', true).outcome).toBe('unknown');
    expect(failureOfClosed(own, 'write', true).outcome).toBe('not-applied');
    expect(failureOfClosed(own, 'write', false).outcome).toBe('unknown');
    expect(failureOfClosed(never, 'write', false).outcome).toBe('not-applied');
    expect(failureOfClosed(never, 'write', true).outcome).toBe('unknown');
    expect(failureOfClosed(fatal, 'read', false).outcome).toBe('not-applied');
  });

  it("leaves alone what an application raises in a pooler's words", () => {
    const raised = serverMessage({
      code: 'P0001',
      message: '(ENOTFOUND) no such trip',
      routine: 'exec_stmt_raise',
    });
    expect(translateServerError(raised, context)).toMatchObject({
      code: 'RAISED',
      message: '(ENOTFOUND) no such trip',
    });
  });

  it.each([
    ['P0001', 'ValidationError', 400, 'RAISED'],
    ['P0004', 'ValidationError', 400, 'RAISED'],
    ['22023', 'ValidationError', 400, 'RAISED'],
    ['PT400', 'ValidationError', 400, 'RAISED'],
    ['PT401', 'AuthenticationError', 401, 'RAISED'],
    ['PT403', 'AuthorizationError', 403, 'RAISED'],
    ['PT404', 'NotFoundError', 404, 'RAISED'],
    ['PT409', 'ConflictError', 409, 'RAISED'],
    ['PT422', 'CheckError', 422, 'RAISED'],
    ['PT418', 'ValidationError', 400, 'RAISED'],
    ['PT500', 'ValidationError', 400, 'RAISED'],
    ['42501', 'AuthorizationError', 403, 'FORBIDDEN'],
    ['23502', 'NotNullError', 422, 'NOT_NULL_VIOLATION'],
    ['23503', 'ForeignKeyError', 409, 'FOREIGN_KEY_VIOLATION'],
    ['23505', 'UniqueConstraintError', 409, 'UNIQUE_VIOLATION'],
    ['23514', 'CheckError', 422, 'CHECK_VIOLATION'],
    ['23000', 'CheckError', 422, 'CHECK_VIOLATION'],
    ['23P01', 'UniqueConstraintError', 409, 'EXCLUSION_VIOLATION'],
    ['40001', 'SerializationError', 409, 'SERIALIZATION_FAILURE'],
    ...[
      ...['08006', '08P01', '0A000', '25006', '26000', '28000', '28P01', '3D000', '42P01', '53300', '54000'],
      ...['55P03', '57014', '57P01', '57P03', '58030', 'XX000', 'ZZ999'],
    ].map((code) => [code, 'ValidationError', 400, 'RAISED'] as const),
  ] as const)(
    'what a function raises as %s is a %s with its own text',
    (sqlState, name, statusCode, code) => {
      const text = 'server closed the connection: "full" =(1)';
      for (const access of ['read', 'write'] as const) {
        for (const routine of ['exec_stmt_raise', 'exec_stmt_assert']) {
          const raised = serverMessage({ code: sqlState, message: text, hint: 'take "the next"', routine });
          expect(translateServerError(raised, { access })).toMatchObject({
            ...{ name, statusCode, code, sqlState, outcome: 'not-applied' },
            ...{ message: text, hint: 'take "the next"' },
          });
          expect(failureOfClosed(raised, access, true)).toMatchObject({ name, outcome: 'not-applied' });
        }
      }
    },
  );

  it('keeps the names that a function raises with its text', () => {
    const raised = serverMessage({
      ...{ code: '23514', message: 'the trip is full', routine: 'exec_stmt_raise' },
      ...{ table: 'trips', column: 'seats', constraint: 'trips_seats' },
    });
    expect(translateServerError(raised, context)).toMatchObject({
      ...{ message: 'the trip is full', relation: 'trips', field: 'seats', constraint: 'trips_seats' },
    });
  });

  it('takes nothing for raised that ends the connection, or comes before the set-up was confirmed', () => {
    const login = { code: '28000', message: 'not at night', routine: 'exec_stmt_raise' };
    const fatal = serverMessage({ ...login, severity: 'FATAL' });
    expect(translateServerError(fatal, context)).toMatchObject({ code: 'LOGIN_REFUSED' });
    const early = translateServerError(serverMessage(login), { access: 'read', inSetUp: true });
    expect(early).toMatchObject({ name: 'ConfigurationError', code: 'SET_UP_FAILED' });
    expect(early.message).not.toContain('not at night');
  });

  it('names the column of a unique constraint over one column only', () => {
    const one = translateServerError(
      serverMessage({ code: '23505', detail: 'Key (email)=(a) already exists.' }),
      context,
    );
    const two = translateServerError(
      serverMessage({ code: '23505', detail: 'Key (a, b)=(1, 2) already exists.' }),
      context,
    );
    expect(one.field).toBe('email');
    expect(two.field).toBeUndefined();
  });

  it('says that a write of a lost server is unknown, a read is not', () => {
    const gone = serverMessage({ severity: 'FATAL', code: '57P01', message: 'terminating connection' });
    expect(translateServerError(gone, context).outcome).toBe('unknown');
    expect(translateServerError(gone, { access: 'read' }).outcome).toBe('not-applied');
  });

  it.each([
    ['(ECHECKOUTTIMEOUT) unable to check out connection', 'XX000', 'OverloadedError', 'not-applied'],
    ['(EMAXCONNSESSION) max clients reached', 'XX000', 'OverloadedError', 'not-applied'],
    ['(EAUTHQUERY) user not found', 'XX000', 'ConnectionError', 'not-applied'],
    ['(EAUTHQUERY) authentication query failed', 'XX000', 'ConnectionError', 'not-applied'],
    ['(ECIRCUITBREAKER) too many authentication errors', 'XX000', 'ConnectionError', 'not-applied'],
    ['(EDBHANDLEREXITED) connection to database closed', 'XX000', 'OutcomeUnknownError', 'unknown'],
    ['Failed to connect to database: timeout', '08006', 'ConnectionError', 'not-applied'],
  ])("judges Supavisor's %s by its message", (text, code, name, outcome) => {
    expect(
      translateServerError(serverMessage({ severity: 'FATAL', code, message: text }), context),
    ).toMatchObject({
      name,
      outcome,
    });
  });

  it.each([
    ['query_wait_timeout', 'OverloadedError', 'not-applied'],
    ['SASL authentication failed', 'ConnectionError', 'not-applied'],
    ['server login has been failing, try again later', 'ConnectionError', 'not-applied'],
    ['server closed the connection unexpectedly', 'OutcomeUnknownError', 'unknown'],
  ])("judges PgBouncer's %s by its message", (text, name, outcome) => {
    const error = serverMessage({ severity: 'FATAL', code: '08P01', message: text });
    expect(translateServerError(error, context)).toMatchObject({ name, outcome });
  });

  it('says how many rows a write touched and how many it was expected to', () => {
    const say = (text: string) =>
      translateServerError(serverMessage({ code: '22P02', message: text }), context).message;
    expect(say(`invalid input syntax for type bigint: "${EXPECTATION_MARK}3:1"`)).toBe(
      "The write affected 3 rows, but 'expect' is 1. Nothing was changed.",
    );
    expect(say(`ungültige Eingabesyntax für Typ bigint: »${EXPECTATION_MARK}1:0«`)).toContain(
      'affected 1 row,',
    );
  });

  it.each([
    ['22P02', 'invalid input syntax for type bigint: "cdb:expect:3:1"'],
    ['22P02', `invalid input syntax for type uuid: "${EXPECTATION_MARK}3:1"`],
    ['22P02', `invalid input syntax for type uuid: "bigint: ${EXPECTATION_MARK}3:1"`],
    ['22P02', `invalid input syntax for type bigint: "${EXPECTATION_MARK}3:1 or so"`],
    ['22P02', `invalid input syntax for type bigint: "so ${EXPECTATION_MARK}3:1"`],
    ['22P02', `invalid input value for enum mood: "${EXPECTATION_MARK}3:1"`],
    ['22003', `value "${EXPECTATION_MARK}3:1" is out of range for type bigint`],
  ])('takes no value that looks like it for a failed expectation: %s %s', (code, text) => {
    const error = translateServerError(serverMessage({ code, message: text }), context);
    expect(error).toMatchObject({ name: 'ValidationError', code: 'INVALID_VALUE' });
  });
});
