import type { Command } from 'commander';
import { formatTimestamp } from '../../contracts/timestamp.js';
import { encodeUtf8 } from '../../kernel/utf8.js';
import { parseVerifierKey, type VerifierKey } from '../../kernel/verifier-key.js';
import { parseChangeNote } from '../../log/change-note.js';
import { type ChangeStatement, formatChange, parseChange, statementOf } from '../../log/change-statement.js';
import { formatNote, type Note } from '../../log/tlog/note.js';
import { verifyNote } from '../../log/tlog/note-verification.js';
import { parseSigningKey, type SigningKey } from '../../proofs/signing-key.js';
import { readSecretFile } from '../../server/identity/key-file.js';
import { type ChangeSubject, readChangeSubject } from '../change-subject.js';
import { CommandFailure } from '../failure.js';
import { readText, writeText } from '../files.js';
import { type CommandIo, paint } from '../io.js';
import { parseTime } from '../time.js';

interface SignOptions extends ChangeSubject {
  readonly key: string;
  readonly origin?: string;
  readonly expires?: string;
  readonly onto?: string;
  readonly out?: string;
  readonly json?: boolean;
}

const signHelp = `
The author signs:
  caio change sign --kind contract.put --file said.yaml --origin caio.example --key alice.key --out said.change
An approver reads the same document, and adds a signature:
  caio change sign --onto said.change --kind contract.put --file said.yaml --key bob.key --out said.change
Then it is put: caio contract put said.yaml --change said.change

Without --kind, --onto signs what the note says, whatever that is: read it first (caio change show).`;

export function addChange(program: Command, io: CommandIo, exit: (code: number) => void): void {
  const change = program
    .command('change')
    .description(
      'Signed changes: what approval asks of those who change contracts, policies, parameters or keys.',
    );
  change
    .command('sign')
    .description('Sign a change as its author, or with --onto add a signature as its approver.')
    .requiredOption('--key <file>', 'your signing key (caio key generate), mode 0600')
    .option('--kind <kind>', 'contract.put, contract.remove, policy.put, …; see the examples')
    .option('--file <file>', 'the document that is put: contract, policy, parameters or key record')
    .option(
      '--id <id>',
      'the contract, policy, key or service that a removal, revocation or availability is about',
    )
    .option('--state <state>', 'of availability.put: available or disabled')
    .option('--origin <name>', 'the name of the log: that of its verifier key, before the first +')
    .option('--expires <when>', 'until when it may be used: 30m, 1h, 2d, or a time; default 1h')
    .option('--onto <note>', 'a note that others have signed')
    .option('--out <file>', 'where the note goes; default: it is printed')
    .option('--json', 'print JSON')
    .addHelpText('after', signHelp)
    .action((options: SignOptions) => runSign(options, io));
  change
    .command('show <note>')
    .description('Print what a note would change, until when, and who claims to have signed it.')
    .option('--key <vkey...>', 'verifier keys: say which of them really signed')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExit codes: 0, or 1 when one of the keys has not signed.')
    .action(async (file: string, options: ShowOptions) => exit(await runShow(file, options, io)));
}

async function runSign(options: SignOptions, io: CommandIo): Promise<void> {
  const key = parseSigningKey(await readSecretFile(options.key));
  if (!key.ok) throw new CommandFailure('invalid_key', `${options.key} is not a signing key.`, [key.error]);
  const note = options.onto === undefined ? await begin(options, io) : await goOn(options.onto, options);
  const text = formatNote(withSignature(note, key.value));
  if (!parseChangeNote(text).ok) {
    throw new CommandFailure('too_large', 'The note would have more signatures than a change may carry.');
  }
  if (options.out !== undefined) await writeText(options.out, text);
  const statement = statementIn(note);
  if (options.json === true) io.out(`${JSON.stringify({ statement, note: text })}\n`);
  else if (options.out === undefined) io.out(text);
  else io.out(`${shown(statement)}signed by ${key.value.id}\n`);
}

