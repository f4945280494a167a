// The other half of the import rules: clock, randomness, network, disk, locale and logging are also reachable without an
// import, as globals. In the pure folders no such global is used, nor arithmetic that ECMAScript leaves to the implementation.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const folder = process.argv[2] ?? root;

const pureFolders = [
  'kernel',
  'contracts',
  'registry',
  'rules',
  'security',
  'control',
  'optimization',
  'guarantees',
  'proofs',
  'orchestrator',
  'log',
  'verifier',
  'auditor',
  'prover',
];
const drivers = /^log\/drivers\//;

/** Globals that reach out of the program. `crypto` stays open to the verifier, whose edge checks Ed25519 with Web Crypto. */
const doors = new Set(
  `process console performance fetch WebSocket EventSource XMLHttpRequest navigator crypto setTimeout setInterval setImmediate
   queueMicrotask Intl Temporal globalThis global eval Function`.split(/\s+/),
);
const verifierDoors = new Set([...doors, 'Buffer'].filter((name) => name !== 'crypto'));
const exactMath = new Set('abs ceil floor trunc round sign max min sqrt clz32 imul'.split(' '));
const randomSources = /^(random|getRandomValues|generateKey|webcrypto|subtle)/;

/** @param {ts.SourceFile} file @param {Set<string>} closed */
function findingsOf(file, closed) {
  /** @type {{ line: number, what: string }[]} */
  const findings = [];
  const add = (node, what) =>
    findings.push({ line: file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1, what });

  const visit = (node) => {
    if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return;
    if (ts.isIdentifier(node) && closed.has(node.text) && isReference(node))
      add(node, `the global ${node.text}`);
    if (ts.isPropertyAccessExpression(node)) checkAccess(node, add);
    if (ts.isNewExpression(node) && isName(node.expression, 'Date') && (node.arguments?.length ?? 0) === 0) {
      add(node, 'new Date() reads the clock');
    }
    if (ts.isCallExpression(node) && isName(node.expression, 'Date')) add(node, 'Date() reads the clock');
    if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.AsteriskAsteriskToken) {
      if (!isLiteral(node.left) || !isLiteral(node.right)) add(node, '** is exact for literals only');
    }
    if (
      ts.isImportSpecifier(node) &&
      fromCrypto(node) &&
      randomSources.test((node.propertyName ?? node.name).text)
    ) {
      add(node, `${node.name.text} of node:crypto is a source of randomness`);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return findings;
}

function checkAccess(node, add) {
  const member = node.name.text;
  if (isName(node.expression, 'Math') && !exactMath.has(member) && !/^[A-Z]/.test(member)) {
    add(node, `Math.${member} is random, or left to the implementation`);
  }
  if (isName(node.expression, 'Date') && member === 'now') add(node, 'Date.now reads the clock');
  if (/^(localeCompare|toLocale\w*|getTimezoneOffset|getHours|getDate|getDay)$/.test(member)) {
    add(node, `${member} depends on the locale or time zone`);
  }
}

/** Whether the identifier reads a variable, rather than naming a member, a declaration or a label. */
function isReference(node) {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node;
  if (ts.isShorthandPropertyAssignment(parent)) return true;
  return (
    !('name' in parent && parent.name === node) && !('propertyName' in parent && parent.propertyName === node)
  );
}

function isName(node, text) {
  return ts.isIdentifier(node) && node.text === text;
}

function isLiteral(node) {
  return ts.isNumericLiteral(node) || ts.isBigIntLiteral(node);
}

function fromCrypto(node) {
  const from = node.parent.parent.parent.moduleSpecifier;
  return ts.isStringLiteral(from) && /^(node:)?crypto$/.test(from.text);
}

let modules = 0;
let found = 0;
for (const name of pureFolders) {
  const path = join(folder, 'src', name);
  if (!existsSync(path)) continue;
  for (const entry of readdirSync(path, { recursive: true, encoding: 'utf8' })) {
    if (!entry.endsWith('.ts') || drivers.test(`${name}/${entry}`)) continue;
    modules += 1;
    const source = readFileSync(join(path, entry), 'utf8');
    const file = ts.createSourceFile(entry, source, ts.ScriptTarget.ES2022, true);
    for (const { line, what } of findingsOf(file, name === 'verifier' ? verifierDoors : doors)) {
      found += 1;
      console.error(`src/${name}/${entry}:${line}: ${what}`);
    }
  }
}
console.log(`${modules} pure modules, ${found} findings`);
process.exit(found === 0 && modules > 0 ? 0 : 1);
