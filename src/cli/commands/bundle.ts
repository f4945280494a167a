import type { Command } from 'commander';
import { canonicalText } from '../../kernel/canonical.js';
import { packBundle } from '../../proofs/bundle.js';
import { signCertificate } from '../../proofs/envelope.js';
import { parseSigningKey } from '../../proofs/signing-key.js';
import type { Level } from '../../verifier/index.js';
import { readCertificate } from '../certificate-file.js';
import { type ClientOptions, clientOf, clientOptions, failureOfServer } from '../client-options.js';
import { CommandFailure } from '../failure.js';
import { readText, writeText } from '../files.js';
import type { CommandIo } from '../io.js';
import { loadState, type StateFiles } from '../load-state.js';
import { stateOptions } from '../state-options.js';

interface BundleOptions extends Omit<StateFiles, 'services'>, ClientOptions {
  readonly services?: string;
  readonly sign?: string;
  readonly level: string;
  readonly out: string;
  readonly json?: boolean;
}

export function addBundle(program: Command, io: CommandIo): void {
  clientOptions(stateOptions(program.command('bundle <certificate>'), true))
    .description(
      'Sign a certificate and pack it with what a level of verification needs; or fetch the bundle of a recorded decision, named by its id.',
    )
    .option('--sign <file>', 'the signing key, for a certificate in a file (see: caio key generate)')
    .option(
      '--level <1-5>',
      'how much the bundle lets a verifier establish; 4 and 5 for recorded decisions',
      '3',
    )
    .requiredOption('--out <file>', 'where the bundle goes')
    .addHelpText(
      'after',
      '\nExample:\n  caio bundle decision.json --services configs/services --policies configs/policies \\\n    --sign signing.key --out decision.bundle.json\n  caio verify decision.bundle.json --key "$(caio key public signing.key)"\n  caio bundle <decision id> --url http://127.0.0.1:8080 --key-file admin.key --level 4 --out decision.bundle.json',
    )
    .action((certificate: string, options: BundleOptions) => runBundle(certificate, options, io));
}

async function runBundle(named: string, options: BundleOptions, io: CommandIo): Promise<void> {
  if (!/^[1-5]$/.test(options.level)) {
    throw new CommandFailure('usage', `--level ${options.level} is not 1, 2, 3, 4 or 5.`);
  }
  const level = Number(options.level) as Level;
  const isId = /^[0-9a-f]{64}$/.test(named);
  const { id, text } = isId ? await fetched(named, level, options, io) : await packed(named, level, options);
  await writeText(options.out, text);
  const report = { file: options.out, level, bytes: Buffer.byteLength(text), id };
  io.out(
    options.json === true
      ? `${JSON.stringify(report)}\n`
      : `${report.file}: level ${level}, ${report.bytes} bytes\n`,
  );
}

interface PackedBundle {
  readonly id: string;
  readonly text: string;
}

async function fetched(
  id: string,
  level: Level,
  options: BundleOptions,
  io: CommandIo,
): Promise<PackedBundle> {
  const client = await clientOf(options, io);
  const text = await client.bundle(id, level).catch((error: unknown) => {
    throw failureOfServer(error);
  });
  return { id, text };
}

async function packed(file: string, level: Level, options: BundleOptions): Promise<PackedBundle> {
  const { sign, services } = options;
  if (level > 3) {
    const hint = 'Name the decision by its id, and the server with --url.';
    throw new CommandFailure('usage', `Level ${level} needs the log that recorded the decision.`, [], hint);
  }
  if (sign === undefined || services === undefined) {
    const hint = 'A decision that a server has recorded is named by its id.';
    throw new CommandFailure(
      'usage',
      'A certificate in a file needs --sign FILE and --services FOLDER.',
      [],
      hint,
    );
  }
  const certificate = await readCertificate(file);
  const key = parseSigningKey(await readText(sign, 'Signing key'));
  if (!key.ok) throw new CommandFailure('invalid_key', `${sign} is not a signing key.`, [key.error]);
  const bundle = packBundle(
    signCertificate(certificate, key.value),
    certificate,
    await loadState({ ...options, services }),
    level as 1 | 2 | 3,
  );
  if (bundle.ok) return { id: certificate.id, text: `${canonicalText(bundle.value)}\n` };
  const hint = 'Give the same services, policies, parameters, history and availability as to caio decide.';
  throw new CommandFailure(
    'invalid_state',
    'The state is not the one of the certificate.',
    bundle.error,
    hint,
  );
}
