#!/usr/bin/env node
// Before everything else: it holds while the rest is loaded.
import { growYoungGeneration } from '../runtime/young-generation'
import { Command } from 'commander'
import { commands } from './commands'
import { exitCodes } from './exit-codes'
import { explainError } from './explain-error'
import { packageVersion } from './package-version'
import { tellLines } from './tell'

/**
 * The command line: data on stdout, everything else on stderr. A mistake that a person can mend ends with one sentence
 * and the exit code of its class; anything else is a bug and shows its stack.
 */
async function main(argv: readonly string[]): Promise<number> {
  growYoungGeneration()
  const program = new Command('assay')
    .description('Tells honest engagement from bought, steered and copied engagement, in a stream.')
    .version(packageVersion())
    .configureHelp({ sortSubcommands: false })
    .addHelpText('after', exitCodeHelp)
  let exitCode: number = exitCodes.done
  for (const make of commands) program.addCommand(make((code) => (exitCode = code)))
  throwMistakes(program)
  try {
    await program.parseAsync(argv)
    return exitCode
  } catch (error) {
    const explanation = explainError(error)
    if (explanation.text !== '') tellLines(explanation.text)
    return explanation.exitCode
  }
}

/** Lets a mistake in the arguments of any command come out as an error instead of ending the process. */
function throwMistakes(command: Command): void {
  command.exitOverride().showHelpAfterError('(add --help for what there is)')
  command.commands.forEach(throwMistakes)
}

const exitCodeHelp = `
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done but a gate failed, 69 something needed is not reachable,
78 bad configuration, 130 interrupted.`

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A reader that has seen enough (`| head`) closes the pipe: that is no error.
  if (error.code === 'EPIPE') return
  const { text, exitCode } = explainError(Object.assign(error, { path: 'the standard output' }))
  tellLines(text)
  process.exit(exitCode)
})
// Where nobody can be told anything, the exit code says it.
process.stderr.on('error', () => undefined)

void main(process.argv).then((code) => {
  process.exitCode = code
})
