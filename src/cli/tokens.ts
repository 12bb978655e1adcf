import { closeSync, existsSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs'
import { Command, InvalidArgumentError, Option } from 'commander'
import { entriesIn, newToken, tokenName } from '../http/token-file'
import type { TokenEntry } from '../http/token-file'
import { accessRoles } from '../model/access'
import type { AccessRole } from '../model/access'
import { UsageError } from '../model/errors'
import { loadSettings } from '../settings/load-settings'
import { table } from './progress'

interface FileOptions {
  readonly file?: string
  readonly settings?: string
}

interface CreateOptions extends FileOptions {
  readonly role: AccessRole
  readonly days: number
}

/** The tokens that open the API of a service, in a file that holds no token. */
export function tokensCommand(): Command {
  const command = new Command('tokens').description('who may ask the API what: make a token, list, revoke')
  withFile(command.command('create'))
    .argument('<name>', 'whose it is; feedback that comes with it is this name’s', named)
    .addOption(new Option('--role <role>', 'what it opens').choices(accessRoles).makeOptionMandatory())
    .option('--days <number>', 'how long it holds', days, 90)
    .description('print a new token, once, and note it in the file')
    .action(create)
  withFile(command.command('list'))
    .option('--json', 'print one JSON object a line')
    .description('whose tokens there are, what they open and until when')
    .action(list)
  withFile(command.command('revoke'))
    .argument('<name-or-id>', 'all tokens of a name, or one by its id')
    .description('take tokens out of the file; a running service refuses them at once')
    .action(revoke)
  return command.addHelpText(
    'after',
    `
A viewer reads verdicts and numbers; an analyst also persons, texts and explanations, and rules on verdicts; an operator
also the policy, and rules in the name of others. The file holds salted hashes. It is the service's http.tokenFile, and
every instance needs it; an instance reads it anew when it has changed.

Examples:
  assay tokens create ada --role analyst --file tokens.json
  assay tokens create enforcement --role viewer --days 365 --settings assay.json > enforcement.token
  assay tokens list --file tokens.json
  assay tokens revoke ada --file tokens.json`,
  )
}

function withFile(command: Command): Command {
  return command
    .option('--file <file>', 'the file of tokens (default: http.tokenFile of the settings)')
    .option('--settings <file>', 'the settings of the service as JSON (default: ASSAY_SETTINGS)')
}

function create(name: string, { role, days: held, ...options }: CreateOptions): void {
  const file = fileOf(options)
  const expiresAt = new Date(Date.now() + held * dayMs).toISOString()
  const { entry, token } = newToken({ name, role, expiresAt })
  write(file, [...(existsSync(file) ? entriesIn(file) : []), entry])
  process.stdout.write(`${token}\n`)
  process.stderr.write(
    `assay: a token of the role ${role} for ${name}, until ${expiresAt}; it is shown this once, ${file} holds its hash alone\n`,
  )
}

function list({ json, ...options }: FileOptions & { readonly json?: boolean }): void {
  const rows = entriesIn(fileOf(options)).map(({ id, name, role, expiresAt }) => {
    return { id, name, role, expiresAt, hasEnded: Date.parse(expiresAt) <= Date.now() }
  })
  if (json === true) {
    for (const row of rows) process.stdout.write(`${JSON.stringify(row)}\n`)
    return
  }
  const cells = rows.map(({ id, name, role, expiresAt, hasEnded }) => [
    ...[id, name, role, expiresAt, hasEnded ? 'has ended' : 'holds'],
  ])
  process.stdout.write(table([['id', 'name', 'role', 'until', 'state'], ...cells]))
}

function revoke(nameOrId: string, options: FileOptions): void {
  const file = fileOf(options)
  const entries = entriesIn(file)
  const left = entries.filter(({ id, name }) => id !== nameOrId && name !== nameOrId)
  if (left.length === entries.length) {
    throw new UsageError(`${file} holds no token of this name or id; "assay tokens list" names them`)
  }
  write(file, left)
  process.stderr.write(`assay: revoked ${entries.length - left.length}, ${left.length} are left\n`)
}

function fileOf({ file, settings }: FileOptions): string {
  const found = file ?? loadSettings(settings, process.env, []).http.tokenFile
  if (found !== undefined) return found
  throw new UsageError('--file should name the file of tokens, or the settings http.tokenFile; neither does')
}

/** Whole or not at all: a service may read it at any moment. */
function write(file: string, tokens: readonly TokenEntry[]): void {
  const part = `${file}.part`
  const handle = openSync(part, 'w', 0o600)
  try {
    writeSync(handle, `${JSON.stringify({ tokens }, undefined, 2)}\n`)
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
  renameSync(part, file)
}

function named(text: string): string {
  const parsed = tokenName.safeParse(text)
  if (parsed.success) return parsed.data
  throw new InvalidArgumentError(parsed.error.issues[0]!.message)
}

function days(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('a whole number of days from 1 to 9999 was expected')
}

const dayMs = 86_400_000
