import { type ServerAddress, SqlError, SqlState } from '../../base/index.ts';

/** host:port, the host of an IPv6 address in brackets. Errors: 22023. */
export function parseAddress(text: string): ServerAddress {
  const parts = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text);
  const port = Number(parts?.[3]);
  if (parts === null || port > 65_535) {
    throw new SqlError({
      code: SqlState.invalidParameterValue,
      message: `"${text}" is no address`,
      hint: 'Write host:port, such as 127.0.0.1:3777.',
    });
  }
  return { host: parts[1] ?? parts[2]!, port };
}

export function printAddress({ host, port }: ServerAddress): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
