// Generated from notebooks/math/05_untrusted_documents.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

import type { ServiceReference } from './certificate-document.js';
import { availabilityRowShape, availabilityShape, contractShape, contractsShape, hashShape, historyRowShape, historyShape, idShape, parametersShape, policiesShape } from './document-shapes.js';
import type { AvailabilityRow, Contract, HistoryRow, Parameters, Policy } from './documents.js';
import { Falsehood } from './falsehood.js';
import type { SetInclusion } from './inclusion.js';
import { readJson } from './read-json.js';
import type { Shape } from './shape.js';
import { listOf, natural, object, oneOf, text } from './shape.js';

export interface Envelope {
  readonly payloadType: 'application/vnd.caio.certificate+json';
  readonly payload: string;
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[];
}
export interface Included<Row> {
  readonly row: Row;
  readonly inclusion: SetInclusion;
}
export interface SetAbsence<Row> {
  readonly size: number;
  readonly before?: Included<Row>;
  readonly after?: Included<Row>;
}
export interface MemberEvidence {
  readonly contract: Contract;
  readonly inclusion: SetInclusion;
  readonly history: Included<HistoryRow> | SetAbsence<HistoryRow>;
  readonly availability: SetAbsence<AvailabilityRow>;
}
interface BundleOf<Level extends number> {
  readonly type: 'caio/bundle/v1';
  readonly level: Level;
  readonly envelope: Envelope;
}
interface Common {
  readonly parameters: Parameters;
  readonly policies: readonly Policy[];
}
export interface BundleLevel2 extends BundleOf<2>, Common {
  readonly members: readonly MemberEvidence[];
}
export interface BundleLevel3 extends BundleOf<3>, Common {
  readonly contracts: readonly Contract[];
  readonly history: readonly HistoryRow[];
  readonly availability: readonly AvailabilityRow[];
}
/** Where the log has the decision: what its entry says beside the certificate, and a C2SP tlog-proof. */
export interface DecisionRecord {
  readonly entry: {
    readonly time: number;
    readonly attempt?: { readonly rank: number; readonly service: ServiceReference };
  };
  readonly proof: string;
}
interface Recorded<Level extends 4 | 5> extends BundleOf<Level>, Common {
  readonly contracts: readonly Contract[];
  readonly history: readonly HistoryRow[];
  readonly availability: readonly AvailabilityRow[];
  readonly record: DecisionRecord;
}
export type BundleLevel4 = Recorded<4>;
/** The same, with a checkpoint that witnesses have cosigned. */
export type BundleLevel5 = Recorded<5>;
export type Bundle = BundleOf<1> | BundleLevel2 | BundleLevel3 | BundleLevel4 | BundleLevel5;

const envelope = object({
  payloadType: oneOf('application/vnd.caio.certificate+json'),
  payload: text,
  signatures: listOf(object({ keyid: text, sig: text }), 1, 1),
});
const inclusion = object({ index: natural, size: natural, path: listOf(hashShape, 0, 53) });

function includedShape(row: Shape): Shape {
  return object({ row, inclusion });
}

function absence(row: Shape): Shape {
  return object({ size: natural }, { before: includedShape(row), after: includedShape(row) });
}

const presenceOrAbsence: Shape = (value, path) => {
  const isPresence = typeof value === 'object' && value !== null && 'row' in value;
  (isPresence ? includedShape(historyRowShape) : absence(historyRowShape))(value, path);
};

const member = object({
  contract: contractShape,
  inclusion,
  history: presenceOrAbsence,
  availability: absence(availabilityRowShape),
});

const head = { type: oneOf('caio/bundle/v1'), level: oneOf(1, 2, 3, 4, 5), envelope };
const common = { parameters: parametersShape, policies: policiesShape };
const wholeState = {
  ...head,
  ...common,
  contracts: contractsShape,
  history: historyShape,
  availability: availabilityShape,
};
const reference = object({ service: idShape, version: text, contract: hashShape });
const attempt = object({ rank: natural, service: reference });
const record = object({ entry: object({ time: natural }, { attempt }), proof: text });

/** By level. A map: the level is as untrusted as the rest, and every object has a `constructor`. */
const bundleShapes = new Map<unknown, Shape>([
  [1, object(head)],
  [2, object({ ...head, ...common, members: listOf(member, 0, 3) })],
  [3, object(wholeState)],
  [4, object({ ...wholeState, record })],
  [5, object({ ...wholeState, record })],
]);

/** Untrusted text or bytes to a bundle whose every part has its closed shape. Throws a `malformed` Falsehood. */
export function parseBundle(input: Uint8Array | string): Bundle {
  const value = parseStrict(input, '');
  const level = typeof value === 'object' && value !== null && 'level' in value ? value.level : undefined;
  const shape = bundleShapes.get(level) ?? object(head);
  shape(value, '');
  return value as Bundle;
}

/** Strict UTF-8 and strict JSON. */
export function parseStrict(input: Uint8Array | string, path: string): unknown {
  try {
    return readJson(typeof input === 'string' ? input : decodeUtf8(input));
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    throw new Falsehood('malformed', path, `expected strict JSON, ${found}`);
  }
}

function decodeUtf8(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
}
