// Writes src/contracts/generated/schemas.ts from configs/schemas/: the schemas as text, so that reading a document needs no disk.
// With --check it writes nothing and exits 1 when the module is not what the schemas make of it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const schemas = join(root, 'configs', 'schemas');
const target = join(root, 'src', 'contracts', 'generated', 'schemas.ts');
const suffix = '.schema.json';

/** A TypeScript string literal in single quotes, as the formatter would leave it. */
const literal = (text) =>
  text.includes("'") && !text.includes('"')
    ? `"${text.replaceAll('\\', '\\\\')}"`
    : `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

const names = readdirSync(schemas)
  .filter((file) => file.endsWith(suffix))
  .map((file) => file.slice(0, -suffix.length))
  .sort();
const entries = names.map((name) => {
  const text = JSON.stringify(JSON.parse(readFileSync(join(schemas, name + suffix), 'utf8')));
  return `  ${name}:\n    // biome-ignore format: one line a schema\n    ${literal(text)},\n`;
});
const module = `// Generated from configs/schemas/ by scripts/schemas/embed.mjs; not edited by hand.\n\nexport const schemaTexts = {\n${entries.join('')}} as const;\n`;

if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') !== module) {
    console.error('src/contracts/generated/schemas.ts is stale: run node scripts/schemas/embed.mjs');
    process.exit(1);
  }
  console.log(`${names.length} schemas embedded as they are`);
} else {
  writeFileSync(target, module);
}
