import type { Command } from 'commander'
import { benchCommand } from './bench'
import { deadLettersCommand } from './dead-letters'
import { demoCommand } from './demo'
import { doctorCommand } from './doctor'
import { evaluateCommand } from './evaluate'
import { explainCommand } from './explain'
import { policyCommand } from './policy'
import { replayCommand } from './replay'
import { runCommand } from './run'
import { schemasCommand } from './schemas'
import { simulateCommand } from './simulate'
import { whyNotCommand } from './why-not'

/** Every command, in the order of the help; `end` sets the exit code where it is not 0. */
export const commands: readonly ((end: (exitCode: number) => void) => Command)[] = [
  demoCommand,
  runCommand,
  replayCommand,
  simulateCommand,
  evaluateCommand,
  explainCommand,
  whyNotCommand,
  policyCommand,
  schemasCommand,
  deadLettersCommand,
  doctorCommand,
  benchCommand,
]
