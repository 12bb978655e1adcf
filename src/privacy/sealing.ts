import {
  constants,
  createCipheriv,
  createDecipheriv,
  createHash,
  createPublicKey,
  privateDecrypt,
  publicEncrypt,
} from 'node:crypto'
import type { KeyObject } from 'node:crypto'

/**
 * Envelope encryption of the vault. Each file of names has a data key of its own, AES-256-GCM; the data key is wrapped
 * for whoever may open it with RSA-OAEP, so that who seals needs no secret that opens. Without the wrapped key a file
 * is noise, and to delete that key is to erase the file, wherever copies of it lie.
 *
 * Sources: NIST SP 800-38D (GCM), RFC 8017 section 7.1 (RSAES-OAEP).
 */
export const dataKeyBytes = 32
const tagBytes = 16
/** Bytes in front of a sealed page: its length without them, and its number in the file. */
export const pageHeadBytes = 8

/** Seals a page of a file. No two pages under one data key may have the same number: the nonce is made of it. */
export function sealPage(dataKey: Uint8Array, number: number, plain: Uint8Array): Uint8Array[] {
  const cipher = createCipheriv('aes-256-gcm', dataKey, nonceOf(number))
  const sealed = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()])
  const head = Buffer.alloc(pageHeadBytes)
  head.writeUInt32LE(sealed.length, 0)
  head.writeUInt32LE(number, 4)
  return [head, sealed]
}

/** What a sealed page held; throws when it was changed or sealed under another key. */
export function openPage(dataKey: Uint8Array, number: number, sealed: Uint8Array): Uint8Array {
  const decipher = createDecipheriv('aes-256-gcm', dataKey, nonceOf(number))
  const textEnd = sealed.length - tagBytes
  decipher.setAuthTag(sealed.subarray(textEnd))
  return Buffer.concat([decipher.update(sealed.subarray(0, textEnd)), decipher.final()])
}

export function wrapKey(dataKey: Uint8Array, recipient: KeyObject): Uint8Array {
  return publicEncrypt({ key: recipient, ...oaep }, dataKey)
}

/** Throws when the key was wrapped for somebody else. */
export function unwrapKey(wrapped: Uint8Array, privateKey: KeyObject): Uint8Array {
  return privateDecrypt({ key: privateKey, ...oaep }, wrapped)
}

/** Which pair of keys this is, of its public or its private half: what may be shown of it. */
export function fingerprintOf(key: KeyObject): string {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, 16)
}

const oaep = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' }

function nonceOf(number: number): Uint8Array {
  const nonce = new Uint8Array(12)
  new DataView(nonce.buffer).setUint32(8, number, true)
  return nonce
}
