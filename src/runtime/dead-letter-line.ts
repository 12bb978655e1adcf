import type { DeadLetter } from '../ingest/dead-letter'

/** A dead letter as a line of a file: its bytes in base64, untouched. */
export function deadLetterLine({ reason, source, position, bytes }: DeadLetter): string {
  return JSON.stringify({ reason, source, position, bytes: Buffer.from(bytes).toString('base64') })
}
