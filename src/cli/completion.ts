import { Argument, Command } from 'commander'
import type { Option } from 'commander'

const shells = ['bash', 'zsh', 'fish'] as const
type Shell = (typeof shells)[number]

/** What completes commands, options and their words in a shell, made of the commands as they are. */
export function completionCommand(): Command {
  return new Command('completion')
    .description('print what completes commands and options in a shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(shells))
    .action((shell: Shell, _options: object, command: Command) => {
      process.stdout.write(scripts[shell](placesIn(command.parent!)))
    })
    .addHelpText(
      'after',
      `
Examples:
  eval "$(assay completion bash)"                               in ~/.bashrc
  assay completion zsh > "\${fpath[1]}/_assay"                   then start zsh anew
  assay completion fish > ~/.config/fish/completions/assay.fish`,
    )
}

/** A command as it may stand on a line, and what can come behind it. */
interface Place {
  /** The words that lead to it, such as `policy show`; none for assay itself. */
  readonly words: readonly string[]
  readonly commands: readonly Command[]
  readonly options: readonly Option[]
  /** Words that an argument may be. */
  readonly choices: readonly string[]
}

function placesIn(command: Command, words: readonly string[] = []): readonly Place[] {
  const { visibleCommands, visibleOptions } = visible(command)
  const choices = command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? [])
  return [
    { words, commands: visibleCommands, options: visibleOptions, choices },
    ...visibleCommands
      .filter((inner) => inner.name() !== 'help')
      .flatMap((inner) => placesIn(inner, [...words, inner.name()])),
  ]
}

function visible(command: Command) {
  const help = command.createHelp()
  return {
    visibleCommands: help.visibleCommands(command),
    visibleOptions: help.visibleOptions(command),
  }
}

const scripts: Readonly<Record<Shell, (places: readonly Place[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
}

function bashScript(places: readonly Place[]): string {
  const cases = places.map(({ words, commands, options, choices }) => {
    const next = [...commands.map((command) => command.name()), ...choices]
    return `    '${words.join(' ')}') next='${next.join(' ')}' options='${options.flatMap(namesOf).join(' ')}' ;;`
  })
  return `# Completes assay in bash; made by: assay completion bash
_assay() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" place='' next='' options='' known index
  for ((index = 1; index < COMP_CWORD; index++)); do
    known="\${place:+$place }\${COMP_WORDS[index]}"
    case " $known " in
${pathCases(places)}
    esac
  done
  case "$place" in
${cases.join('\n')}
  esac
  case "$place $before" in
${valueCases(places, (choices) => `COMPREPLY=($(compgen -W '${choices.join(' ')}' -- "$word")); return`)}
  esac
  if [[ $word == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$word"))
  else
    COMPREPLY=($(compgen -W "$next" -- "$word"))
  fi
}
complete -o default -F _assay assay
`
}

/** Recognises the words that lead to a command. */
function pathCases(places: readonly Place[]): string {
  return places
    .filter(({ words }) => words.length > 0)
    .map(({ words }) => `      ' ${words.join(' ')} ') place='${words.join(' ')}' ;;`)
    .join('\n')
}

function valueCases(places: readonly Place[], then: (choices: readonly string[]) => string): string {
  return places
    .flatMap(({ words, options }) =>
      options.flatMap((option) =>
        option.argChoices === undefined
          ? []
          : namesOf(option).map((name) => `    '${words.join(' ')} ${name}') ${then(option.argChoices!)} ;;`),
      ),
    )
    .join('\n')
}

function zshScript(places: readonly Place[]): string {
  const cases = places.map(({ words, commands, options, choices }) => {
    const next = [
      ...commands.map((command) => described(command.name(), command.summary() || command.description())),
      ...choices.map((choice) => described(choice, '')),
    ]
    const flags = options.flatMap((option) =>
      namesOf(option).map((name) => described(name, option.description)),
    )
    return `    '${words.join(' ')}') next=(${next.join(' ')}) options=(${flags.join(' ')}) ;;`
  })
  return `#compdef assay
# Completes assay in zsh; made by: assay completion zsh
_assay() {
  local place='' known word
  local -a next options
  for word in "\${(@)words[2,CURRENT-1]}"; do
    known="\${place:+$place }$word"
    case " $known " in
${pathCases(places)}
    esac
  done
  case "$place" in
${cases.join('\n')}
  esac
  case "$place $words[CURRENT-1]" in
${valueCases(places, (choices) => `compadd -- ${choices.join(' ')}; return`)}
  esac
  if [[ $words[CURRENT] == -* ]]; then
    _describe option options
  elif (( $#next )); then
    _describe command next
  else
    _files
  fi
}
if [[ $funcstack[1] == _assay ]]; then _assay "$@"; else compdef _assay assay; fi
`

  function described(name: string, text: string): string {
    return quoted(`${name.replaceAll(':', '\\:')}${text === '' ? '' : `:${text}`}`)
  }
}

function fishScript(places: readonly Place[]): string {
  const lines = places.flatMap(({ words, commands, options, choices }) => {
    const when = `-n ${quoted(`__assay_at ${words.join(' ')}`.trim())}`
    return [
      ...commands.map(
        (command) => `complete -c assay -f ${when} -a ${command.name()} -d ${quoted(command.description())}`,
      ),
      ...choices.map((choice) => `complete -c assay -f ${when} -a ${choice}`),
      ...options.map((option) => {
        const short = option.short === undefined ? '' : ` -s ${option.short.slice(1)}`
        const long = option.long === undefined ? '' : ` -l ${option.long.slice(2)}`
        const value =
          option.argChoices !== undefined
            ? ` -x -a ${quoted(option.argChoices.join(' '))}`
            : option.required || option.optional
              ? ' -r'
              : ''
        return `complete -c assay ${when}${short}${long}${value} -d ${quoted(option.description)}`
      }),
    ]
  })
  const known = places.filter(({ words }) => words.length > 0).map(({ words }) => quoted(words.join(' ')))
  return `# Completes assay in fish; made by: assay completion fish
# Whether the words so far lead to a command, and to none inside it.
function __assay_at
  set -l place
  for word in (commandline -opc)[2..-1]
    set -l longer $place $word
    if contains -- "$longer" ${known.join(' ')}
      set place $longer
    end
  end
  test "$place" = "$argv"
end
${lines.join('\n')}
`
}

function namesOf({ short, long }: Option): string[] {
  return [long, short].filter((name) => name !== undefined)
}

/** A word of a shell, whatever is in it. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
