/** A throw-away certificate authority and a server certificate for 127.0.0.1, made by openssl. */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Files in `directory`: the authority's certificate for clients, and key plus certificate in one file for the broker. */
export async function makeCertificates(directory) {
  const file = (name) => join(directory, name);
  const openssl = (parameters) => run('openssl', parameters, { cwd: directory });
  await openssl([
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    'ca.key',
    '-out',
    'ca.crt',
    '-days',
    '30',
    '-subj',
    '/CN=fsql test authority',
  ]);
  await openssl(['req', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'broker.key', '-out', 'broker.csr', '-subj', '/CN=localhost']);
  // Clients connect to the address, so the address has to stand in the certificate.
  writeFileSync(file('names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
  const signing = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '30', '-extfile', 'names'];
  await openssl(['x509', '-req', '-in', 'broker.csr', ...signing, '-out', 'broker.crt']);
  writeFileSync(file('broker.pem'), readFileSync(file('broker.key'), 'utf8') + readFileSync(file('broker.crt'), 'utf8'));
  return { authorityFile: file('ca.crt'), keyStoreFile: file('broker.pem') };
}
