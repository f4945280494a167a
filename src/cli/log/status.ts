import { formatTimestamp } from '../../contracts/timestamp.js';
import type { Folded } from '../../log/fold.js';
import { buildSnapshot } from '../../orchestrator/snapshot.js';
import { CommandFailure } from '../failure.js';
import { type CommandIo, tell } from '../io.js';
import type { LogSource } from '../log-source/log-source.js';
import { genesisOf } from './trusted-head.js';
import { walkLog } from './walk-log.js';

/** What the log is and says in all: reads every entry and shows that they hash to the root. */
export async function showStatus(source: LogSource, json: boolean | undefined, io: CommandIo): Promise<void> {
  const { size, root } = await source.head();
  const { origin, verifier_key: key } = await genesisOf(source);
  const kinds: { [kind: string]: number } = {};
  let last = 0;
  const folded = await walkLog(source, io, ({ entry }) => {
    kinds[entry.kind] = (kinds[entry.kind] ?? 0) + 1;
    last = entry.time;
  });
  const status = {
    place: source.place,
    origin,
    verifier_key: key,
    size,
    root,
    last_entry: formatTimestamp(last),
    age_seconds: Math.floor((io.now() - last) / 1e6),
    as_of: folded.state.as_of,
    kinds: Object.fromEntries(Object.entries(kinds).sort(([a], [b]) => (a < b ? -1 : 1))),
    services: folded.state.contracts.length,
    policies: folded.state.policies.length,
    keys: folded.keys.size,
    digests: digestsOf(folded),
  };
  tell(io, json, status, textOf(status));
}

function digestsOf({ state }: Folded) {
  const built = buildSnapshot(state);
  if (!built.ok)
    throw new CommandFailure('invalid_state', 'The state of the log cannot be built.', built.error);
  const { registry, sets, parametersDigest } = built.value;
  return {
    registry: registry.set.root,
    policies: sets.policies.root,
    parameters: parametersDigest,
    history: sets.history.root,
    availability: sets.availability.root,
  };
}

interface Status {
  readonly [name: string]: unknown;
  readonly kinds: { readonly [kind: string]: number };
  readonly digests: { readonly [part: string]: string };
}

function textOf({ kinds, digests, ...status }: Status): string {
  const rows = (title: string, members: object): string =>
    `${title}\n${Object.entries(members)
      .map(([name, value]) => `  ${name.padEnd(16)} ${value}\n`)
      .join('')}`;
  const all = Object.entries(status).map(
    ([name, value]) => `${name.replaceAll('_', ' ').padEnd(18)} ${value}\n`,
  );
  return `${all.join('')}${rows('entries by kind', kinds)}${rows('digests of the state', digests)}`;
}
