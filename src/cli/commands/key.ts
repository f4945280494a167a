import { randomBytes } from 'node:crypto';
import { access } from 'node:fs/promises';
import type { Command } from 'commander';
import { formatSigningKey, parseSigningKey, signingKeyOf, verifierKeyOf } from '../../proofs/signing-key.js';
import { CommandFailure } from '../failure.js';
import { readText, writeText } from '../files.js';
import { type CommandIo, tell } from '../io.js';

export function addKey(program: Command, io: CommandIo): void {
  const key = program.command('key').description('Signing keys: make one, print its public part.');
  key
    .command('generate <file>')
    .description('Draw an Ed25519 signing key, write it with mode 0600 and print the verifier key.')
    .requiredOption('--name <name>', 'the name in every signature, usually a host name such as caio.example')
    .option('--json', 'print JSON')
    .action(async (file: string, options: { readonly name: string; readonly json?: boolean }) => {
      await refuseExisting(file);
      const made = signingKeyOf(options.name, randomBytes(32));
      if (!made.ok)
        throw new CommandFailure('usage', `--name ${options.name} is not a key name.`, [made.error]);
      await writeText(file, `${formatSigningKey(made.value)}\n`, 0o600);
      const verifierKey = verifierKeyOf(made.value);
      tell(io, options.json, { file, verifier_key: verifierKey }, `${verifierKey}\n`);
    });
  key
    .command('public <file>')
    .description('Print the verifier key of a signing key; give it to whoever verifies.')
    .option('--json', 'print JSON')
    .action(async (file: string, options: { readonly json?: boolean }) => {
      const parsed = parseSigningKey(await readText(file, 'Signing key'));
      if (!parsed.ok)
        throw new CommandFailure('invalid_key', `${file} is not a signing key.`, [parsed.error]);
      const verifierKey = verifierKeyOf(parsed.value);
      tell(io, options.json, { verifier_key: verifierKey }, `${verifierKey}\n`);
    });
}

export async function refuseExisting(file: string): Promise<void> {
  const exists = await access(file).then(
    () => true,
    () => false,
  );
  if (exists)
    throw new CommandFailure(
      'conflict',
      `${file} exists already.`,
      [],
      'A key is never overwritten; name another file.',
    );
}
