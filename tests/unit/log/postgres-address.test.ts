import { describe, expect, it } from 'vitest';
import { parsePostgresUrl, placeOf } from '../../../src/log/drivers/postgres-address.js';

function parsed(text: string) {
  const address = parsePostgresUrl(text);
  if (!address.ok) throw new Error(address.error.message);
  return address.value;
}

describe('the URL of a database', () => {
  it('gives its parts, escapes undone, and the schema caio', () => {
    expect(parsed('postgresql://us%40er:p%2Fw%3F@db.example:6543/the%20log?sslmode=disable')).toEqual({
      host: 'db.example',
      port: 6543,
      database: 'the log',
      user: 'us@er',
      password: 'p/w?',
      schema: 'caio',
      tls: { kind: 'none' },
    });
  });

  it.each([
    ['postgres://u@localhost/d', { kind: 'none' }],
    ['postgres://u@[::1]/d', { kind: 'none' }],
    ['postgres://u@db.example/d', { kind: 'verify' }],
    ['postgres://u@db.example/d?sslmode=require', { kind: 'unverified' }],
    ['postgres://u@127.0.0.1/d?sslrootcert=ca.pem', { kind: 'verify', authority: 'ca.pem' }],
    ['postgres://u@localhost/d?sslmode=verify-full', { kind: 'verify' }],
  ])('%s is reached with %j', (url, tls) => {
    expect(parsed(url).tls).toEqual(tls);
  });

  it('names the place without user and password', () => {
    expect(placeOf(parsed('postgres://u:hunter2@localhost/d'))).toBe('database d at localhost:5432');
    expect(placeOf(parsed('postgres://u:hunter2@[::1]:1/d?schema=two'))).toBe(
      'database d at [::1]:1, schema two',
    );
    expect(placeOf(parsed('postgres://u@x/d?host=/run/postgresql'))).toBe(
      'database d at the socket in /run/postgresql',
    );
  });

  it.each([
    ['nonsense', /not a URL/],
    ['http://u@h/d', /postgres:\/\//],
    ['postgres://h/d', /no user/],
    ['postgres://u:hunter2@h/', /one database/],
    ['postgres://u:hunter2@h/a/b', /one database/],
    ['postgres://u:hunter2@/d', /no host|not a URL/],
    ['postgres://u:hunter2%zz@h/d', /escape/],
    ['postgres://u:hunter2@h/d?sslmode=prefer', /sslmode/],
    ['postgres://u:hunter2@h/d?sslmode=disable&sslrootcert=x', /sslmode/],
    ['postgres://u:hunter2@h/d?schema=A', /schema/],
    ['postgres://u:hunter2@h/d?schema=a;drop', /schema/],
    ['postgres://u:hunter2@h/d?schema=a&schema=b', /twice/],
    ['postgres://u:hunter2@h/d?options=-c', /parameter "options"/],
  ])('%s is refused, without being quoted', (url, message) => {
    const address = parsePostgresUrl(url);
    expect(address).toMatchObject({
      ok: false,
      error: { code: 'invalid_url', message: expect.stringMatching(message) },
    });
    expect(JSON.stringify(address)).not.toContain('hunter2');
  });
});
