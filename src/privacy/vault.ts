import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { chmod, open, readFile, readdir, rename, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { AppendFile } from '../log/append-file'
import { flushFolder, makeFolder, readAll } from '../log/files'
import { nodeIdOf } from '../model/acts'
import { SettingsError, UnreachableError, UsageError } from '../model/errors'
import { namesIn } from './name-pages'
import type { Name, NamePage } from './name-pages'
import { dataKeyBytes, fingerprintOf, openPage, pageHeadBytes, sealPage, unwrapKey, wrapKey } from './sealing'

/**
 * The sealed map from pseudonyms to the ids of the platform, in a folder:
 *
 * ```
 *  public.pem                  whoever has its private half may open what is sealed from now on
 *  erased.json                 pseudonyms whose names were erased, and up to which event time
 *  names/2026-01-01.….names    names of those who acted in the week that begins then, in sealed pages
 *  keys/2026-01-01.….key       the data key of that file, wrapped
 * ```
 *
 * Many processes may write, each to files of its own; whoever rewrites the vault holds a lock on the folder.
 */
export class Vault {
  private constructor(readonly folder: string) {}

  /** Makes a vault and a new pair of keys, the private half in a file of its own. Writes over nothing. */
  static async create(folder: string, privateKeyFile: string): Promise<Vault> {
    if ((await sizeOf(join(folder, publicName))) !== undefined) {
      throw new UsageError(
        `${folder} is a vault already; name another folder, or "assay vault rotate" its key`,
      )
    }
    await makePrivateFolder(folder)
    await makePrivateFolder(join(folder, 'names'))
    await makePrivateFolder(join(folder, 'keys'))
    const publicKey = await makeKeyPair(privateKeyFile)
    await writeWhole(join(folder, publicName), publicKey)
    return new Vault(folder)
  }

  /** Throws an `UnreachableError` when the folder is no vault. */
  static async open(folder: string): Promise<Vault> {
    const vault = new Vault(folder)
    await vault.recipient()
    return vault
  }

  /** For whom names are sealed now. */
  async recipient(): Promise<KeyObject> {
    const path = join(this.folder, publicName)
    const pem = await readFile(path).catch((error: unknown) => {
      throw new UnreachableError(
        `the vault ${this.folder} cannot be used (${codeOf(error)} at ${publicName}); make one with "assay vault create ${this.folder} --private-key FILE"`,
      )
    })
    try {
      return createPublicKey(pem)
    } catch {
      throw new SettingsError(`${path} should be a public key as PEM, and is not; put it back from a copy`)
    }
  }

  /** From now on names are sealed for another one. */
  async setRecipient(publicPem: string): Promise<void> {
    await writeWhole(join(this.folder, publicName), publicPem)
  }

  /** Event time up to which the name of each erased pseudonym must not come back. */
  async erased(): Promise<ReadonlyMap<string, number>> {
    const path = join(this.folder, erasedName)
    const text = await readFile(path, 'utf8').catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return '{}'
      throw error
    })
    try {
      return new Map(Object.entries(JSON.parse(text) as Record<string, number>))
    } catch {
      throw new SettingsError(`${path} is not what assay wrote there; put it back from a copy`)
    }
  }

  async noteErased(pseudonyms: Iterable<string>, untilMs: number): Promise<void> {
    const all = new Map(await this.erased())
    for (const pseudonym of pseudonyms) all.set(pseudonym, untilMs)
    await writeWhole(join(this.folder, erasedName), `${JSON.stringify(Object.fromEntries(all))}\n`)
  }

  /** The files of names there are, oldest week first. */
  async files(): Promise<readonly NamesFile[]> {
    const found = (await readdir(join(this.folder, 'names'))).sort().map(async (file) => {
      const match = namesPattern.exec(file)
      if (match === null) return undefined
      const name = match[1]!
      const path = join(this.folder, 'names', file)
      const bytes = await sizeOf(path)
      const key = await this.wrappedKey(name)
      return bytes === undefined ? undefined : { name, path, weekMs: Date.parse(match[2]!), bytes, key }
    })
    return (await Promise.all(found)).filter((file) => file !== undefined)
  }

  /** Begins a file for the names of a week, with a data key of its own, which is safe before any name is. */
  async begin(weekMs: number): Promise<NamesWriter> {
    const name = `${new Date(weekMs).toISOString().slice(0, 10)}.${randomBytes(8).toString('hex')}`
    const dataKey = randomBytes(dataKeyBytes)
    const recipient = await this.recipient()
    const wrapped: WrappedKey = {
      recipient: fingerprintOf(recipient),
      wrapped: Buffer.from(wrapKey(dataKey, recipient)).toString('base64'),
    }
    await writeWhole(this.keyPath(name), `${JSON.stringify(wrapped)}\n`)
    const file = await AppendFile.create(join(this.folder, 'names', `${name}.names`), privateMode)
    await flushFolder(join(this.folder, 'names'))
    return new NamesWriter(file, dataKey, weekMs)
  }

  /** Puts a file out of the way, so that a process which still appends to it notices and begins another one. */
  async setAside(file: NamesFile): Promise<NamesFile> {
    if (file.path.endsWith(asideEnding)) return file
    const path = `${file.path}${asideEnding}`
    await rename(file.path, path)
    return { ...file, path }
  }

  /** Destroys the data key of a file, which makes every copy of it unreadable, and then the file. */
  async destroy({ name, path }: NamesFile): Promise<void> {
    const keyPath = this.keyPath(name)
    const bytes = await sizeOf(keyPath)
    if (bytes !== undefined) {
      const handle = await open(keyPath, 'r+')
      try {
        await handle.write(Buffer.alloc(bytes), 0, bytes, 0)
        await handle.sync()
      } finally {
        await handle.close()
      }
      await unlink(keyPath)
      await flushFolder(join(this.folder, 'keys'))
    }
    await unlink(path).catch((error: unknown) => {
      if (codeOf(error) !== 'ENOENT') throw error
    })
  }

  /** The data key of a file; undefined when it was destroyed. Throws when none of the private keys opens it. */
  dataKeyOf({ name, key }: NamesFile, privateKeys: readonly KeyObject[]): Uint8Array | undefined {
    if (key === undefined) return undefined
    const privateKey = privateKeys.find((one) => fingerprintOf(one) === key.recipient)
    if (privateKey === undefined) {
      throw new SettingsError(
        `${name} in the vault ${this.folder} opens with the private key ${key.recipient}, given was ${privateKeys.map(fingerprintOf).join(', ')}; give that one`,
      )
    }
    return unwrapKey(Buffer.from(key.wrapped, 'base64'), privateKey)
  }

  private keyPath(name: string): string {
    return join(this.folder, 'keys', `${name}.key`)
  }

  private async wrappedKey(name: string): Promise<WrappedKey | undefined> {
    const text = await readFile(this.keyPath(name), 'utf8').catch(() => undefined)
    if (text === undefined) return undefined
    try {
      return JSON.parse(text) as WrappedKey
    } catch {
      // A key that was overwritten and not removed yet.
      return undefined
    }
  }
}

