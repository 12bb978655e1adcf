#!/usr/bin/env node
import { Command, CommanderError } from 'commander'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { commands } from './commands'
import { exitCodes } from './exit-codes'

/**
 * The command line: data on stdout, everything else on stderr. A mistake that a person can mend ends with one sentence
 * and the exit code of its class; anything else is a bug and shows its stack.
 */
async function main(argv: readonly string[]): Promise<number> {
  const program = new Command('assay')
    .description('Tells honest engagement from bought, steered and copied engagement, in a stream.')
    .version(packageVersion())
    .showHelpAfterError('(add --help for what there is)')
    .exitOverride()
    .configureHelp({ sortSubcommands: false })
  let exitCode: number = exitCodes.done
  for (const make of commands) {
    const command = make((code) => (exitCode = code))
    program.addCommand(command.exitOverride().showHelpAfterError(`(add --help for what there is)`))
  }
  program.addHelpText('after', exitCodeHelp)
  try {
    await program.parseAsync(argv)
    return exitCode
  } catch (error) {
    return explain(error)
  }
}

/** Says what went wrong and gives the exit code for it. */
function explain(error: unknown): number {
  // commander has printed its message already; help and version are no errors.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage
  if (error instanceof Error && 'exitCode' in error && typeof error.exitCode === 'number') {
    process.stderr.write(`assay: ${error.message}\n`)
    return error.exitCode
  }
  process.stderr.write(`assay: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  return exitCodes.failed
}

function packageVersion(): string {
  const text = readFileSync(join(__dirname, '../../package.json'), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

const exitCodeHelp = `
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done but a gate failed, 69 something needed is not reachable,
78 bad configuration, 130 interrupted.`

// A reader that has seen enough (\`| head\`) closes the pipe: that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCodes.done)
  throw error
})

void main(process.argv).then((code) => {
  process.exitCode = code
})
