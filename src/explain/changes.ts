import { tieFamilies } from '../model/cluster'
import { recommendations } from '../model/records'
import type { Recommendation, Verdict } from '../model/records'
import { families, traits } from '../model/traits'
import type { TraitName } from '../model/traits'
import type { Policy } from '../policy/policy'
import { factOf } from './facts'
import type { ElementFact } from './facts'

/** What would have changed a verdict: which number would have had to be how different, by the policy's thresholds. */
export type Change =
  | { readonly kind: 'fewer-events'; readonly events: number; readonly needed: number }
  | { readonly kind: 'fewer-disputed'; readonly disputed: number; readonly needed: number }
  | {
      readonly kind: 'smaller-share'
      readonly trait: TraitName
      readonly events: number
      readonly of: number
      readonly most: number
      readonly limit: number
    }
  | { readonly kind: 'no-hard-family'; readonly traits: readonly TraitName[] }
  | { readonly kind: 'higher-chance'; readonly pValue: number; readonly level: number }
  | { readonly kind: 'no-control'; readonly events: number; readonly needed: number }
  | {
      readonly kind: 'less-control'
      readonly events: number
      readonly needed: number
      readonly disputed: number
      readonly neededDisputed: number
    }
  | { readonly kind: 'control-shown'; readonly events: number; readonly needed: number }
  | { readonly kind: 'fewer-members'; readonly members: number; readonly needed: number }
  | { readonly kind: 'looser-ties'; readonly families: number; readonly sure: number }
  | { readonly kind: 'one-tie-family'; readonly families: number }
  | { readonly kind: 'no-common-device' }
  | { readonly kind: 'declared-network' }
  | {
      readonly kind: 'fewer-in-hotspot'
      readonly members: number
      readonly of: number
      readonly needed: number
      readonly share: number
    }
  | { readonly kind: 'fewer-pushed'; readonly accounts: number; readonly needed: number }
  | { readonly kind: 'less-alike'; readonly alike: number; readonly needed: number }
  | { readonly kind: 'sooner'; readonly minutes: number; readonly needed: number }
  | { readonly kind: 'no-claim' }
  | { readonly kind: 'fewer-copies'; readonly copies: number; readonly needed: number }
  | { readonly kind: 'fewer-registrations'; readonly accounts: number; readonly needed: number }
  | { readonly kind: 'less-shared'; readonly needed: number }
  | { readonly kind: 'weaker-marks'; readonly sure: number }
  | { readonly kind: 'one-side' }

/** By which policy, and with which first revision the case was opened, where that is known. */
interface By {
  readonly policy: Policy
  readonly first: Verdict | undefined
}

/** Those changes that a person can follow, the plainest first. */
export function changesOf(verdict: Verdict, { policy, first }: By): Change[] {
  const settings = (policy.detectors[verdict.detector] ?? {}) as Readonly<Record<string, unknown>>
  const needed = (name: string): number | undefined =>
    typeof settings[name] === 'number' ? settings[name] : undefined
  const facts = verdict.elements.map((element) => ({ element, fact: factOf(element) }))
  const found: Found = { verdict, needed, facts }
  return [
    ...audienceChanges(found),
    ...controlChanges(found, policy),
    ...clusterChanges(found),
    ...hotspotChanges(found),
    ...copyChanges(found),
    ...registrationChanges(found),
    ...returnChanges(found),
    ...budgetChange(policy, first),
  ]
}

interface Found {
  readonly verdict: Verdict
  readonly needed: (setting: string) => number | undefined
  readonly facts: readonly {
    readonly element: Verdict['elements'][number]
    readonly fact: ElementFact | undefined
  }[]
}

function audienceChanges({ verdict, needed, facts }: Found): Change[] {
  const { raw, disputed } = verdict.counts
  const [minCount, minDisputed, minExcess] = [needed('minCount'), needed('minDisputed'), needed('minExcess')]
  if (minCount === undefined || minDisputed === undefined || minExcess === undefined) return []
  const changes: Change[] = [
    { kind: 'fewer-disputed', disputed, needed: minDisputed },
    { kind: 'fewer-events', events: raw, needed: minCount },
  ]
  const hard: TraitName[] = []
  for (const { element, fact } of facts) {
    if (fact?.kind !== 'trait-share') continue
    const limit = Math.min(1, element.expected + minExcess)
    const events = Math.round(element.observed * raw)
    const most = Math.max(0, Math.ceil(limit * raw) - 1)
    changes.push({ kind: 'smaller-share', trait: fact.trait, events, of: raw, most, limit })
    const family = traits.find(({ name }) => name === fact.trait)!.family
    if (families[family] === 'hard') hard.push(fact.trait)
  }
  if (hard.length > 0) changes.push({ kind: 'no-hard-family', traits: hard })
  return changes
}

/** What the ladder asks for. */
function controlChanges({ verdict, facts }: Found, { ladder }: Policy): Change[] {
  if (!verdict.offence.startsWith('inflated-')) return []
  const { warn, limit } = ladder
  const events = facts.find(({ fact }) => fact?.kind === 'operator-events')?.element.observed ?? 0
  if (!isSanction(verdict.recommendation)) return [{ kind: 'control-shown', events, needed: warn.controlEvents }]
  const without: Change = { kind: 'no-control', events, needed: warn.controlEvents }
  if (verdict.recommendation === 'warn') return [without]
  const { disputed } = verdict.counts
  const less = { events, needed: limit.controlEvents, disputed, neededDisputed: limit.disputed }
  return [without, { kind: 'less-control', ...less }]
}

