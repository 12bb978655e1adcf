import { Option } from 'commander'
import type { Command } from 'commander'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { readSource } from '../log/source'
import { SettingsError, UnreachableError, UsageError } from '../model/errors'
import { kinds } from '../model/event'
import type { Kind } from '../model/event'
import type { Policy } from '../policy/policy'
import type { RawSource } from '../runtime/intake'
import { policyFrom } from './policy'

/** What every command that reads events takes. */
export interface InputOptions {
  readonly policy?: string
  readonly keyFile?: string
  readonly kind?: Kind
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
        kinds,
      ),
    )
}

/** The settings that the options stand for, read and checked before anything starts. */
export function readInputOptions({ policy, keyFile }: InputOptions): { policy: Policy; key: Uint8Array } {
  return { policy: policyFrom(policy), key: keyFrom(keyFile) }
}

/** The files as raw partitions; a file named after a topic, such as `engagement.click-3.ndjson`, says its kind. */
export function sourcesFrom(files: readonly string[], kind: Kind | undefined): RawSource[] {
  const twice = files.find((file, index) => files.indexOf(file) !== index)
  if (twice !== undefined)
    throw new UsageError(`${twice} is named twice; each file is read once, so name it once`)
  return files.map((file) => ({
    name: file,
    kind: kindInName(file) ?? kind,
    read: (fromPosition) => readSource(file, { fromPosition }),
  }))
}

function kindInName(file: string): Kind | undefined {
  const topic = /^(?:engagement|account|enforcement)\.([a-z]+)/.exec(basename(file))?.[1]
  if (topic === 'activity') return 'account'
  return kinds.find((kind) => kind === topic)
}

/** Hashes a secret of any length to a key; without a file, the key of replays that anybody can repeat. */
function keyFrom(file: string | undefined): Uint8Array {
  if (file === undefined) return createHash('sha256').update('assay: no key file was given').digest()
  let secret: Buffer
  try {
    secret = readFileSync(file)
  } catch (error) {
    throw new UnreachableError(
      `the key file ${file} cannot be read: ${(error as Error).message}; write 32 random bytes to it, as with "openssl rand -out ${file} 32"`,
    )
  }
  if (secret.length < 16) {
    throw new SettingsError(`the key file ${file} should hold 16 bytes or more, it holds ${secret.length}`)
  }
  return createHash('sha256').update(secret).digest()
}
