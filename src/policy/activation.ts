import { SettingsError } from '../model/errors'
import type { PolicyRuling } from '../model/ruling'
import { parsePolicy, structuralSettings } from './policy'
import type { Policy } from './policy'

/**
 * Why a policy cannot take over from the one that a state was begun with, in a sentence; undefined when it can. A pure
 * function of the two, so that ingest refuses what the command line refuses.
 */
export function refusalOf(
  { version, document, approvedBy }: Pick<PolicyRuling, 'version' | 'document' | 'approvedBy'>,
  begun: Policy,
): string | undefined {
  let policy: Policy
  try {
    policy = parsePolicy(JSON.parse(document), `the policy ${version}`)
  } catch (error) {
    return error instanceof SettingsError
      ? error.message
      : `the policy ${version} is not JSON: ${(error as Error).message}`
  }
  if (policy.version !== version) {
    return `the policy says that it is version ${policy.version}, and its record says ${version}; give both the same`
  }
  for (const setting of structuralSettings) {
    if (policy[setting] === begun[setting]) continue
    return (
      `${setting} is ${begun[setting]} for the life of a state, and the policy ${version} says ${policy[setting]}; ` +
      'leave it as it is, or judge the events anew in another state'
    )
  }
  const people = new Set(approvedBy.map(personOf).filter((name) => name !== ''))
  if (policy.ladder.close !== undefined && people.size < peopleForClosing) {
    return (
      `the policy ${version} lets accounts be closed, for which two different people must be behind it, ` +
      `and there is ${[...people].join(', ')}; have another one approve it`
    )
  }
  return undefined
}

/** One spelling of a name: case, width and spaces around it make nobody another person. */
function personOf(name: string): string {
  return name.normalize('NFKC').trim().toLowerCase()
}

const peopleForClosing = 2
