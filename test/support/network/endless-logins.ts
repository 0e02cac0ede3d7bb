/** How the endless server breaks a login. */
import type { Socket } from 'node:net';
import { backend, int32, message, messageOfLength } from './protocol-messages.ts';

export type EndlessLogin =
  | 'silent'
  | 'hang-up'
  | 'garbage'
  | 'huge-length'
  | 'negative-length'
  | 'unknown-authentication'
  | 'sasl-without-mechanisms'
  | 'sasl-garbage'
  | 'sasl-final-first'
  | 'error-without-fields'
  | 'fatal'
  | 'ready-before-authentication'
  | 'rows-before-ready'
  | 'never-ready'
  | 'endless-parameters'
  | 'key-without-body';

const parameterFlood = Buffer.concat(
  Array.from({ length: 1_000 }, (_, i) => backend.parameterStatus(`made.up_${i}`, 'x'.repeat(50))),
);

/** Breaks the answer to a startup packet. */
export const ENDLESS_LOGINS: Readonly<Record<EndlessLogin, (socket: Socket) => void>> = {
  silent: () => undefined,
  'hang-up': (socket) => socket.end(),
  garbage: (socket) => socket.write('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'),
  'huge-length': (socket) => socket.write(messageOfLength('R', 0x7fffffff, int32(0))),
  'negative-length': (socket) => socket.write(messageOfLength('R', -1, int32(0))),
  'unknown-authentication': (socket) => socket.write(message('R', int32(99))),
  'sasl-without-mechanisms': (socket) => socket.write(backend.authenticationSasl()),
  'sasl-garbage': (socket) => {
    socket.write(backend.authenticationSasl('SCRAM-SHA-256'));
    socket.write(backend.authenticationSaslContinue('=,=,='));
  },
  'sasl-final-first': (socket) => socket.write(backend.authenticationSaslFinal('v=AAAA')),
  'error-without-fields': (socket) => socket.end(message('E', Buffer.from([0]))),
  fatal: (socket) =>
    socket.end(
      backend.error({ severity: 'FATAL', code: '57P03', message: 'the database system is starting up' }),
    ),
  'ready-before-authentication': (socket) => socket.write(backend.readyForQuery('I')),
  'rows-before-ready': (socket) =>
    socket.write(
      Buffer.concat([
        backend.authenticationOk(),
        backend.rowDescription([{ name: 'uninvited' }]),
        backend.dataRow(['uninvited']),
        backend.commandComplete('SELECT 1'),
        backend.readyForQuery('I'),
      ]),
    ),
  'never-ready': (socket) => socket.write(backend.authenticationOk()),
  'endless-parameters': (socket) => {
    socket.write(backend.authenticationOk());
    const write = () => {
      while (!socket.destroyed && socket.write(parameterFlood));
    };
    socket.on('drain', write);
    write();
  },
  'key-without-body': (socket) => {
    socket.write(Buffer.concat([backend.authenticationOk(), message('K'), backend.readyForQuery('I')]));
  },
};
