import { createHash, timingSafeEqual } from 'node:crypto'
import { isAtLeast } from '../model/access'
import type { AccessRole, ReadWithoutToken } from '../model/access'
import { SettingsError } from '../model/errors'
import { ApiError } from './errors'
import { isToken, TokenFile } from './token-file'

export interface AccessOptions {
  /** SHA-256 of tokens without a name or an end, in hexadecimal; each may do everything. */
  readonly tokens: readonly string[]
  /** The file of tokens that `assay tokens` keeps. */
  readonly tokenFile?: string | undefined
  /** What may be read without a token; where it is left out, everything without a file of tokens, and nothing with one. */
  readonly readWithoutToken?: ReadWithoutToken | undefined
}

/** Who asks. */
export interface Caller {
  readonly role: AccessRole
  /** Whose token it is; undefined for a token without a name, and without a token. */
  readonly name?: string
  /** Whether a token was shown: without one nothing is changed. */
  readonly hasToken: boolean
}

/** What a route asks of its callers; `open` asks nothing. */
export interface Needed {
  readonly role: AccessRole | 'open'
  readonly changes?: boolean
}

/**
 * Says who shows a header where they may do what a route does. Throws an `ApiError` where the token is not known, has ended
 * or has too low a role, or none is shown and one is needed.
 */
export type Access = (authorization: string | undefined, needed: Needed) => Caller

/** Throws a `SettingsError` where tokens are not set up as they should be, and never shows one. */
export function accessOf({ tokens, tokenFile, readWithoutToken }: AccessOptions): Access {
  const digests = tokens.map(digestOf)
  const file = tokenFile === undefined ? undefined : new TokenFile(tokenFile)
  file?.entries()
  const stranger = readWithoutToken ?? (file === undefined ? 'operator' : 'nothing')
  const hasTokens = file !== undefined || digests.length > 0

  const known = (token: string): Caller | undefined => {
    if (file !== undefined && isToken(token)) {
      const entry = file.find(token)
      if (entry === undefined) return undefined
      if (Date.parse(entry.expiresAt) <= Date.now()) {
        throw new ApiError('token-expired', 'this token has come to its end; ask for another one', {
          headers: challenge,
        })
      }
      return { role: entry.role, name: entry.name, hasToken: true }
    }
    const given = createHash('sha256').update(token).digest()
    // All are compared, so that the time says nothing of which one it was.
    const isKnown = digests.reduce((found, digest) => timingSafeEqual(digest, given) || found, false)
    return isKnown ? { role: 'operator', hasToken: true } : undefined
  }

  const callerOf = (authorization: string | undefined): Caller => {
    if (authorization === undefined || authorization === '') {
      if (stranger === 'nothing') throw missing('reading needs a token here')
      return { role: stranger, hasToken: false }
    }
    const token = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(authorization)?.[1]
    if (token === undefined) throw missing('this is no token')
    const caller = known(token)
    if (caller !== undefined) return caller
    throw new ApiError('token-unknown', 'this token is not known here', { headers: challenge })
  }

  return (authorization, { role, changes = false }) => {
    if (role === 'open') return nobody
    if (changes && !hasTokens) {
      throw new ApiError('read-only', 'nothing can be changed here, no token is set up')
    }
    const caller = callerOf(authorization)
    if (changes && !caller.hasToken) throw missing('changing something needs a token')
    if (isAtLeast(caller.role, role)) return caller
    const expected = `a token of the role ${role}`
    if (!caller.hasToken) throw missing('this needs a token', expected)
    throw new ApiError('role-too-low', `a token of the role ${caller.role} does not open this`, { expected })
  }
}

/** Who asks what is open to everybody. */
const nobody: Caller = { role: 'viewer', hasToken: false }

function digestOf(hash: string): Buffer {
  if (!/^[0-9a-f]{64}$/i.test(hash)) {
    throw new SettingsError(
      'a token is set by its SHA-256 in 64 hexadecimal digits; "assay tokens create" makes one with a name, a role and an end in http.tokenFile instead',
    )
  }
  return Buffer.from(hash, 'hex')
}

function missing(message: string, expected = 'authorization: Bearer TOKEN'): ApiError {
  return new ApiError('token-missing', message, { expected, headers: challenge })
}

const challenge = { 'www-authenticate': 'Bearer realm="assay"' }
