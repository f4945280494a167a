// pack.mjs SOURCE.nb.ts OUT.ipynb — percent text to notebook; unchanged cells keep their outputs.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { formatNotebook, InvalidNotebook, parseNotebook } from './notebook-file.mjs';
import { parsePercentText } from './percent-text.mjs';

const [source, target] = process.argv.slice(2);
if (source === undefined || target === undefined || !target.endsWith('.ipynb')) {
  console.error('usage: node scripts/notebooks/pack.mjs SOURCE.nb.ts OUT.ipynb');
  process.exit(2);
}
try {
  const earlier = existsSync(target) ? parseNotebook(readFileSync(target, 'utf8')) : undefined;
  const notebook = parsePercentText(readFileSync(source, 'utf8'), earlier);
  if (notebook.cells.length === 0) throw new InvalidNotebook('no cells');
  writeFileSync(target, formatNotebook(notebook));
  console.log(`${target}: ${notebook.cells.length} cells packed`);
} catch (error) {
  if (!(error instanceof InvalidNotebook)) throw error;
  console.error(`${source}: ${error.message}`);
  process.exit(1);
}
