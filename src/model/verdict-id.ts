import { createHash } from 'node:crypto'
import type { Mode, Offence } from './records'

/**
 * Same offence, subject and window, same id, on every run: whoever reads a verdict twice acts once. What a detector on
 * trial says of them has an id of its own, so that it never passes for a revision of what counts.
 */
export function verdictIdOf({ mode, offence, subject, startMs }: Identity): string {
  const named = ['verdict', offence, subject, String(startMs), ...(mode === 'shadow' ? ['shadow'] : [])]
  // Lengths before the parts, so that no two lists of parts read alike.
  const text = named.map((part) => `${part.length}:${part}`).join('')
  return `v-${createHash('sha256').update(text).digest('hex').slice(0, 32)}`
}

interface Identity {
  readonly mode: Mode
  readonly offence: Offence
  readonly subject: string
  readonly startMs: number
}
