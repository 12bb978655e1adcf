import { isOfTls } from '../tls-error'
import { rootOf } from './client'

/** Why a connection to brokers does not come about: what a person has to look at. */
export type ConnectionFault = 'address' | 'encryption' | 'credentials' | 'protocol'

/**
 * Tells apart brokers that nobody reaches, certificates or encryption that do not fit, names and passwords that are
 * refused, and brokers that answer and hang up, as they do on who comes without TLS or a password.
 */
export function connectionFault(error: unknown): ConnectionFault {
  const {
    name,
    code,
    type,
    message = '',
  } = rootOf(error) as {
    readonly name?: string
    readonly code?: unknown
    readonly type?: unknown
    readonly message?: string
  }
  if (name === 'KafkaJSSASLAuthenticationError' || /SASL/.test(String(type))) return 'credentials'

  if (isOfTls(code) || /\bssl\b|tls|certificate/i.test(message)) return 'encryption'
  if (
    name === 'KafkaJSConnectionClosedError' ||
    code === 'ECONNRESET' ||
    /socket disconnected/.test(message)
  ) {
    return 'protocol'
  }
  return 'address'
}