/** One file of names. */
export interface NamesFile {
  readonly name: string
  readonly path: string
  /** When its week begins. */
  readonly weekMs: number
  readonly bytes: number
  /** Undefined when it was destroyed: nobody can open the file any more. */
  readonly key: WrappedKey | undefined
}

interface WrappedKey {
  /** Fingerprint of the key that it was wrapped for. */
  readonly recipient: string
  readonly wrapped: string
}

/** Appends sealed pages to a file of names. */
export class NamesWriter {
  private pages = 0

  constructor(
    private readonly file: AppendFile,
    private readonly dataKey: Uint8Array,
    readonly weekMs: number,
  ) {}

  /** Seals a page and makes it safe; false when the file was set aside meanwhile, so that somebody else may miss it. */
  async append(page: NamePage): Promise<boolean> {
    // Counted before it is tried: the number of a page that failed is never used again.
    await this.file.append(sealPage(this.dataKey, this.pages++, page.plain))
    await this.file.flush()
    return (await sizeOf(this.file.path)) !== undefined
  }

  async close(): Promise<void> {
    this.dataKey.fill(0)
    await this.file.close()
  }
}

/** The names of an opened file, page by page; a torn last page, of a crash, is passed over. */
export async function* namesOf(path: string, dataKey: Uint8Array): AsyncGenerator<Name> {
  const handle = await open(path, 'r')
  try {
    const { size } = await handle.stat()
    const head = Buffer.alloc(pageHeadBytes)
    for (let at = 0; at + pageHeadBytes <= size;) {
      await readAll(handle, head, at)
      const length = head.readUInt32LE(0)
      if (at + pageHeadBytes + length > size) return
      const sealed = Buffer.alloc(length)
      await readAll(handle, sealed, at + pageHeadBytes)
      yield* namesIn(opened(path, dataKey, head.readUInt32LE(4), sealed))
      at += pageHeadBytes + length
    }
  } finally {
    await handle.close()
  }
}

