// No secret is ever committed: no private key, no API key of ours or of the usual providers, no token.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { scan } from './text-scan.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const folder = process.argv[2] ?? root;

/** @type {readonly import('./text-scan.mjs').Forbidden[]} */
const forbidden = [
  { name: 'a signing key', pattern: /PRIVATE\+KEY\+[^\s+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]{40}/ },
  { name: 'a private key', pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----/ },
  { name: 'a private JSON web key', pattern: /"d"\s*:\s*"[A-Za-z0-9_-]{40}/ },
  { name: 'an API key of CAIO', pattern: /\bcaio_[0-9a-f]{16}_[A-Za-z0-9_-]{43}/ },
  {
    name: 'an API key of a provider',
    pattern: /\b(?:sk-[A-Za-z0-9_-]{20}|gsk_\w{20}|xai-\w{20}|AIza[\w-]{30}|AKIA[0-9A-Z]{16})/,
  },
  {
    name: 'a token of a forge',
    pattern: /\b(?:gh[pousr]_\w{30}|github_pat_\w{20}|glpat-[\w-]{20}|npm_\w{30})/,
  },
  { name: 'a JSON web token', pattern: /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20}/ },
];

/** @type {readonly import('./text-scan.mjs').Exception[]} */
const exceptions = [
  {
    path: 'tests/vectors/tlog.json',
    name: 'a signing key',
    reason: 'known answers of signed notes; the seed is 32 times the byte 1 and protects nothing',
  },
];

// The exceptions are of this project; another folder has none.
process.exit(scan(folder, forbidden, folder === root ? exceptions : []));
