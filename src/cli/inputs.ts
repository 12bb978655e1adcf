import { Option } from 'commander'
import type { Command } from 'commander'
import { createHash } from 'node:crypto'
import { accessSync, constants, readFileSync, statSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { readSource } from '../log/source'
import { folderInPlace, unreadable } from '../log/source-errors'
import { SettingsError, UnreachableError, UsageError } from '../model/errors'
import { kinds } from '../model/event'
import type { Kind } from '../model/event'
import type { Policy } from '../policy/policy'
import type { Names } from '../ingest/names'
import { Vault } from '../privacy/vault'
import { VaultWriter } from '../privacy/vault-writer'
import type { RawSource } from '../runtime/intake'
import { policyFrom } from './policy'

/** What every command that reads events takes. */
export interface InputOptions {
  readonly policy?: string
  readonly keyFile?: string
  readonly kind?: Kind
}

/** What commands take that can seal ids. */
export interface VaultOptions {
  readonly vault?: string
  readonly keyFile?: string
}

export function addInputOptions(command: Command): Command {
  return command
    .option('--policy <file>', 'the policy as JSON; without it, the default policy (see "assay policy show")')
    .option(
      '--key-file <file>',
      'a secret of at least 16 bytes under which ids are hashed; without it, a fixed one',
    )
    .addOption(
      new Option('--kind <kind>', 'what records are that do not say so and whose file name does not').choices(
        eventKinds,
      ),
    )
}

/** For commands whose state or output may hold ids of persons. */
export function addVaultOption(command: Command): Command {
  return command.option(
    '--vault <folder>',
    'seal ids of persons in this vault and put out pseudonyms; needs --key-file (see "assay vault --help")',
  )
}

/** Where ids of persons are sealed; undefined where no vault is named. */
export async function openNames({ vault, keyFile }: VaultOptions): Promise<VaultWriter | undefined> {
  return vault === undefined ? undefined : VaultWriter.open(await vaultNamed(vault, keyFile))
}

/**
 * What puts pseudonyms in the place of ids where those of a vault were put out before, and seals none of them anew;
 * undefined where no vault is named.
 */
export async function sealedNames({ vault, keyFile }: VaultOptions): Promise<Names | undefined> {
  if (vault === undefined) return undefined
  await vaultNamed(vault, keyFile)
  return { take: () => undefined, flush: () => Promise.resolve() }
}

async function vaultNamed(folder: string, keyFile: string | undefined): Promise<Vault> {
  if (keyFile === undefined) {
    throw new UsageError(
      '--vault needs --key-file: without a secret of your own anybody can tell from a name what its pseudonym is',
    )
  }
  return Vault.open(folder)
}

/** The settings that the options stand for, read and checked before anything starts. */
export function readInputOptions({ policy, keyFile }: InputOptions): { policy: Policy; key: Uint8Array } {
  return { policy: policyFrom(policy), key: keyFrom(keyFile) }
}

/**
 * The files as raw partitions. One named after a topic, such as `engagement.click-3.ndjson`, says its kind, and holds feedback
 * where that is its kind alone, like the topic; any other holds what its records say, whatever is meant by those that do not.
 */
export function sourcesFrom(files: readonly string[], kind: Kind | undefined): RawSource[] {
  const twice = files.find((file, index) => files.findIndex((other) => isSame(file, other)) !== index)
  if (twice !== undefined) {
    throw new UsageError(`${twice} is named twice; each file is read once, so name it once`)
  }
  return files.map((file) => ({
    name: file,
    ...(kindInName(file) === undefined
      ? { kind, feedback: 'among-others' as const }
      : { kind: kindInName(file) }),
    read: (fromPosition) => readSource(file, { fromPosition }),
  }))
}

/** A file of policies, as `assay policy activate` writes it, as a source of its own. */
export function policySource(file: string): RawSource {
  return { name: file, kind: 'policy', read: (fromPosition) => readSource(file, { fromPosition }) }
}

/** Throws before anything is written when an input cannot be read, or an output would be written over something else. */
export function checkFiles(files: readonly string[], outputs: readonly (string | undefined)[]): void {
  for (const file of files) {
    if (file === '-') continue
    try {
      if (statSync(file).isDirectory()) throw folderInPlace(file)
      accessSync(file, constants.R_OK)
    } catch (error) {
      throw unreadable(file, error)
    }
  }
  const written = outputs.filter((output) => output !== undefined)
  const overwritten = written.find((output) => output !== '-' && files.some((file) => isSame(file, output)))
  if (overwritten !== undefined) {
    throw new UsageError(
      `${overwritten} is an input and would be written over; name another file for the output`,
    )
  }
  const shared = written.find(
    (output, index) => written.findIndex((other) => isSame(output, other)) !== index,
  )
  if (shared !== undefined && !isDevice(shared)) {
    const name = shared === '-' ? 'the standard output' : shared
    throw new UsageError(`two outputs would go to ${name}; name a file of its own for each`)
  }
}

/** Whether two names are of one file, be it by a link. */
function isSame(file: string, other: string): boolean {
  if (resolve(file) === resolve(other)) return true
  const [one, another] = [regularFile(file), regularFile(other)]
  return one !== undefined && one.dev === another?.dev && one.ino === another.ino
}

/** What a name leads to, where that is a file: of a terminal many names are one. */
function regularFile(name: string): { readonly dev: bigint; readonly ino: bigint } | undefined {
  try {
    const found = name === '-' ? undefined : statSync(name, { bigint: true })
    return found?.isFile() === true ? found : undefined
  } catch {
    // What is wrong with it is said where it is opened.
    return undefined
  }
}

function isDevice(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isCharacterDevice() ?? false
}

/** The kind that a file or a topic is named after, such as `engagement.click`; undefined where it is named otherwise. */
export function kindInName(file: string): Kind | undefined {
  const topic = /^(?:engagement|account|enforcement)\.([a-z]+)/.exec(basename(file))?.[1]
  if (topic === 'activity') return 'account'
  return eventKinds.find((kind) => kind === topic)
}

/** Policies come from where policies are, whatever a file of events is called. */
const eventKinds = kinds.filter((kind) => kind !== 'policy')

/** Hashes a secret of any length to a key; without a file, the key of replays that anybody can repeat. */
function keyFrom(file: string | undefined): Uint8Array {
  if (file === undefined) return createHash('sha256').update('assay: no key file was given').digest()
  let secret: Buffer
  try {
    secret = readFileSync(file)
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException
    throw new UnreachableError(
      code === 'EISDIR'
        ? `the key file ${file} should be a file, but is a folder; name a file of 16 random bytes or more`
        : `the key file ${file} cannot be read (${code}); write 32 random bytes to it, as with "openssl rand -out ${file} 32"`,
    )
  }
  if (secret.length < 16) {
    throw new SettingsError(`the key file ${file} should hold 16 bytes or more, it holds ${secret.length}`)
  }
  return createHash('sha256').update(secret).digest()
}
