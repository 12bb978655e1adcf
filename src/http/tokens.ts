import { createHash, timingSafeEqual } from 'node:crypto'
import { SettingsError } from '../model/errors'
import { ApiError } from './errors'

/** Throws unless the header carries a token that may change something. */
export type CheckToken = (authorization: string | undefined) => void

/** Knows tokens by their SHA-256 alone, and takes as long to refuse one as to accept it. */
export function checkTokens(hashes: readonly string[]): CheckToken {
  const digests = hashes.map((hash) => {
    if (!/^[0-9a-f]{64}$/i.test(hash)) {
      throw new SettingsError(
        'a token is set by its SHA-256 in 64 hexadecimal digits; make it with: printf %s TOKEN | sha256sum',
      )
    }
    return Buffer.from(hash, 'hex')
  })
  return (authorization) => {
    if (digests.length === 0) {
      throw new ApiError('read-only', 'nothing can be changed here, no token is set up')
    }
    const token = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(authorization ?? '')?.[1]
    if (token === undefined) {
      throw new ApiError('token-missing', 'changing something needs a token', {
        expected: 'authorization: Bearer TOKEN',
        headers: challenge,
      })
    }
    const given = createHash('sha256').update(token).digest()
    // All are compared, so that the time says nothing of which one it was.
    const known = digests.reduce((found, digest) => timingSafeEqual(digest, given) || found, false)
    if (!known) throw new ApiError('token-unknown', 'this token is not known here', { headers: challenge })
  }
}

const challenge = { 'www-authenticate': 'Bearer realm="assay"' }
