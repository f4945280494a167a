// The strict type check: each notebook's cells are one module of one program, in which modules extracted from
// notebooks stand where their files would be.

import { dirname, join, relative, sep } from 'node:path';
import ts from 'typescript';
import { cellLine } from './cell-module.mjs';

/**
 * @typedef {import('./cell-module.mjs').CellModule} CellModule
 * @typedef {import('./finding.mjs').Finding} Finding
 */

/** @type {ts.CompilerOptions} */
const OPTIONS = {
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2023.d.ts'],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  types: ['node'],
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  noImplicitOverride: true,
  noFallthroughCasesInSwitch: true,
  verbatimModuleSyntax: true,
  isolatedModules: true,
  moduleDetection: ts.ModuleDetectionKind.Force,
  resolveJsonModule: true,
  allowImportingTsExtensions: true,
  skipLibCheck: true,
  noEmit: true,
};

// A notebook may show a step and leave its name unused; a module may not.
/** @type {ts.CompilerOptions} */
const MODULE_OPTIONS = { ...OPTIONS, noUnusedLocals: true, noUnusedParameters: true };

/** @type {Map<string, ts.SourceFile>} */
const packageFiles = new Map();

/**
 * The file a notebook's joined cells pretend to be: beside the notebook, so that imports resolve from there.
 * @param {string} root
 * @param {CellModule} module
 */
export function cellFile(root, module) {
  return join(root, `${module.path}.mts`);
}

/**
 * @param {string} root
 * @param {readonly CellModule[]} modules
 * @param {ReadonlyMap<string, string>} extracted
 */
export function makeProgram(root, modules, extracted) {
  const cellTexts = modules.map((module) => /** @type {const} */ ([cellFile(root, module), module.text]));
  const overlay = new Map([...extractedFiles(root, extracted), ...cellTexts]);
  return ts.createProgram(
    cellTexts.map(([file]) => file),
    OPTIONS,
    overlayHost(root, overlay),
  );
}

/**
 * @param {string} root
 * @param {ReadonlyMap<string, string>} extracted
 * @returns {Map<string, string>}
 */
function extractedFiles(root, extracted) {
  return new Map([...extracted].map(([path, text]) => [join(root, path), text]));
}

/**
 * @param {string} root
 * @param {ReadonlyMap<string, string>} overlay
 */
function overlayHost(root, overlay) {
  const host = ts.createCompilerHost(OPTIONS, true);
  const folders = new Set([...overlay.keys()].map(dirname));
  const { fileExists, readFile, directoryExists, getSourceFile } = host;
  host.getCurrentDirectory = () => root;
  host.fileExists = (file) => overlay.has(file) || fileExists(file);
  host.readFile = (file) => overlay.get(file) ?? readFile(file);
  host.directoryExists = (folder) => folders.has(folder) || (directoryExists?.(folder) ?? true);
  host.getSourceFile = (file, options, ...rest) => {
    const text = overlay.get(file);
    if (text !== undefined) return ts.createSourceFile(file, text, options, true);
    if (!file.includes('/node_modules/')) return getSourceFile(file, options, ...rest);
    // Packages do not change while this process runs; parsing them is most of the work.
    const parsed = packageFiles.get(file) ?? getSourceFile(file, options, ...rest);
    if (parsed !== undefined) packageFiles.set(file, parsed);
    return parsed;
  };
  return host;
}

/**
 * Type errors of the notebooks, by cell and line.
 * @param {string} root
 * @param {ts.Program} program
 * @param {readonly CellModule[]} modules
 * @returns {Finding[]}
 */
export function checkTypes(root, program, modules) {
  const general = [...program.getOptionsDiagnostics(), ...program.getGlobalDiagnostics()];
  /** @type {Finding[]} */
  const findings = general.map((diagnostic) => ({ path: 'type check', message: messageOf(diagnostic) }));
  for (const module of modules) {
    for (const diagnostic of diagnosticsOf(program, cellFile(root, module))) {
      const line = lineOf(diagnostic);
      findings.push({ path: module.path, at: cellLine(module, line), message: messageOf(diagnostic) });
    }
  }
  return findings;
}

/**
 * Type errors of extracted modules standing alone: here a name that is missing, or never used, shows.
 * @param {string} root
 * @param {ReadonlyMap<string, string>} extracted
 * @returns {Finding[]}
 */
export function checkExtractedTypes(root, extracted) {
  const files = extractedFiles(root, extracted);
  const program = ts.createProgram([...files.keys()], MODULE_OPTIONS, overlayHost(root, files));
  return [...extracted.keys()].flatMap((path) =>
    diagnosticsOf(program, join(root, path)).map((diagnostic) => ({
      path: `${path}:${lineOf(diagnostic) + 1}`,
      message: messageOf(diagnostic),
    })),
  );
}

/**
 * @param {ts.Program} program
 * @param {string} file
 */
function diagnosticsOf(program, file) {
  const sourceFile = program.getSourceFile(file);
  if (sourceFile === undefined) throw new Error(`the compiler dropped ${file}`);
  return [...program.getSyntacticDiagnostics(sourceFile), ...program.getSemanticDiagnostics(sourceFile)];
}

/** @param {ts.Diagnostic} diagnostic */
function lineOf({ file, start = 0 }) {
  return file?.getLineAndCharacterOfPosition(start).line ?? 0;
}

/** @param {ts.Diagnostic} diagnostic */
function messageOf({ code, messageText }) {
  return `TS${code} ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
}

/**
 * The program's own modules, beside the notebooks: what a run must transpile.
 * @param {string} root
 * @param {ts.Program} program
 */
export function sourceModules(root, program) {
  return program.getSourceFiles().filter(({ fileName, isDeclarationFile }) => {
    const path = relative(root, fileName).split(sep).join('/');
    return (
      !isDeclarationFile && /\.m?ts$/.test(path) && !path.startsWith('..') && !path.includes('node_modules/')
    );
  });
}
