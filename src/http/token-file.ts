import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { z } from 'zod'
import { accessRoles } from '../model/access'
import type { AccessRole } from '../model/access'
import { SettingsError } from '../model/errors'
import { ApiError } from './errors'

/** A token as its file has it: whose it is and what it may do, and never the token. */
export interface TokenEntry {
  /** The part of the token that is no secret; it finds the entry. */
  readonly id: string
  /** Whose it is. Feedback that comes with it is this name's. */
  readonly name: string
  readonly role: AccessRole
  /** HMAC-SHA256 of the secret part under the salt, both in hexadecimal. */
  readonly salt: string
  readonly hash: string
  /** ISO 8601; from then on it opens nothing. */
  readonly expiresAt: string
}

/** An entry for a new token, and the token, which is nowhere else. */
export function newToken(of: Pick<TokenEntry, 'name' | 'role' | 'expiresAt'>): {
  readonly entry: TokenEntry
  readonly token: string
} {
  const id = randomBytes(4).toString('hex')
  const secret = randomBytes(32).toString('base64url')
  const salt = randomBytes(16).toString('hex')
  return {
    entry: { id, ...of, salt, hash: hashOf(secret, salt).toString('hex') },
    token: `assay_${id}_${secret}`,
  }
}

/** Whether a text has the form of a token of ours. */
export function isToken(text: string): boolean {
  return form.test(text)
}

/** The file of tokens of a service. It is read anew whenever it has changed, so that a revoked token opens nothing more. */
export class TokenFile {
  private read: { readonly state: string; readonly entries: readonly TokenEntry[] } | undefined

  constructor(private readonly path: string) {}

  /** Throws a `SettingsError` that names the file and what is wrong with it. */
  entries(): readonly TokenEntry[] {
    const state = this.state()
    if (this.read?.state !== state) this.read = { state, entries: entriesIn(this.path) }
    return this.read.entries
  }

  /** The entry of a token; undefined where there is none. It takes as long for a wrong secret as for a right one. */
  find(token: string): TokenEntry | undefined {
    const [, id, secret] = form.exec(token)!
    let entries: readonly TokenEntry[]
    try {
      entries = this.entries()
    } catch {
      // What it said before may be what somebody wanted to revoke.
      throw new ApiError(
        'tokens-unreadable',
        'the tokens cannot be read; an operator has to see to their file',
      )
    }
    const entry = entries.find((one) => one.id === id)
    const hash = hashOf(secret!, entry?.salt ?? '')
    return timingSafeEqual(hash, Buffer.from(entry?.hash ?? noHash, 'hex')) ? entry : undefined
  }

  private state(): string {
    try {
      const { ino, size, mtimeMs } = statSync(this.path)
      return `${ino} ${size} ${mtimeMs}`
    } catch (error) {
      throw unreadable(this.path, error)
    }
  }
}

/** The entries of a file; throws a `SettingsError` where it does not hold. */
export function entriesIn(path: string): readonly TokenEntry[] {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw unreadable(path, error)
  }
  let written: unknown
  try {
    written = JSON.parse(text)
  } catch {
    throw new SettingsError(
      `the tokens ${path} should be JSON, and are not; "assay tokens create" writes them`,
    )
  }
  const parsed = file.safeParse(written)
  if (parsed.success) return parsed.data.tokens
  const { path: place, message } = parsed.error.issues[0]!
  throw new SettingsError(`the tokens ${path} do not hold: ${place.join('.')}: ${message}`)
}

/** A name of whoever has a token: it stands in feedback as the reviewer. */
export const tokenName = z
  .string()
  .regex(
    /^[\w.@-]{1,64}$/,
    'a name of up to 64 letters, digits, dots, hyphens, underscores and @ was expected',
  )

const hexadecimal = (digits: number) => z.string().regex(new RegExp(`^[0-9a-f]{${digits}}$`))
const file = z.strictObject({
  tokens: z.array(
    z.strictObject({
      id: hexadecimal(8),
      name: tokenName,
      role: z.enum(accessRoles),
      salt: hexadecimal(32),
      hash: hexadecimal(64),
      expiresAt: z.iso.datetime(),
    }),
  ),
})

function hashOf(secret: string, salt: string): Buffer {
  // A secret of 256 random bits needs no slow hash; the salt keeps tables and equal secrets out.
  return createHmac('sha256', salt).update(secret).digest()
}

function unreadable(path: string, error: unknown): SettingsError {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
  return new SettingsError(
    `the tokens ${path} cannot be read (${code}); "assay tokens create" makes the file`,
  )
}

const form = /^assay_([0-9a-f]{8})_([\w-]{43})$/
const noHash = '0'.repeat(64)