function clusterChanges({ verdict, needed, facts }: Found): Change[] {
  const kinds = facts.map(({ fact }) => fact?.kind)
  const [minMembers, tied, sure] = [needed('minMembers'), needed('minMembersTied'), needed('surePValue')]
  if (
    minMembers === undefined ||
    sure === undefined ||
    verdict.cluster === undefined ||
    verdict.cluster === null
  )
    return []
  const ties = kinds
    .filter((kind) => kind !== undefined && kind in tieFamilyOf)
    .map((kind) => tieFamilyOf[kind!]!)
  const changes: Change[] = []
  const hasControl = ties.some((family) => tieFamilies[family] === 'control')
  if (tied !== undefined) {
    const least = hasControl ? tied : minMembers
    changes.push({ kind: 'fewer-members', members: verdict.cluster.size, needed: least })
  }
  if (ties.length > 0) changes.push({ kind: 'looser-ties', families: ties.length, sure })
  if (isSanction(verdict.recommendation)) changes.push({ kind: 'one-tie-family', families: ties.length })
  if (verdict.recommendation === 'limit') changes.push({ kind: 'no-common-device' })
  if (ties.length > 0) changes.push({ kind: 'declared-network' })
  return changes
}

const tieFamilyOf: Readonly<Partial<Record<ElementFact['kind'], keyof typeof tieFamilies>>> = {
  'joint-acts': 'joint-action',
  'joint-texts': 'texts',
  'joint-links': 'links',
  'shared-devices': 'devices',
  'shared-networks': 'networks',
  'shared-identities': 'identities',
  'shared-operators': 'operators',
}

function hotspotChanges({ verdict, needed, facts }: Found): Change[] {
  const [minMembers, minShare, minAuthors] = [needed('minMembers'), needed('minShare'), needed('minAuthors')]
  if (minMembers === undefined || minShare === undefined || minAuthors === undefined) return []
  return facts.flatMap(({ fact }): Change[] => {
    if (fact?.kind === 'hotspot-share') {
      const { members, of } = fact
      return [{ kind: 'fewer-in-hotspot', members, of, needed: minMembers, share: minShare }]
    }
    if (fact?.kind !== 'pushed-accounts') return []
    return [{ kind: 'fewer-pushed', accounts: verdict.counts.disputed, needed: minAuthors }]
  })
}

function copyChanges({ verdict, needed, facts }: Found): Change[] {
  const [minLikeness, minLead, warnCopies] = [
    needed('minLikeness'),
    needed('minLeadMinutes'),
    needed('warnCopies'),
  ]
  const likeness = facts.find(({ fact }) => fact?.kind === 'text-likeness')
  if (minLikeness === undefined || minLead === undefined || likeness?.fact?.kind !== 'text-likeness')
    return []
  const alike = likeness.element.observed
  const copies = verdict.counts.disputed
  return [
    { kind: 'no-claim' },
    {
      kind: 'less-alike',
      alike,
      needed: alike >= minLikeness ? minLikeness : (needed('minLikenessRepeated') ?? 0),
    },
    { kind: 'sooner', minutes: likeness.fact.minutes, needed: minLead },
    ...(verdict.recommendation === 'warn' && warnCopies !== undefined
      ? [{ kind: 'fewer-copies', copies, needed: warnCopies } as const]
      : []),
  ]
}

function registrationChanges({ verdict, needed, facts }: Found): Change[] {
  const [minAccounts, minShared] = [needed('minAccounts'), needed('minShared')]
  if (minAccounts === undefined || minShared === undefined) return []
  if (!facts.some(({ fact }) => fact?.kind === 'registrations')) return []
  const accounts = verdict.counts.raw
  return [
    { kind: 'fewer-registrations', accounts, needed: minAccounts },
    ...(isSanction(verdict.recommendation)
      ? [{ kind: 'less-shared', needed: Math.ceil(minShared * accounts) } as const]
      : []),
  ]
}

function returnChanges({ verdict, needed, facts }: Found): Change[] {
  const sure = needed('surePValue')
  if (sure === undefined || !facts.some(({ fact }) => fact?.kind === 'common-mark')) return []
  return [
    { kind: 'weaker-marks', sure },
    ...(isSanction(verdict.recommendation) ? [{ kind: 'one-side' } as const] : []),
  ]
}

/** The bar that the false-flag budget held up when the case was opened, which a verdict tells by its q-value. */
function budgetChange({ oneWrongIn }: Policy, first: Verdict | undefined): Change[] {
  if (first === undefined || !(first.qValue > 0 && first.pValue > 0)) return []
  return [{ kind: 'higher-chance', pValue: first.pValue, level: first.pValue / (first.qValue * oneWrongIn) }]
}

/** Whether a rung hurts the account itself. */
function isSanction(rung: Recommendation): boolean {
  return recommendations.indexOf(rung) >= recommendations.indexOf('warn')
}
