import { connect } from 'node:net';

/** The first message of a session, PostgreSQL protocol 3.0. */
export function startupMessage(user = 'fsql', database = 'fsql') {
  const text = Buffer.from(`user\0${user}\0database\0${database}\0\0`);
  const message = Buffer.alloc(8 + text.length);
  message.writeInt32BE(message.length, 0);
  message.writeInt32BE(196_608, 4);
  text.copy(message, 8);
  return message;
}

const DATA_ROW = 0x44;
const READY = 0x5a;
const ERROR = 0x45;

/** Runs a simple query and counts its rows the way a client does that looks at every message; milliseconds and rows. */
export function timeQuery({ port, user, database, sql }) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(startupMessage(user, database)));
    let pending = Buffer.alloc(0);
    let begin = -1;
    let rows = 0;
    const message = (kind, from, to) => {
      if (kind === DATA_ROW) rows++;
      else if (kind === ERROR) reject(new Error(pending.toString('utf8', from, to)));
      else if (kind === READY && begin < 0) {
        const text = Buffer.from(`${sql}\0`);
        const head = Buffer.alloc(5);
        head.write('Q');
        head.writeInt32BE(text.length + 4, 1);
        begin = performance.now();
        socket.write(Buffer.concat([head, text]));
      } else if (kind === READY) {
        socket.end();
        resolve({ ms: performance.now() - begin, rows });
      }
    };
    socket.on('data', (chunk) => {
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      let at = 0;
      while (at + 5 <= pending.length) {
        const end = at + 1 + pending.readInt32BE(at + 1);
        if (end > pending.length) break;
        message(pending[at], at + 5, end);
        at = end;
      }
      pending = pending.subarray(at);
    });
    socket.on('error', reject);
  });
}
