import { ok } from '../../kernel/result.js';
import { type Tile, tileWidth } from './tile.js';
import { type TlogResult, tlogError } from './tlog-error.js';

/** A bundle of the entries [256·index, 256·index + width). */
export interface BundleName {
  readonly index: number;
  readonly width: number;
}

export type TileName = ({ readonly kind: 'tile' } & Tile) | ({ readonly kind: 'entries' } & BundleName);

/** `tile/<level>/<index>[.p/<width>]` (C2SP tlog-tiles). */
export function tilePath(tile: Tile): string {
  return `tile/${tile.level}/${numberPath(tile.index)}${widthPath(tile.width)}`;
}

/** `tile/entries/<index>[.p/<width>]`. */
export function bundlePath(bundle: BundleName): string {
  return `tile/entries/${numberPath(bundle.index)}${widthPath(bundle.width)}`;
}

/**
 * The tile or bundle that a path names. Only the one way to write it is read: digits in threes, all but the last three after an
 * `x`, no group of zeros in front, a level of 0 … 63, a width of 1 … 255. Error `tile_path_malformed`.
 */
export function parseTilePath(path: string): TlogResult<TileName> {
  const [, folder, number, width] = pathShape.exec(path) ?? [];
  const index = number === undefined ? undefined : Number(number.replace(/[x/]/g, ''));
  if (folder === undefined || index === undefined || !Number.isSafeInteger(index)) {
    return tlogError('tile_path_malformed', 'not the path of a tile');
  }
  const name = { index, width: width === undefined ? tileWidth : Number(width) };
  if (folder === 'entries') return ok({ kind: 'entries', ...name });
  return ok({ kind: 'tile', level: Number(folder), ...name });
}

const level = '0|[1-9]|[1-5][0-9]|6[0-3]';
const index = '[0-9]{3}|x(?!000)[0-9]{3}/(?:x[0-9]{3}/)*[0-9]{3}';
const width = '[1-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5]';
const pathShape = new RegExp(`^tile/(${level}|entries)/(${index})(?:\\.p/(${width}))?$`);

/** 1234067 → `x001/x234/067`. */
function numberPath(index: number): string {
  const digits = String(index);
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0');
  return padded.replace(/\d{3}(?=\d)/g, 'x$&/');
}

function widthPath(width: number): string {
  return width === tileWidth ? '' : `.p/${width}`;
}
