import type { Certificate } from '../contracts/certificate.js';
import { readDocument } from '../contracts/document.js';
import { CommandFailure } from './failure.js';
import { readText } from './files.js';

const readLimits = 'a certificate, a signed envelope or a bundle';

/**
 * The certificate in a file: bare, in a DSSE envelope, or in a bundle. Checks only what is needed to read it; whether it is
 * true is for `caio verify`.
 */
export async function readCertificate(file: string): Promise<Certificate> {
  const outer = await readObject(file, await readText(file, 'Certificate'));
  if (isCertificate(outer)) return outer;
  const envelope = isObject(outer.envelope) ? outer.envelope : outer;
  if (typeof envelope.payload === 'string') {
    const inner = await readObject(file, Buffer.from(envelope.payload, 'base64').toString('utf8'));
    if (isCertificate(inner)) return inner;
  }
  throw new CommandFailure('invalid_certificate', `${file} is not ${readLimits}.`);
}

type Fields = { readonly [field: string]: unknown };

async function readObject(file: string, text: string): Promise<Fields> {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch {
    const document = readDocument(text, 'json');
    const problems = document.ok ? [] : document.error.map((problem) => ({ ...problem, file }));
    throw new CommandFailure('invalid_certificate', `${file} is not JSON.`, problems);
  }
  throw new CommandFailure('invalid_certificate', `${file} is not ${readLimits}.`);
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCertificate(value: Fields): value is Fields & Certificate {
  return (
    value.type === 'caio/certificate/v1' &&
    isObject(value.inputs) &&
    isObject(value.funnel) &&
    isObject(value.outcome)
  );
}
