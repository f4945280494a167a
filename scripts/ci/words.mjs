// The project speaks of itself alone, and a clone works anywhere: no path of one machine, no place that packages came from, no word about
// how or by whom a text was typed.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { scan } from './text-scan.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** @type {readonly import('./text-scan.mjs').Forbidden[]} */
const forbidden = [
  { name: 'a path of one machine', pattern: /(?<![\w.:-])\/(?:work|home|Users|root)\/[\w.-]/ },
  { name: 'a temporary path of one machine', pattern: /(?<![\w.])\/tmp\/[\w.-]/ },
  {
    name: 'a host that packages come from',
    pattern: /registry\.(?:npmjs|yarnpkg|npmmirror)|npm\.pkg\.github|pypi\.org/,
  },
  { name: 'where a package came from', pattern: /"resolved":/, only: /(?:^|\/)package-lock\.json$/ },
  { name: 'a registry', pattern: /registry\s*=|_auth/, only: /(?:^|\/)\.npmrc$/ },
  {
    name: 'a word about authorship',
    pattern: /\bsub-?agents?\b|[c]o-authored-by|generated (?:by|with) (?:an? )?(?:AI|LLM)\b/i,
  },
];

process.exit(scan(process.argv[2] ?? root, forbidden, []));
