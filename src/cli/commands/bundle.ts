import type { Command } from 'commander';
import { canonicalText } from '../../kernel/canonical.js';
import { packBundle } from '../../proofs/bundle.js';
import { signCertificate } from '../../proofs/envelope.js';
import { parseSigningKey } from '../../proofs/signing-key.js';
import { readCertificate } from '../certificate-file.js';
import { CommandFailure } from '../failure.js';
import { readText, writeText } from '../files.js';
import type { CommandIo } from '../io.js';
import { loadState, type StateFiles } from '../load-state.js';
import { stateOptions } from '../state-options.js';

interface BundleOptions extends StateFiles {
  readonly sign: string;
  readonly level: string;
  readonly out: string;
  readonly json?: boolean;
}

export function addBundle(program: Command, io: CommandIo): void {
  stateOptions(program.command('bundle <certificate>'))
    .description('Sign a certificate and pack it with what a level of verification needs.')
    .requiredOption('--sign <file>', 'the signing key (see: caio key generate)')
    .option('--level <1|2|3>', 'how much the bundle lets a verifier establish', '3')
    .requiredOption('--out <file>', 'where the bundle goes')
    .addHelpText(
      'after',
      '\nExample:\n  caio bundle decision.json --services configs/services --policies configs/policies \\\n    --sign signing.key --out decision.bundle.json\n  caio verify decision.bundle.json --key "$(caio key public signing.key)"',
    )
    .action((certificate: string, options: BundleOptions) => runBundle(certificate, options, io));
}

async function runBundle(file: string, options: BundleOptions, io: CommandIo): Promise<void> {
  const level = Number(options.level);
  if (level !== 1 && level !== 2 && level !== 3) {
    throw new CommandFailure('usage', `--level ${options.level} is not 1, 2 or 3.`);
  }
  const certificate = await readCertificate(file);
  const key = parseSigningKey(await readText(options.sign, 'Signing key'));
  if (!key.ok) throw new CommandFailure('invalid_key', `${options.sign} is not a signing key.`, [key.error]);
  const bundle = packBundle(
    signCertificate(certificate, key.value),
    certificate,
    await loadState(options),
    level,
  );
  if (!bundle.ok) {
    const hint = 'Give the same services, policies, parameters, history and availability as to caio decide.';
    throw new CommandFailure(
      'invalid_state',
      'The state is not the one of the certificate.',
      bundle.error,
      hint,
    );
  }
  const text = `${canonicalText(bundle.value)}\n`;
  await writeText(options.out, text);
  const report = { file: options.out, level, bytes: Buffer.byteLength(text), id: certificate.id };
  io.out(
    options.json === true
      ? `${JSON.stringify(report)}\n`
      : `${report.file}: level ${level}, ${report.bytes} bytes\n`,
  );
}
