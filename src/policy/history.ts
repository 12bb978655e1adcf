import { SettingsError } from '../model/errors'
import { differencesOf } from './difference'
import type { Policy } from './policy'

/** A policy of a history, where it stands in it, and from when on it was to hold. */
export interface PlacedPolicy {
  readonly policy: Policy
  /** Such as the file and line, for a person. */
  readonly place: string
  readonly atMs: number
}

/**
 * Throws a `SettingsError` where one version says two different things: a verdict names nothing but the version that it
 * was made under, which must mean one set of rules. The same policy once more is harmless.
 */
export function checkVersions(history: readonly Omit<PlacedPolicy, 'atMs'>[]): void {
  const first = new Map<string, Omit<PlacedPolicy, 'atMs'>>()
  for (const one of history) {
    const { version } = one.policy
    const known = first.get(version)
    if (known === undefined) {
      first.set(version, one)
      continue
    }
    const [difference] = differencesOf(known.policy, one.policy)
    if (difference === undefined) continue
    throw new SettingsError(
      `version ${version} is in use in ${known.place} and says something else of ${difference.setting} in ${one.place}; ` +
        'a verdict names its version alone, so give one of the two another version',
    )
  }
}

/** In a sentence each: policies that stand behind a later one, which they do not turn back. */
export function outOfOrder(history: readonly PlacedPolicy[]): string[] {
  let latest: PlacedPolicy | undefined
  const sentences: string[] = []
  for (const one of history) {
    if (latest !== undefined && one.atMs < latest.atMs) {
      sentences.push(
        `${one.place} is of ${timeText(one.atMs)} and stands behind ${latest.place}, which is of ${timeText(latest.atMs)}: ` +
          `where that has taken over already, version ${one.policy.version} changes nothing; put the lines in the order of occurredAt to have each hold in its time`,
      )
      continue
    }
    latest = one
  }
  return sentences
}

function timeText(timeMs: number): string {
  return new Date(timeMs).toISOString()
}
