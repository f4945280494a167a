// Every relative link of every Markdown file leads to a tracked file or folder, and its #fragment to a heading there.
import { readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { trackedFiles } from './tracked-files.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const folder = process.argv[2] ?? root;

/** Text without fenced blocks and inline code, line for line. @param {string} text */
function proseOf(text) {
  let fence = '';
  return text
    .split('\n')
    .map((line) => {
      const mark = /^\s*(`{3,}|~{3,})/.exec(line)?.[1] ?? '';
      if (fence !== '') {
        if (mark.startsWith(fence)) fence = '';
        return '';
      }
      fence = mark;
      return mark === '' ? line.replaceAll(/(`+)(?!`).*?\1(?!`)/g, (code) => ' '.repeat(code.length)) : '';
    })
    .join('\n');
}

/** `[text](target)`, `![text](target "title")` and `[label]: target`. @param {string} prose */
function linksOf(prose) {
  const found = [...prose.matchAll(/\]\(\s*<?([^\s)>]+)>?[^)]*\)|^ {0,3}\[[^\]]+\]:\s*<?([^\s>]+)/gm)];
  return found.map((match) => ({
    target: match[1] ?? match[2],
    line: prose.slice(0, match.index).split('\n').length,
  }));
}

/** The fragments of a Markdown text, as GitHub makes them of headings. @param {string} text */
function fragmentsOf(text) {
  const seen = new Map();
  const plain = proseOf(text).split('\n');
  return new Set(
    text.split('\n').flatMap((line, at) => {
      // A heading may hold code: it is read from the text itself, where the prose says that it is one.
      if (!/^#{1,6}\s/.test(plain[at] ?? '')) return [];
      const words = line
        .replace(/^#+\s+|\s+#*\s*$/g, '')
        .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .toLowerCase();
      const slug = words.replaceAll(/[^\p{L}\p{N}\p{M} _-]/gu, '').replaceAll(' ', '-');
      const times = seen.get(slug) ?? 0;
      seen.set(slug, times + 1);
      return [times === 0 ? slug : `${slug}-${times}`];
    }),
  );
}

const files = trackedFiles(folder);
const known = new Set(files);
const folders = new Set(['.', ...files.flatMap((path) => ancestorsOf(path))]);

function ancestorsOf(path) {
  const parent = posix.dirname(path);
  return parent === '.' ? [] : [parent, ...ancestorsOf(parent)];
}

const read = (path) => readFileSync(join(folder, path), 'utf8');

/** What is wrong with a link; undefined when nothing is. */
function complaintOf(from, target) {
  const [path, fragment] = target.split('#');
  const to = path === '' ? from : posix.normalize(posix.join(posix.dirname(from), decodeURIComponent(path)));
  const place = to.replace(/\/$/, '');
  if (path.startsWith('/')) return 'begins at the root of some machine';
  if (!known.has(place) && !folders.has(place)) return 'leads nowhere';
  if (fragment === undefined || !place.endsWith('.md')) return undefined;
  return fragmentsOf(read(place)).has(fragment) ? undefined : 'leads to no heading there';
}

let links = 0;
let found = 0;
const markdown = files.filter((path) => path.endsWith('.md'));
for (const path of markdown) {
  for (const { target, line } of linksOf(proseOf(read(path)))) {
    if (/^[a-z][a-z0-9+.-]*:|^\/\//i.test(target)) continue;
    links += 1;
    const complaint = complaintOf(path, target);
    if (complaint === undefined) continue;
    found += 1;
    console.error(`${path}:${line}: ${target} ${complaint}`);
  }
}
console.log(`${links} relative links in ${markdown.length} files, ${found} findings`);
process.exit(found === 0 && links > 0 ? 0 : 1);
