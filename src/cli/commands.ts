import type { Command } from 'commander'
import { auditCommand } from './audit'
import { backtestCommand } from './backtest'
import { benchCommand } from './bench'
import { consoleCommand } from './console'
import { completionCommand } from './completion'
import { deadLettersCommand } from './dead-letters'
import { demoCommand } from './demo'
import { doctorCommand } from './doctor'
import { evaluateCommand } from './evaluate'
import { explainCommand } from './explain'
import { policyCommand } from './policy'
import { replayCommand } from './replay'
import { runCommand } from './run'
import { schemasCommand } from './schemas'
import { sizeCommand } from './size'
import { simulateCommand } from './simulate'
import { tokensCommand } from './tokens'
import { vaultCommand } from './vault'
import { whyNotCommand } from './why-not'

/** Every command, in the order of the help; `end` sets the exit code where it is not 0. */
export const commands: readonly ((end: (exitCode: number) => void) => Command)[] = [
  demoCommand,
  runCommand,
  replayCommand,
  simulateCommand,
  evaluateCommand,
  backtestCommand,
  auditCommand,
  consoleCommand,
  explainCommand,
  whyNotCommand,
  policyCommand,
  schemasCommand,
  deadLettersCommand,
  vaultCommand,
  tokensCommand,
  doctorCommand,
  benchCommand,
  sizeCommand,
  completionCommand,
]
