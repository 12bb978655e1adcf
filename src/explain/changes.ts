import { leastExcess } from '../detectors/audience'
import { leastChanges, leastShareOfReaders } from '../detectors/undeclared-transfer/detector'
import { controlTests } from '../model/control'
import { tieFamilies } from '../model/cluster'
import { recommendations } from '../model/records'
import type { Recommendation, Verdict } from '../model/records'
import { families, traits } from '../model/traits'
import type { Family, TraitName } from '../model/traits'
import type { Policy } from '../policy/policy'
import { factOf } from './facts'
import type { ElementFact } from './facts'
import { kindOf } from './offence-kind'

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
  | {
      readonly kind: 'rung-lost'
      readonly rung: Recommendation
      readonly instead: Recommendation
      readonly needs: readonly Need[]
    }
  | { readonly kind: 'rung-more'; readonly rung: Recommendation; readonly needs: readonly Need[] }
  | { readonly kind: 'policy-limit' }
  | { readonly kind: 'usual-number'; readonly observed: number; readonly expected: number }
  | { readonly kind: 'fewer-such-clicks'; readonly needed: number }
  | { readonly kind: 'fewer-impressions'; readonly impressions: number; readonly needed: number }
  | { readonly kind: 'fewer-clicks-for-impressions'; readonly factor: number }
  | {
      readonly kind: 'nearer-rate'
      readonly sign: 'unclicked' | 'unanswered'
      readonly observed: number
      readonly needed: number
    }
  | { readonly kind: 'fewer-heavy-devices'; readonly needed: number }
  | { readonly kind: 'any-use'; readonly until: string }
  | { readonly kind: 'within-six-months' }
  | { readonly kind: 'declared-transfer'; readonly until: string }
  | { readonly kind: 'former-hand-back'; readonly until: string }
  | { readonly kind: 'fewer-changes'; readonly changes: number; readonly needed: number }
  | { readonly kind: 'hand-or-habits-kept' }
  | { readonly kind: 'other-audience'; readonly returned: number; readonly needed: number }
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

/** One thing of those that a rung of the ladder asks for; `observed` where the verdict tells it. */
export interface Need {
  readonly what: keyof Policy['ladder']['warn']
  readonly needed: number
  readonly observed?: number
}

/** By which policy, and the revisions before it, as far as they are known. */
interface By {
  readonly policy: Policy
  readonly earlier: readonly Verdict[]
}

