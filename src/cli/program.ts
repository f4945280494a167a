import { Command, CommanderError } from 'commander';
import { version } from '../kernel/version.js';
import { addApiKey } from './commands/api-key.js';
import { addAudit } from './commands/audit.js';
import { addBundle } from './commands/bundle.js';
import { addChange } from './commands/change.js';
import { addContract } from './commands/contract.js';
import { addDecide } from './commands/decide.js';
import { addDoctor } from './commands/doctor.js';
import { addErase, addHold } from './commands/erase.js';
import { addExplain } from './commands/explain.js';
import { addHistory } from './commands/history.js';
import { addInit } from './commands/init.js';
import { addKey } from './commands/key.js';
import { addLog } from './commands/log.js';
import { addParameters } from './commands/parameters.js';
import { addPolicy } from './commands/policy.js';
import { addReceipts } from './commands/receipts.js';
import { addReplay } from './commands/replay.js';
import { addRoute } from './commands/route.js';
import { addServe } from './commands/serve.js';
import { addTraces } from './commands/traces.js';
import { addVault } from './commands/vault.js';
import { addVerify } from './commands/verify.js';
import { addWitness } from './commands/witness.js';
import { reportFailure } from './failure.js';
import type { CommandIo } from './io.js';

const exitCodes = `
Exit codes: 0 done · 1 a verification is false · 2 wrong usage or invalid input · 3 refused · 4 something outside failed
(a file, the network) · 70 a defect of CAIO.`;

/** Runs one command line (without node and script); gives the exit code. Never throws, never exits. */
export async function runCommand(args: readonly string[], io: CommandIo): Promise<number> {
  let code = 0;
  const exit = (value: number): void => {
    code = value;
  };
  const program = createProgram(io, exit);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    return reportFailure(error, io, args.includes('--json'));
  }
}

/** The whole command line, not yet run. `exit` takes the code of a command that decides one. */
export function createProgram(io: CommandIo, exit: (code: number) => void): Command {
  const program = new Command('caio')
    .description(
      'CAIO decides which AI service may and should serve a request, and proves that the decision was right.',
    )
    .version(version)
    .addHelpText('after', exitCodes)
    .showHelpAfterError('(caio help <command> tells more)')
    .configureOutput({ writeOut: io.out, writeErr: io.err })
    .exitOverride();
  addInit(program, io);
  addServe(program, io);
  addDecide(program, io, exit);
  addExplain(program, io);
  addBundle(program, io);
  addVerify(program, io, exit);
  addAudit(program, io, exit);
  addRoute(program, io, exit);
  addTraces(program, io);
  addHistory(program, io);
  addLog(program, io, exit);
  addReplay(program, io);
  addContract(program, io);
  addPolicy(program, io);
  addParameters(program, io);
  addChange(program, io, exit);
  addKey(program, io);
  addApiKey(program, io);
  addErase(program, io);
  addHold(program, io);
  addVault(program, io);
  addDoctor(program, io, exit);
  addWitness(program, io);
  addReceipts(program, io, exit);
  for (const command of program.commands)
    applyToAll(command, (each) => each.exitOverride().copyInheritedSettings(program));
  return program;
}

function applyToAll(command: Command, change: (command: Command) => void): void {
  change(command);
  for (const child of command.commands) applyToAll(child, change);
}
