import type { Correction } from './records'

/** The key of a correction in the contract: of two with one key the later holds. */
export function correctionKey({ accountId, contentId, kind, hour }: Correction): string {
  return [accountId, contentId, kind, hour].join('|')
}
