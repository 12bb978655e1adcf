import { createHash } from 'node:crypto'
import { open, readFile, rename, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { flushFolder } from '../log/files'
import { FormatError, SettingsError, UnreachableError, UsageError } from '../model/errors'
import { stateFormat } from '../model/formats'
import type { Policy } from '../policy/policy'

/**
 * What a state folder was begun with, in its `state.json`, so that it is never continued with something else: all of it
 * is judged under one policy and hashed under one key, and the files it writes hold nothing that it did not write.
 */
export class Belongings {
  private constructor(
    private readonly folder: string,
    private kept: Kept,
  ) {}

  /** Throws a `SettingsError` when the folder was begun otherwise: with another policy or key, or by another assay. */
  static async open(
    folder: string,
    { policy, key, isSealed = false }: { policy: Policy; key: Uint8Array; isSealed?: boolean },
  ): Promise<Belongings> {
    const mine: Kept = {
      format: stateFormat,
      policyVersion: policy.version,
      policy: digest(JSON.stringify(policy)),
      key: digest(key),
      ...(isSealed ? { isSealed } : {}),
      files: [],
    }
    const kept = await readKept(folder)
    if (kept === undefined) {
      // Written before anything else, so it was there.
      if (await isFolder(join(folder, 'events'))) {
        throw new SettingsError(
          `${folder} holds logs, but not the ${fileName} that says under which policy and key they were begun; ` +
            'put it back from a copy, or judge the events anew in another --state folder',
        )
      }
      await writeKept(folder, mine)
      return new Belongings(folder, mine)
    }
    if (kept.format !== stateFormat) {
      const side = kept.format > stateFormat ? 'a newer assay has left it' : 'an older assay has left it'
      throw new FormatError(
        `the state in ${folder} has format ${kept.format}, this assay writes ${stateFormat}: ${side}, and nothing in it was touched; ` +
          'use the assay that began it, or judge the events anew: give the same files, and stdin.ndjson of that folder where they came through a pipe, with another --state folder',
      )
    }
    if (kept.policy !== mine.policy) {
      throw new SettingsError(
        `the state in ${folder} was begun under the policy ${kept.policyVersion}, and ${policy.version} is not the same; give that one, or judge the events anew in another --state folder`,
      )
    }
    if (kept.key !== mine.key) {
      throw new SettingsError(
        `the state in ${folder} was begun with another key, under which ids have other hashes; give that --key-file, or another --state folder`,
      )
    }
    if ((kept.isSealed ?? false) !== isSealed) {
      throw new SettingsError(
        kept.isSealed === true
          ? `the state in ${folder} was begun with a vault and holds no ids of persons; name the --vault, or another --state folder`
          : `the state in ${folder} was begun without a vault and holds ids as they came; leave --vault out, or name another --state folder`,
      )
    }
    return new Belongings(folder, kept)
  }

  /** Throws a `SettingsError` unless the folder was begun, by this assay, with this policy and key; changes nothing. */
  static async check(
    folder: string,
    begunWith: { policy: Policy; key: Uint8Array; isSealed?: boolean },
  ): Promise<void> {
    if ((await readKept(folder)) === undefined) {
      throw new SettingsError(
        `${folder} holds no state of assay; name the --state folder of "assay run --embedded"`,
      )
    }
    await Belongings.open(folder, begunWith)
  }

  /** Makes a file of lines one of the state; throws a `UsageError` when it holds what the state did not write. */
  async claim(path: string, lines: number): Promise<void> {
    // Seen from the folder, so that both can be moved together.
    const file = relative(this.folder, path)
    if (this.kept.files.includes(file)) return
    if (lines > 0) {
      throw new UsageError(
        `${path} holds ${lines} lines that the state in ${this.folder} did not write; name another file, or remove that one`,
      )
    }
    this.kept = { ...this.kept, files: [...this.kept.files, file] }
    await writeKept(this.folder, this.kept)
  }
}

/** The version of the policy that a state folder was begun under; throws an `UnreachableError` where none was begun. */
export async function policyVersionOf(folder: string): Promise<string> {
  const kept = await readKept(folder)
  if (kept !== undefined) return kept.policyVersion
  throw new UnreachableError(
    `${folder} holds no state; name the folder that was given to "assay run --embedded --state"`,
  )
}

interface Kept {
  readonly format: number
  readonly policyVersion: string
  readonly policy: string
  readonly key: string
  /** Whether ids of persons were sealed in a vault. */
  readonly isSealed?: boolean
  readonly files: readonly string[]
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false
}

async function readKept(folder: string): Promise<Kept | undefined> {
  const path = join(folder, fileName)
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return undefined
  const kept = parsed(text)
  if (kept !== undefined) return kept
  throw new SettingsError(
    `${path} is not what assay wrote there; put it back, or begin anew in another folder`,
  )
}

/** What another format holds beside its number is its own affair. */
function parsed(text: string): Kept | undefined {
  try {
    const kept = JSON.parse(text) as Partial<Kept> | null
    if (typeof kept?.format !== 'number') return undefined
    if (kept.format === stateFormat && !Array.isArray(kept.files)) return undefined
    return kept as Kept
  } catch {
    return undefined
  }
}

async function writeKept(folder: string, kept: Kept): Promise<void> {
  const path = join(folder, fileName)
  const handle = await open(`${path}.part`, 'w')
  try {
    await handle.writeFile(`${JSON.stringify(kept, undefined, 2)}\n`)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(`${path}.part`, path)
  await flushFolder(folder)
}

const fileName = 'state.json'

function digest(of: string | Uint8Array): string {
  return createHash('sha256').update('assay state ').update(of).digest('hex')
}
