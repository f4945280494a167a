import { parseTimestamp } from '../../contracts/timestamp.js';
import { err, ok, type Result } from '../../kernel/result.js';
import { parseNatural } from '../../log/tlog/tree-size.js';
import { type Failure, invalid } from '../http/failure.js';

type Query = { readonly [name: string]: string };

export function wrongQuery(name: string, message: string): Failure {
  return invalid('invalid_request', [{ code: 'query_invalid', path: `/${name}`, message }]);
}

/** A parameter that nobody reads is a filter that is not applied: it is refused, so that no answer is taken for another. */
export function unknownParameter(query: Query, known: readonly string[]): Failure | undefined {
  const unknown = Object.keys(query).find((name) => !known.includes(name));
  if (unknown === undefined) return undefined;
  return wrongQuery(unknown.slice(0, 64), `there is no such parameter; there are ${known.join(', ')}`);
}

/** A time, RFC 3339, as microseconds since the epoch. */
export function timeIn(query: Query, name: string): Result<number | undefined, Failure> {
  const text = query[name];
  const micros = text === undefined ? undefined : parseTimestamp(text);
  return text === undefined || (micros !== undefined && micros >= 0)
    ? ok(micros)
    : err(wrongQuery(name, 'expected a time such as 2026-03-01T12:00:00Z'));
}

/** An index or a size. */
export function naturalIn(query: Query, name: string): Result<number | undefined, Failure> {
  const text = query[name];
  const value = text === undefined ? undefined : parseNatural(text);
  return text === undefined || value !== undefined
    ? ok(value)
    : err(wrongQuery(name, 'expected a whole number from 0'));
}

export function choiceIn<Choice extends string>(
  query: Query,
  name: string,
  choices: readonly Choice[],
): Result<Choice | undefined, Failure> {
  const text = query[name];
  const choice = choices.find((each) => each === text);
  return text === undefined || choice !== undefined
    ? ok(choice)
    : err(wrongQuery(name, `expected one of ${choices.join(', ')}`));
}

/** The id of a service. */
export function idIn(query: Query, name: string): Result<string | undefined, Failure> {
  const text = query[name];
  return text === undefined || /^[a-z0-9][a-z0-9._-]{0,47}$/.test(text)
    ? ok(text)
    : err(wrongQuery(name, 'expected an id'));
}