/** A note that nobody has signed yet. */
async function begin(options: SignOptions, io: CommandIo): Promise<Note> {
  const { origin } = options;
  if (origin === undefined || !/^[^\s\p{Cc}+]+$/u.test(origin)) {
    const hint = 'It is the name in the verifier key that caio serve prints.';
    throw new CommandFailure('usage', 'A new change needs --origin, the name of the log.', [], hint);
  }
  const change = await readChangeSubject(options);
  const expires = expiryOf(options.expires ?? '1h', io.now());
  return { text: formatChange(statementOf(change, origin, expires)), signatures: [] };
}

/** The note of others. What the options say besides has to be what it says. */
async function goOn(path: string, options: SignOptions): Promise<Note> {
  const note = await readNote(path);
  const { origin, expires } = statementIn(note);
  if (options.expires !== undefined) {
    throw new CommandFailure('usage', '--onto and --expires: the note has its expiry already.');
  }
  if (options.kind === undefined && options.origin === undefined) return note;
  const said =
    options.kind === undefined
      ? note.text
      : formatChange(statementOf(await readChangeSubject(options), origin, expires));
  if (said === note.text && (options.origin ?? origin) === origin) return note;
  const hint = `It says:\n${note.text}`;
  throw new CommandFailure('conflict', `${path} is a note of another change; it was not signed.`, [], hint);
}

function withSignature({ text, signatures }: Note, key: SigningKey): Note {
  const signature = { name: key.name, hash: key.hash, bytes: key.sign(encodeUtf8(text)) };
  const others = signatures.filter(({ name, hash }) => name !== key.name || hash !== key.hash);
  return { text, signatures: [...others, signature] };
}

const unitMicros = { m: 60_000_000, h: 3_600_000_000, d: 86_400_000_000 } as const;

function expiryOf(text: string, now: number): number {
  const [, count, unit] = /^(\d{1,4})([mhd])$/.exec(text) ?? [];
  if (count === undefined || unit === undefined) return parseTime(text, '--expires');
  return now + Number(count) * unitMicros[unit as keyof typeof unitMicros];
}

interface ShowOptions {
  readonly key?: readonly string[];
  readonly json?: boolean;
}

async function runShow(file: string, options: ShowOptions, io: CommandIo): Promise<number> {
  const note = await readNote(file);
  const keys = (options.key ?? []).map(verifierKeyOf);
  const statement = statementIn(note);
  const checked = keys.map((key) => ({ key: `${key.name}+${key.hash}`, signed: verifyNote(note, [key]).ok }));
  const claimed = note.signatures.map(({ name, hash }) => `${name}+${hash}`);
  if (options.json === true) io.out(`${JSON.stringify({ statement, claimed, checked })}\n`);
  else {
    io.out(shown(statement));
    for (const id of claimed) io.out(`${id} claims to have signed it\n`);
    for (const { key, signed } of checked) {
      io.out(
        signed ? `${key} ${paint(io, 'green', 'signed')}\n` : `${key} ${paint(io, 'red', 'did NOT sign')}\n`,
      );
    }
  }
  return checked.every(({ signed }) => signed) ? 0 : 1;
}

function verifierKeyOf(text: string): VerifierKey {
  const key = parseVerifierKey(text);
  if (key.ok) return key.value;
  throw new CommandFailure('invalid_key', `--key ${text} is not a verifier key.`, [key.error]);
}

async function readNote(path: string): Promise<Note> {
  const note = parseChangeNote(await readText(path, 'Change'));
  if (note.ok) return note.value;
  throw new CommandFailure('usage', `${path} is no signed change: ${note.error.message}.`);
}

/** Of a note that was read or made here: it has one. */
function statementIn({ text }: Note): ChangeStatement {
  return parseChange(text) as ChangeStatement;
}

function shown({ origin, kind, id, content, expires }: ChangeStatement): string {
  const about = [kind, ...(id === '-' ? [] : [id]), ...(content === '-' ? [] : [content])].join(' ');
  return `${about}\nin the log of ${origin}, until ${formatTimestamp(expires)}\n`;
}
