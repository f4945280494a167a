import type { VerifierKey } from '../kernel/verifier-key.js';
import { cosignedKey, cosignedNote, cosignedValue } from '../log/cosigned-row.js';
import type { Log } from '../log/log.js';
import type { Snapshot } from '../orchestrator/snapshot.js';
import { askWitness } from '../server/witnesses/ask-witness.js';
import { type CosignedRecord, nameOf, parseCosigned } from '../server/witnesses/cosigned-record.js';
import type { SharedCosigned } from '../server/witnesses/shared-cosigned.js';
import { httpSubmit, type Submit } from '../server/witnesses/witness-client.js';
import { Witnessing } from '../server/witnesses/witnessing.js';
import type { WitnessingOptions } from '../server/witnesses/witnessing-options.js';
import { discontinued } from './checkpoint-file.js';
import type { Configuration } from './configuration.js';
import { readIfThere, writeDurably } from './durable-file.js';
import { CommandFailure } from './failure.js';
import type { CommandIo } from './io.js';

const timeoutMillis = 5000;

export interface OpenWitnessing {
  readonly witnessing: Witnessing;
  readonly stop: () => Promise<void>;
}

/**
 * The witnesses of a configuration, each asked first whether the log goes on from what it cosigned last. Refuses to start (`log_discontinued`) when
 * one says that it does not; one that cannot be reached is named and gone on without. `undefined` where there are none.
 */
export async function openWitnessing(
  configuration: Configuration,
  log: Log<Snapshot>,
  logKey: VerifierKey,
  io: CommandIo,
  observe: NonNullable<WitnessingOptions['observe']>,
): Promise<OpenWitnessing | undefined> {
  const { witnesses, quorum, checkpoint } = configuration;
  if (witnesses.length === 0) return undefined;
  const file = checkpoint === undefined ? undefined : `${checkpoint}.cosigned`;
  const record = file === undefined ? undefined : await readRecord(file, logKey);
  const ending = new AbortController();
  const submit = httpSubmit(timeoutMillis, ending.signal);
  await Promise.all(
    witnesses.map((witness) => refuseUnlessContinued(submit, witness, log, logKey, record, io)),
  );
  const save = async (text: string) => (file === undefined ? undefined : writeDurably(file, text));
  const shared = await sharedBy(configuration);
  const witnessing = new Witnessing({
    ...{ log, logKey, witnesses, quorum, submit, observe },
    store: { save },
    ...(record === undefined ? {} : { record }),
    ...(shared === undefined ? {} : { shared }),
  });
  witnessing.start();
  const stop = async () => {
    const stopped = witnessing.stop();
    ending.abort();
    await stopped;
    await shared?.close();
  };
  return { witnessing, stop };
}

/** Where there may be other instances on the log: in a database. */
async function sharedBy({
  storage,
}: Configuration): Promise<(SharedCosigned & { close(): Promise<void> }) | undefined> {
  if (storage.driver !== 'postgres') return undefined;
  const { postgresGrowingRow } = await import('../log/drivers/postgres-growing-row.js');
  const row = postgresGrowingRow(storage.address, cosignedKey);
  return {
    read: async () => cosignedNote((await row.read()) ?? ''),
    write: (newest) => row.raise(cosignedValue(newest)),
    close: row.close,
  };
}

async function refuseUnlessContinued(
  submit: Submit,
  witness: Configuration['witnesses'][number],
  log: Log<Snapshot>,
  logKey: VerifierKey,
  record: CosignedRecord | undefined,
  io: CommandIo,
): Promise<void> {
  const { name } = witness.key;
  const { published, storage } = log;
  const lastSize = record?.sizes.get(nameOf(witness.key)) ?? 0;
  try {
    const word = await askWitness(submit, witness, storage, published, logKey, lastSize);
    // Another instance on the same store may have gone on meanwhile.
    if (word.kind === 'ahead' && ((await storage.readHead())?.size ?? 0) < word.size) {
      const told = `witness ${name} has cosigned ${word.size} entries of it: it was rolled back.`;
      throw discontinued(`The log has ${published.size} entries, but ${told}`);
    }
    if (word.kind === 'forked') {
      const told = `those that witness ${name} has cosigned: it was changed.`;
      throw discontinued(`The first ${word.size} entries of the log are not ${told}`);
    }
    if (word.kind === 'refused') io.out(`witness ${name} does not cosign: ${word.why}\n`);
  } catch (cause) {
    if (cause instanceof CommandFailure) throw cause;
    io.out(
      `not asked before the start, what it has seen of the log is not known: ${(cause as Error).message}\n`,
    );
  }
}

async function readRecord(file: string, logKey: VerifierKey): Promise<CosignedRecord | undefined> {
  const text = await readIfThere(file);
  if (text === undefined) return undefined;
  const record = parseCosigned(text, logKey);
  if (record !== undefined) return record;
  const hint = 'Move it away: the witnesses are asked what they have cosigned, and it is made anew.';
  const message = `${file} is not what was kept of this log's cosignatures.`;
  throw new CommandFailure('invalid_configuration', message, [], hint);
}
