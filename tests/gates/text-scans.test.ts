import { describe, expect, it } from 'vitest';
import { inTrackedWorkshop } from './tracked-workshop.js';
import { runScript } from './workshop.js';

const words = (folder: string) => runScript('scripts/ci/words.mjs', folder);
const secrets = (folder: string) => runScript('scripts/ci/secrets.mjs', folder);

/** Written in parts, so that this file does not hold what it plants. */
const put = (...parts: readonly string[]): string => parts.join('');
const many = (length: number): string => 'aB3'.repeat(length).slice(0, length);

describe('the words gate', () => {
  const plain = {
    'src/a.ts': "export const url = 'http://127.0.0.1/home/x';\nexport const at = join(tmpdir(), 'x');\n",
    'docs/a.md': 'Services such as models and agents work at home.\n',
    'package-lock.json': '{ "packages": { "": { "name": "a" } } }\n',
    '.npmrc': 'save-exact=true\n',
  };

  it('is green on plain words and paths of URLs', () => {
    const { status, output } = inTrackedWorkshop(plain, words);
    expect({ status, output }).toEqual({ status: 0, output: '4 files examined, 0 findings\n' });
  });

  it.each([
    ['a checkout', 'docs/a.md', put('see /wo', 'rk/main/src'), 'a path of one machine'],
    ['a home', 'src/b.ts', put("open('/ho", "me/ada/x')"), 'a path of one machine'],
    ['a home of another kind', 'src/b.ts', put("open('/Us", "ers/ada/x')"), 'a path of one machine'],
    ['a temporary file', 'tests/b.ts', put("'/t", "mp/caio.log'"), 'a temporary path of one machine'],
    [
      'a registry host',
      'docs/b.md',
      put('https://registry.np', 'mjs.org/x'),
      'a host that packages come from',
    ],
    ['a resolved package', 'package-lock.json', put('{ "res', 'olved": "x" }'), 'where a package came from'],
    ['a registry', '.npmrc', put('regis', 'try=http://127.0.0.1'), 'a registry'],
    ['a credential of a registry', '.npmrc', put('//127.0.0.1/:_au', 'thToken=x'), 'a registry'],
    ['who typed it', 'docs/b.md', put('written by a sub', 'agent'), 'a word about authorship'],
    ['who else typed it', 'CHANGELOG.md', put('Co-Author', 'ed-By: x'), 'a word about authorship'],
  ])('is red on %s', (_, file, text, finding) => {
    const { status, output } = inTrackedWorkshop({ ...plain, [file]: `first line\n${text}\n` }, words);
    expect(status).toBe(1);
    expect(output).toContain(`${file}:2: ${finding}`);
  });

  it('looks at what git tracks only, and is red where that is nothing', () => {
    const found = put('see /wo', 'rk/main');
    expect(inTrackedWorkshop(plain, words, { 'docs/b.md': found })).toMatchObject({ status: 0 });
    expect(inTrackedWorkshop({}, words)).toEqual({ status: 1, output: '0 files examined, 0 findings\n' });
  });
});

describe('the secrets gate', () => {
  it('is green on references and on the shapes of keys', () => {
    const files = {
      'a.yaml': 'secret: env:OPENAI_API_KEY\n',
      'a.ts': put(
        '// PRIVATE+K',
        "EY+<name>+<hash>+<base64> and caio_<id>_<secret>\nconst prefix = 'PRIVATE+K",
        "EY+';\n",
      ),
    };
    expect(inTrackedWorkshop(files, secrets)).toEqual({
      status: 0,
      output: '2 files examined, 0 findings\n',
    });
  });

  it.each([
    ['a signing key', put('PRIVATE+K', 'EY+caio.example+1a2b3c4d+', many(44))],
    ['a private key', put('-----BEGIN ', 'PRIVATE KEY-----')],
    ['a private key', put('-----BEGIN RSA ', 'PRIVATE KEY-----')],
    ['a private JSON web key', put('{"kty": "OKP", "', 'd": "', many(43), '"}')],
    ['an API key of CAIO', put('caio_', '0123456789abcdef_', many(43))],
    ['an API key of a provider', put('sk-', many(40))],
    ['an API key of a provider', put('AKIA', 'ABCDEFGHIJKLMNOP')],
    ['a token of a forge', put('ghp_', many(36))],
    ['a JSON web token', put('eyJ', many(20), '.eyJ', many(30), '.', many(43))],
  ])('is red on %s, and does not repeat it', (name, secret) => {
    const { status, output } = inTrackedWorkshop({ 'a.txt': `first line\nx ${secret}\n` }, secrets);
    expect({ status, output }).toEqual({
      status: 1,
      output: `1 files examined, 1 findings\na.txt:2: ${name}\n`,
    });
  });

  it('passes over what is no text', () => {
    const secret = put('sk-', many(40));
    const run = inTrackedWorkshop({ 'a.bin': `\0${secret}`, 'a.txt': 'x\n' }, secrets);
    expect(run).toEqual({ status: 0, output: '1 files examined, 0 findings\n' });
  });
});