function opened(path: string, dataKey: Uint8Array, number: number, sealed: Uint8Array): Uint8Array {
  try {
    return openPage(dataKey, number, sealed)
  } catch {
    throw new UnreachableError(
      `page ${number} of ${path} was changed since it was sealed; put the file back from a copy`,
    )
  }
}

/** Reads a private key; throws when it is missing, open to others or none. */
export async function readPrivateKey(file: string): Promise<KeyObject> {
  const { mode } = await stat(file).catch((error: unknown) => {
    throw new UnreachableError(
      `the private key ${file} cannot be read (${codeOf(error)}); without it no name in the vault can be opened, by anybody`,
    )
  })
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    throw new SettingsError(
      `the private key ${file} should be readable by its owner alone, its mode is ${(mode & 0o777).toString(8)}; run "chmod 600 ${file}"`,
    )
  }
  try {
    return createPrivateKey(await readFile(file))
  } catch (error) {
    // The message of the parser could quote the file.
    throw new SettingsError(
      `${file} should be a private key as PEM, and is not (${codeOf(error)}); name the file that "assay vault create" wrote`,
    )
  }
}

/** Writes a new private key to a file of its own and gives the public half as PEM. */
export async function makeKeyPair(privateKeyFile: string): Promise<string> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 3072,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const handle = await open(privateKeyFile, 'wx', privateMode).catch((error: unknown) => {
    if (codeOf(error) !== 'EEXIST') throw error
    throw new UsageError(`${privateKeyFile} is there already and would be written over; name another file`)
  })
  try {
    await handle.writeFile(privateKey)
    await handle.sync()
  } finally {
    await handle.close()
  }
  return publicKey
}

/** The week that a moment of event time lies in. */
export function weekOf(timeMs: number): number {
  return Math.floor(timeMs / weekMs) * weekMs
}

export function pseudonymOf({ high, low }: Pick<Name, 'high' | 'low'>): string {
  return nodeIdOf(high, low)
}

export const weekMs = 7 * 86_400_000

async function makePrivateFolder(folder: string): Promise<void> {
  await makeFolder(folder)
  await chmod(folder, 0o700)
}

/** Written aside and renamed, so that it is there as a whole or not at all. */
async function writeWhole(path: string, text: string): Promise<void> {
  const aside = `${path}.${randomBytes(8).toString('hex')}.part`
  const handle = await open(aside, 'wx', privateMode)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(aside, path)
  await flushFolder(join(path, '..'))
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unreadable'
}

const publicName = 'public.pem'
const erasedName = 'erased.json'
const asideEnding = '.old'
const namesPattern = /^((\d{4}-\d\d-\d\d)\.[0-9a-f]{16})\.names(?:\.old)?$/
const privateMode = 0o600