/** Those changes that a person can follow, the plainest first. */
export function changesOf(verdict: Verdict, { policy, earlier }: By): Change[] {
  const settings = (policy.detectors[verdict.detector] ?? {}) as Readonly<Record<string, unknown>>
  const needed = (name: string): number | undefined =>
    typeof settings[name] === 'number' ? settings[name] : undefined
  const first = [...earlier, verdict].find(({ revision }) => revision === 1)
  const found: Found = { verdict, needed, facts: factsOf(verdict) }
  return [
    ...audienceChanges(found),
    ...clickThroughChanges(found),
    ...departureChanges(found),
    ...unusedChanges(found),
    ...handoverChanges(found),
    ...ladderChanges(found, { policy, earlier }),
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

function factsOf({ elements }: Verdict): Found['facts'] {
  return elements.map((element) => ({ element, fact: factOf(element) }))
}

function audienceChanges({ verdict, needed, facts }: Found): Change[] {
  const { raw, disputed } = verdict.counts
  const [minCount, minDisputed, minExcess] = [needed('minCount'), needed('minDisputed'), needed('minExcess')]
  if (minCount === undefined || minDisputed === undefined || minExcess === undefined) return []
  return [
    { kind: 'fewer-disputed', disputed, needed: minDisputed },
    { kind: 'fewer-events', events: raw, needed: minCount },
    ...traitChanges({ verdict, facts }, minExcess),
  ]
}

function traitChanges({ verdict, facts }: Pick<Found, 'verdict' | 'facts'>, minExcess: number): Change[] {
  const { raw } = verdict.counts
  const changes: Change[] = []
  const hard: TraitName[] = []
  for (const { element, fact } of facts) {
    if (fact?.kind !== 'trait-share') continue
    const family = familyOf(fact.trait)
    const limit = Math.min(1, element.expected + leastExcess(family, minExcess))
    const events = Math.round(element.observed * raw)
    const most = Math.max(0, Math.ceil(limit * raw) - 1)
    changes.push({ kind: 'smaller-share', trait: fact.trait, events, of: raw, most, limit })
    if (families[family] !== 'soft') hard.push(fact.trait)
  }
  if (hard.length > 0) changes.push({ kind: 'no-hard-family', traits: hard })
  return changes
}

function clickThroughChanges(found: Found): Change[] {
  const { verdict, needed, facts } = found
  const [minClicks, minFactor, minExcess] = [needed('minClicks'), needed('minFactor'), needed('minExcess')]
  const [minImpressions, minDevices] = [needed('minImpressions'), needed('minDevices')]
  const minDisputed = needed('minDisputed')
  if (minClicks === undefined || minFactor === undefined || minExcess === undefined) return []
  if (minImpressions === undefined || minDevices === undefined || minDisputed === undefined) return []
  const { raw, disputed } = verdict.counts
  const changes: Change[] = [{ kind: 'fewer-disputed', disputed, needed: minDisputed }]
  for (const { element, fact } of facts) {
    if (fact?.kind !== 'sign-share') continue
    const { sign } = fact
    const { observed, expected } = element
    switch (sign) {
      case 'unexposed':
        changes.push({ kind: 'fewer-such-clicks', needed: minClicks })
        changes.push({ kind: 'fewer-clicks-for-impressions', factor: minFactor })
        break
      case 'unanswered':
        changes.push({ kind: 'fewer-events', events: raw, needed: minClicks })
        changes.push({ kind: 'nearer-rate', sign, observed, needed: expected / minFactor })
        break
      case 'unclicked':
        changes.push({ kind: 'fewer-impressions', impressions: raw, needed: minImpressions })
        changes.push({ kind: 'nearer-rate', sign, observed, needed: expected / minFactor })
        break
      case 'heavy-device':
        changes.push({ kind: 'fewer-heavy-devices', needed: minDevices })
        break
      case 'together':
      case 'brief':
        break
    }
  }
  return [...changes, ...traitChanges(found, minExcess)]
}

/** Many who leave are asked for besides what they are. */
function departureChanges({ verdict, facts }: Found): Change[] {
  if (verdict.offence !== 'abnormal-unsubscription') return []
  return facts.flatMap(({ element: { observed, expected }, fact }): Change[] =>
    fact?.kind === 'number' ? [{ kind: 'usual-number', observed, expected }] : [],
  )
}

function unusedChanges({ facts }: Found): Change[] {
  return facts.flatMap(({ fact }): Change[] =>
    fact?.kind === 'notice' ? [{ kind: 'any-use', until: fact.until }, { kind: 'within-six-months' }] : [],
  )
}

function handoverChanges({ verdict, needed, facts }: Found): Change[] {
  const minReaders = needed('minReaders')
  if (minReaders === undefined) return []
  const changes: Change[] = []
  let changed = 0
  for (const { element, fact } of facts) {
    if (fact?.kind === 'changed-hand' || fact?.kind === 'changed-habit') changed++
    if (fact?.kind === 'not-declared') {
      const { until } = fact
      changes.push({ kind: 'declared-transfer', until }, { kind: 'former-hand-back', until })
    }
    if (fact?.kind === 'same-audience') {
      const least = Math.max(minReaders, Math.ceil(element.expected * leastShareOfReaders))
      changes.push({ kind: 'other-audience', returned: element.observed, needed: least })
    }
  }
  if (changed > 0) changes.push({ kind: 'fewer-changes', changes: changed, needed: leastChanges })
  if (isSanction(verdict.recommendation)) changes.push({ kind: 'hand-or-habits-kept' })
  return changes
}

/** What the ladder asks for: for each rung that was reached, what it rests on; and for the next one. */
function ladderChanges(
  { verdict, facts }: Pick<Found, 'verdict' | 'facts'>,
  { policy, earlier }: By,
): Change[] {
  const kind = kindOf(verdict)
  // Nobody is behind an impression, so that no number of them is evidence of control.
  if (kind === 'impression') return []
  const isLinked = kind === undefined
  const { recommendation } = verdict
  // Of acts without end nothing leads further, whoever they are by.
  if (isCountOnly(facts)) return []
  // Of linked accounts the detector weighs control, and only what it would limit can be taken further, by people.
  if (isLinked && (verdict.role !== 'operator' || isBelow(recommendation, 'limit'))) return []
  const observed = {
    controlEvents: facts.find(({ fact }) => fact?.kind === 'operator-events')?.element.observed ?? 0,
    disputed: verdict.counts.disputed,
    confirmations: confirmationsIn([...earlier, verdict]),
    earlierOffences: undefined,
  }
  const inferred = inferredControl(facts)
  const asked = isLinked ? (['confirmations', 'earlierOffences'] as const) : needNames
  const changes: Change[] = []
  let instead: Recommendation = isLinked ? 'limit' : 'correct-count'
  const isLimited = facts.some(({ fact }) => fact !== undefined && limitsOfPolicy.has(fact.kind))
  for (const rung of isLinked ? (['suspend', 'close'] as const) : sanctions) {
    const row = policy.ladder[rung]
    if (row === undefined) continue
    const isInferred =
      !isLinked && inferred <= row.controlPValue && observed.controlEvents < row.controlEvents
    const needs = asked
      .filter((what) => row[what] > 0)
      .map((what): Need => {
        if (what !== 'controlEvents' || !isInferred) {
          return withObserved({ what, needed: row[what] }, observed[what])
        }
        return { what: 'controlPValue', needed: row.controlPValue, observed: inferred }
      })
    if (isBelow(recommendation, rung)) {
      const isThere = needs.every((need) => need.observed !== undefined && need.observed >= need.needed)
      if (!isThere) changes.push({ kind: 'rung-more', rung, needs })
      break
    }
    changes.push({ kind: 'rung-lost', rung, instead, needs })
    instead = rung
  }
  return isLimited ? [...changes, { kind: 'policy-limit' }] : changes
}

/** Whether it rests on what stands alone, and so corrects a number whatever else is known. */
function isCountOnly(facts: Found['facts']): boolean {
  const shown = facts.flatMap(({ fact }) => (fact?.kind === 'trait-share' ? [fact.trait] : []))
  return shown.length > 0 && shown.every((trait) => families[familyOf(trait)] === 'alone')
}

function familyOf(trait: TraitName): Family {
  return traits.find(({ name }) => name === trait)!.family
}

/** The chance, by the tests of control that carry a sanction, that somebody else arranged it; 1 where none was shown. */
function inferredControl(facts: Found['facts']): number {
  const shown = facts.filter(({ fact }) => fact?.kind === 'control' && controlTests[fact.test] === 'own-hand')
  const tests = Object.values(controlTests).filter((strength) => strength === 'own-hand').length
  return Math.min(1, ...shown.map(({ element }) => tests * element.pValue))
}

function withObserved(need: Need, observed: number | undefined): Need {
  return observed === undefined ? need : { ...need, observed }
}

/** How many people had confirmed it, where a revision tells. */
function confirmationsIn(revisions: readonly Verdict[]): number | undefined {
  const told = revisions
    .flatMap(factsOf)
    .filter(({ fact }) => fact?.kind === 'confirmed')
    .map(({ element }) => element.observed)
  return told.length === 0 ? undefined : Math.max(...told)
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
  return !isBelow(rung, 'warn')
}

function isBelow(rung: Recommendation, other: Recommendation): boolean {
  return recommendations.indexOf(rung) < recommendations.indexOf(other)
}

const sanctions = ['warn', 'limit', 'suspend', 'close'] as const
const needNames = ['controlEvents', 'disputed', 'confirmations', 'earlierOffences'] as const
const limitsOfPolicy: ReadonlySet<ElementFact['kind']> = new Set([
  'highest-of-account',
  'precision',
  'quota',
] as const)
