// unpack.mjs NOTEBOOK.ipynb [OUT.nb.ts] — notebook to percent text, on standard output when no file is named.

import { readFileSync, writeFileSync } from 'node:fs';
import { InvalidNotebook, parseNotebook } from './notebook-file.mjs';
import { formatPercentText } from './percent-text.mjs';

const [source, target] = process.argv.slice(2);
if (source === undefined) {
  console.error('usage: node scripts/notebooks/unpack.mjs NOTEBOOK.ipynb [OUT.nb.ts]');
  process.exit(2);
}
try {
  const text = formatPercentText(parseNotebook(readFileSync(source, 'utf8')));
  if (target === undefined) process.stdout.write(text);
  else writeFileSync(target, text);
} catch (error) {
  if (!(error instanceof InvalidNotebook)) throw error;
  console.error(`${source}: ${error.message}`);
  process.exit(1);
}
