import { Command } from 'commander'
import { commands } from '../../src/cli/commands'
import { exitCodeMeanings, exitCodes } from '../../src/cli/exit-codes'
import { block, code, page, prose, table } from './markdown'

/** Every command with its arguments and options as they are declared, and what its help says behind them. */
export function commandsPage(): string {
  const program = new Command('assay')
  for (const make of commands) program.addCommand(make(() => undefined))
  const codes = Object.entries(exitCodes).map(([name, exitCode]) => [
    code(String(exitCode)),
    exitCodeMeanings[name as keyof typeof exitCodes],
  ])
  return page(
    'Commands',
    'Data goes to the standard output and everything else to the standard error. In a checkout, ' +
      '`npm run -s assay -- COMMAND` installs and builds first where needed.',
    ...program.commands.flatMap((command) => describe(command)),
    '## Exit codes',
    table(['code', 'means'], codes),
  )
}

function describe(command: Command, words = 'assay', depth = 2): string[] {
  const name = `${words} ${command.name()}`
  const help = command.createHelp()
  const args = command.registeredArguments.map((argument) => [
    code(argument.name()),
    prose(argument.description) +
      (argument.argChoices === undefined ? '' : ` (${argument.argChoices.join(', ')})`),
  ])
  const options = help
    .visibleOptions(command)
    .map((option) => [
      code(option.flags),
      `${prose(option.description)}${option.argChoices === undefined ? '' : ` (${option.argChoices.join(', ')})`}`,
      option.defaultValue === undefined
        ? ''
        : code(option.defaultValueDescription ?? JSON.stringify(option.defaultValue)),
    ])
  const examples = textAfter(command)
  return [
    `${'#'.repeat(depth)} ${name}`,
    `${prose(command.description())}.`,
    block(`${words} ${command.name()} ${command.usage()}`),
    ...(args.length === 0 ? [] : [table(['argument', 'meaning'], args)]),
    table(['option', 'meaning', 'default'], options),
    ...(examples === '' ? [] : [block(examples)]),
    ...command.commands.flatMap((inner) => describe(inner, name, depth + 1)),
  ]
}

/** What `addHelpText` adds: commander tells it only while it prints. */
function textAfter(command: Command): string {
  let printed = ''
  command.configureOutput({ writeOut: (text) => (printed += text) })
  command.outputHelp()
  return printed.slice(command.helpInformation().length).trim()
}
