import { Command, InvalidArgumentError } from 'commander'
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { unreadable } from '../log/source-errors'
import { UsageError } from '../model/errors'
import { eraseNames, expireNames, rewriteVault } from '../privacy/rewrite'
import { unsealLines } from '../privacy/unseal'
import { makeKeyPair, readPrivateKey, Vault, weekMs } from '../privacy/vault'
import { FolderLock } from '../store/folder-lock'
import { number, table } from './progress'
import { tell } from './tell'

interface KeyOptions {
  readonly privateKey: string
}

export function vaultCommand(): Command {
  const command = new Command('vault').description(
    'the sealed map from pseudonyms to ids: make it, open names, erase them, rotate its key',
  )
  command
    .command('create')
    .argument('<folder>', 'where the vault will be')
    .requiredOption('--private-key <file>', 'where the key goes that opens it; keep it away from the service')
    .description('make a vault and the pair of keys that seals and opens it')
    .action(create)
  command
    .command('list')
    .argument('<folder>', 'a vault')
    .option('--json', 'print one JSON object a file')
    .description('the files of names: which week, how large, which key opens them')
    .action(list)
  withKey(command.command('unseal'))
    .argument('[files...]', 'lines of JSON, such as verdicts; "-" or none reads stdin')
    .description('print the lines with names in the place of pseudonyms')
    .action(unseal)
  withKey(command.command('erase'))
    .argument('[ids...]', 'ids of the platform; without any they are read from stdin, one a line')
    .description('erase the names of persons, and every data key that ever opened them')
    .action(erase)
  command
    .command('expire')
    .argument('<folder>', 'a vault')
    .requiredOption('--days <number>', 'how long after a week of events its names are kept', wholeDays)
    .description('destroy the data keys of the weeks that are older')
    .action(expire)
  withKey(command.command('rotate'))
    .requiredOption('--new-private-key <file>', 'where the new key goes')
    .description('seal everything anew for a new pair of keys; the old one opens nothing any more')
    .action(rotate)
  return command.addHelpText(
    'after',
    `
"assay run --embedded --vault FOLDER --key-file FILE", and the service by its settings vaultFolder and keyFile, seal every id of
a person when its event comes in; logs, checkpoints, verdicts and Redis then hold pseudonyms. Names that are erased come back from nowhere; verdicts keep their pseudonyms and bytes.

Examples:
  assay vault create /var/lib/assay/vault --private-key /secure/vault-key.pem
  assay vault unseal /var/lib/assay/vault --private-key /secure/vault-key.pem verdicts.ndjson
  assay vault erase /var/lib/assay/vault --private-key /secure/vault-key.pem < ids-to-erase.txt
  assay vault expire /var/lib/assay/vault --days 180
  assay vault rotate /var/lib/assay/vault --private-key /secure/old.pem --new-private-key /secure/new.pem`,
  )
}

function withKey(command: Command): Command {
  return command
    .argument('<folder>', 'a vault')
    .requiredOption('--private-key <file>', 'the key that "assay vault create" wrote')
}

async function create(folder: string, { privateKey }: KeyOptions): Promise<void> {
  await Vault.create(folder, privateKey)
  tell(`made the vault ${folder}; only ${privateKey} opens it, and without that file nobody does`)
}

async function list(folder: string, { json }: { readonly json?: boolean }): Promise<void> {
  const vault = await Vault.open(folder)
  const rows = (await vault.files()).map(({ name, weekMs: week, bytes, key }) => ({
    file: name,
    week: new Date(week).toISOString().slice(0, 10),
    bytes,
    opensWith: key?.recipient ?? null,
  }))
  if (json === true) {
    for (const row of rows) process.stdout.write(`${JSON.stringify(row)}\n`)
    return
  }
  const cells = rows.map(({ file, week, bytes, opensWith }) => [
    file,
    week,
    number(bytes),
    opensWith ?? 'nothing any more',
  ])
  process.stdout.write(table([['file', 'week of', 'bytes', 'opens with'], ...cells]))
}

async function unseal(folder: string, files: readonly string[], options: KeyOptions): Promise<void> {
  const vault = await Vault.open(folder)
  const privateKeys = [await readPrivateKey(options.privateKey)]
  let batch: string[] = []
  let opened = 0
  const put = async (): Promise<void> => {
    const outcome = await unsealLines(batch, { vault, privateKeys })
    opened += outcome.opened
    process.stdout.write(outcome.lines.map((line) => `${line}\n`).join(''))
    batch = []
  }
  for (const file of files.length === 0 ? ['-'] : files) {
    for await (const line of linesFrom(file)) {
      batch.push(line)
      if (batch.length >= linesPerPass) await put()
    }
  }
  await put()
  tell(`${number(opened)} names were put in`)
}

async function erase(folder: string, named: readonly string[], options: KeyOptions): Promise<void> {
  const ids = new Set(named)
  if (named.length === 0) for await (const line of linesFrom('-')) if (line !== '') ids.add(line)
  if (ids.size === 0) throw new UsageError('no id was given; name them, or write them to stdin, one a line')
  const vault = await Vault.open(folder)
  const privateKeys = [await readPrivateKey(options.privateKey)]
  await locked(folder, async () => {
    const { found, leftOut, kept, files } = await eraseNames(vault, { ids, untilMs: Date.now(), privateKeys })
    tell(
      `${number(found)} of ${number(ids.size)} ids had a name in the vault, in ${number(leftOut)} places; ` +
        (found === 0
          ? 'nothing was changed'
          : `they are erased, ${number(kept)} others were sealed anew, the keys of ${number(files)} files destroyed`),
    )
  })
}

async function expire(folder: string, { days }: { readonly days: number }): Promise<void> {
  const vault = await Vault.open(folder)
  await locked(folder, async () => {
    const files = await expireNames(vault, { beforeMs: Date.now() - days * dayMs })
    tell(
      `the keys of ${number(files)} files were destroyed; weeks that ended in the last ${number(days)} days are kept`,
    )
  })
}

async function rotate(
  folder: string,
  { privateKey, newPrivateKey }: KeyOptions & { readonly newPrivateKey: string },
): Promise<void> {
  const vault = await Vault.open(folder)
  const oldKey = await readPrivateKey(privateKey)
  await locked(folder, async () => {
    await vault.setRecipient(await makeKeyPair(newPrivateKey))
    // A file that was begun in between may be sealed for either.
    const privateKeys = [oldKey, await readPrivateKey(newPrivateKey)]
    const { kept, files } = await rewriteVault(vault, { privateKeys })
    tell(
      `${number(kept)} names of ${number(files)} files were sealed anew; ${newPrivateKey} opens them, ${privateKey} no more`,
    )
  })
}

/** Two that rewrite a vault at once would destroy each other's keys; those that seal into it go on. */
async function locked(folder: string, work: () => Promise<void>): Promise<void> {
  const lock = await FolderLock.acquire(folder)
  try {
    await work()
  } finally {
    await lock.release()
  }
}

async function* linesFrom(file: string): AsyncGenerator<string> {
  const input = file === '-' ? process.stdin : createReadStream(file)
  try {
    yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })
  } catch (error) {
    throw unreadable(file, error)
  }
}

function wholeDays(text: string): number {
  const days = Number(text)
  if (!Number.isSafeInteger(days) || days < 0)
    throw new InvalidArgumentError('It should be a whole number of days.')
  return days
}

const dayMs = weekMs / 7
/** One pass over the vault serves so many lines. */
const linesPerPass = 10_000
