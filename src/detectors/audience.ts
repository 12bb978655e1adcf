import type { Counts, FamilyEvidence, Finding } from '../model/finding'
import { atLeast, atMost } from '../model/nearest'
import type { Condition } from '../model/nearest'
import { discardAbove, suspicious } from '../model/significance'
import { families, summaries, traitIndex, traits } from '../model/traits'
import type { Family, TraitName } from '../model/traits'
import { betaBinomialUpperTail } from '../windows/tails'
import { controlEvidence } from './control'
import type { AccountDetector, AudienceHistory, Detector, ParamsSchema, Reference } from './detector'

/** Settings of a detector of an inflated number. */
export interface AudienceParams {
  readonly minCount: number
  readonly minDisputed: number
  readonly minExcess: number
  readonly minNetworks: number
  readonly traitPValue: number
}

export const audienceParams: ParamsSchema<AudienceParams> = {
  minCount: {
    default: 30,
    min: 10,
    max: 10_000,
    meaning: 'events in a window below which nothing is judged',
  },
  minDisputed: {
    default: 20,
    min: 1,
    max: 100_000,
    meaning: 'events that must be in dispute before a number counts as moved',
  },
  minExcess: {
    default: 0.1,
    min: 0.01,
    max: 0.9,
    meaning:
      'how far the share of a trait must exceed the honest share to be evidence, however many the events',
  },
  minNetworks: {
    default: 3,
    min: 1,
    max: 30,
    meaning: 'distinct dense networks below which they are one school or office and count as soft evidence',
  },
  traitPValue: {
    default: 1e-3,
    min: 1e-12,
    max: 0.05,
    meaning: 'chance below which a trait is used to tell made events from honest ones',
  },
}

/**
 * A detector of one inflated number. The number being high convicts nobody: it reports only where the audience differs
 * from an honest one in two families of evidence, one of them hard; or where most of the number is not one of people, but
 * of acts of one person beyond what a day has hours. That alone only corrects it.
 */
export function defineAudienceDetector(described: Described): Detector<AudienceHistory, AudienceParams> {
  return {
    ...described,
    params: audienceParams,
    judge(history, params) {
      if (history.count < params.minCount || !mayHaveEvidence(history, params)) return undefined
      const { evidence, chance, tellingTrait, isCountOnly } = shownBy(history, params)
      if (chance > discardAbove) return undefined

      const counts = countsBy(tellingTrait, history)
      // What hardly moves the number convicts nobody, however sure it is; it stays a test that the budget has to count.
      const pValue = counts.disputed < params.minDisputed ? Math.max(chance, immaterial) : chance
      return findingOf(described, history, { pValue, evidence, tellingTrait, counts, isCountOnly })
    },
    conditions(history, params) {
      const { evidence, chance: pValue, tellingTrait } = shownBy(history, params)
      const { disputed } = countsBy(tellingTrait, history)
      return audienceConditions({ count: history.count, evidence, pValue, disputed }, params)
    },
  }
}

/** What an audience shows, the chance of it by the surest way to a finding, and how its honest events are told. */
function shownBy(history: AudienceHistory, params: AudienceParams) {
  const evidence = crowdEvidence(history, params)
  const ofCrowd = Math.min(crowdPValue(history, evidence, params), crewPValue(evidence))
  const chance = Math.min(ofCrowd, frequencyPValue(evidence))
  const isCountOnly = chance < ofCrowd && ofCrowd > suspicious
  // Where nothing else is shown, whoever came often is counted as often as a person may come.
  const tellingTrait =
    isCountOnly && chance <= suspicious ? 'overactive' : mostTelling(history, evidence, params)
  return { evidence, chance, tellingTrait, isCountOnly } as const
}

/** What a detector of an inflated number asks for, from what was measured or found. */
export function audienceConditions(
  measured: {
    readonly count: number
    readonly evidence: readonly FamilyEvidence[]
    readonly pValue: number
    readonly disputed: number
  },
  { minCount, minDisputed, minExcess }: AudienceParams,
): Condition[] {
  const { count, evidence, pValue, disputed } = measured
  const telling = evidence.filter((one) => one.pValue <= suspicious)
  const hard = telling.filter(({ family }) => families[family] === 'hard')
  const isWithoutEnd = telling.some(({ family }) => families[family] === 'alone')
  const isOneFact =
    pValue > suspicious && telling.some(isNewness) && hard.length === 1 && hard[0]!.family === 'networks'
  const isEnough = isWithoutEnd || telling.some(({ family }) => family === 'crews')
  return [
    atLeast('count', count, minCount),
    ...evidence.map(({ family, trait, observed, expected, pValue: chance }): Condition => {
      const needed = expected + leastExcess(family, minExcess)
      const isMet = observed >= needed && chance <= suspicious
      return { name: 'trait', of: trait, observed, needed, isMet, expected, pValue: chance }
    }),
    // A crew alone corrects a number, and so do acts without end.
    atLeast('families', telling.length - Number(isOneFact), isEnough ? 1 : 2),
    atLeast('hard-families', hard.length, isWithoutEnd ? 0 : 1),
    atLeast('disputed', disputed, minDisputed),
    atMost('chance', pValue, suspicious),
  ]
}

type Described = Pick<Detector<AudienceHistory, AudienceParams>, 'name' | 'version' | 'offence' | 'summary'>

/** Tests every family of which the platform has shown what is usual; each by its most telling trait, but for one left out. */
export function crowdEvidence(
  history: AudienceHistory,
  { minExcess }: Pick<AudienceParams, 'minExcess'>,
  leftOut?: TraitName,
): FamilyEvidence[] {
  const strongest = new Map<Family, { evidence: FamilyEvidence; tested: number }>()
  traits.forEach(({ name, family }, trait) => {
    if (families[family] === 'apart' || name === leftOut) return
    const reference = history.reference(trait)
    if (reference === undefined) return
    const carrying = Math.min(history.traits[trait]!, history.count)
    const pValue = traitPValue(carrying, history.count, reference, leastExcess(family, minExcess))
    const known = strongest.get(family)
    const tested = (known?.tested ?? 0) + 1
    const isStronger = known === undefined || pValue < known.evidence.pValue
    const evidence = isStronger
      ? { family, trait: name, observed: carrying / history.count, expected: reference.mean, pValue }
      : known.evidence
    strongest.set(family, { evidence, tested })
  })
  // The strongest of several traits is chosen after looking, which Bonferroni's factor pays for.
  return [...strongest.values()].map(({ evidence, tested }) => ({
    ...evidence,
    pValue: Math.min(1, evidence.pValue * tested),
  }))
}

/**
 * The joint chance of what a crowd shows. Whoever was seen nowhere else has a network that was seen nowhere else as well,
 * unless others of it read here: a province that opens a page, readers abroad, a company's branches. So networks and
 * newness are one fact where they are all there is. Networks count beside anything else, and newness beside another hard
 * family; the choice between the two is paid for.
 */
export function crowdPValue(
  history: AudienceHistory,
  evidence: readonly FamilyEvidence[],
  params: Pick<AudienceParams, 'minExcess' | 'minNetworks'>,
): number {
  const isHardFamily = isHard(history, params)
  const joint = jointPValue(evidence, isHardFamily)
  if (joint > discardAbove || !isHardFamily('networks') || !evidence.some(isNewness)) return joint
  const ages = crowdEvidence(history, params, 'newcomer').filter(({ family }) => family === 'people')
  const ofNetworks = [...evidence.filter(({ family }) => family !== 'people'), ...ages]
  const ofNewness = evidence.filter(({ family }) => family !== 'networks')
  const chances = [ofNetworks, ofNewness].map((shown) => jointPValue(shown, isHardFamily))
  return Math.min(1, 2 * Math.min(...chances))
}

/** Whether what differs about the people is that they were seen nowhere else. */
function isNewness({ trait }: FamilyEvidence): boolean {
  return trait === 'newcomer'
}

/**
 * Chance of the joint evidence under honest behaviour. The claim "a hard family differs, and one more of whichever kind"
 * is false when no hard family differs, or when no family but one does; each of the two is tested, and the larger chance
 * holds. Source: Berger, "Multiparameter hypothesis testing and acceptance sampling" (1982), intersection-union tests;
 * the choice among families is paid by Bonferroni in each half, so that it holds however the families depend. A family
 * that stands alone is none of them.
 */
export function jointPValue(
  found: readonly FamilyEvidence[],
  isHardFamily: (family: Family) => boolean,
): number {
  const evidence = found.filter(({ family }) => families[family] !== 'alone')
  const chances = evidence.map(({ pValue }) => pValue).sort((a, b) => a - b)
  const hard = evidence.filter(({ family }) => isHardFamily(family)).map(({ pValue }) => pValue)
  const second = chances[1]
  if (hard.length === 0 || second === undefined) return 1
  return Math.min(1, Math.max(Math.min(...hard) * hard.length, second * (chances.length - 1)))
}

/**
 * The chance that so many actors of an audience belong to crews. A crew was found by what its members did together on
 * several accounts, so that alone corrects a number; the choice between the two ways to a finding is paid for.
 */
export function crewPValue(evidence: readonly FamilyEvidence[]): number {
  const crews = evidence.find(({ family }) => family === 'crews')
  return crews === undefined ? 1 : Math.min(1, 2 * crews.pValue)
}

/**
 * The chance that so much of a number is acts of single actors beyond what a day has hours. A number is one of people: what
 * one of them adds without end is no more people, whoever it is and for whatever reason. So it takes no second family to
 * count each as often as a person plausibly comes, which wrongs nobody; the choice among three ways is paid for.
 */
export function frequencyPValue(evidence: readonly FamilyEvidence[]): number {
  const frequency = evidence.find(({ family }) => family === 'frequency')
  return frequency === undefined ? 1 : Math.min(1, 3 * frequency.pValue)
}

/** Traits that differ beyond doubt. */
function tellingTraits(
  evidence: readonly FamilyEvidence[],
  { traitPValue }: Pick<AudienceParams, 'traitPValue'>,
): TraitName[] {
  const telling = evidence.filter(({ pValue }) => pValue <= traitPValue).map(({ trait }) => trait)
  return traits.map(({ name }) => name).filter((name) => telling.includes(name))
}

/**
 * The trait that tells the most made events from honest ones; undefined where none does. The summaries are asked as well: an
 * event that names no device cannot be seen to share one, and is honest only as often as honest events name none.
 */
export function mostTelling(
  history: AudienceHistory,
  evidence: readonly FamilyEvidence[],
  params: Pick<AudienceParams, 'traitPValue'>,
): TraitName | undefined {
  const telling = tellingTraits(evidence, params)
  if (telling.length === 0) return undefined
  let most: TraitName | undefined
  let least = history.count
  for (const trait of [...telling, ...summaries]) {
    if (trait === 'uncleared' && (history.reference(uncleared)?.mean ?? 1) > mostUnnamed) continue
    const { authentic } = countsBy(trait, history)
    if (authentic >= least) continue
    most = trait
    least = authentic
  }
  return most
}

/** The counts of a history, its honest events told by one trait. */
export function countsBy(trait: TraitName | undefined, history: AudienceHistory): Counts {
  if (trait === undefined) return honestCount(history.count, 0, undefined)
  const index = trustedOf(traitIndex(trait), history.traits)
  return honestCount(history.count, history.traits[index]!, history.reference(index))
}

/**
 * The trait by which honest events are told in one hour or window, of which `carrying` says how many carry each. A few who name
 * no device beside many made events are stragglers of these; where they are many, they are a crowd of their own, of which
 * nobody knows that it was made.
 */
export function trustedOf(trait: number, carrying: ArrayLike<number>): number {
  return trait === uncleared && carrying[made]! < (1 - mostUnnamed) * carrying[uncleared]! ? made : trait
}

/**
 * How many of the events are honest, by one trait. Events without it are honest but for few, and a known share of
 * honest events lacks it, so honest = without / (1 - share): the mixture-proportion bound of Blanchard, Lee and Scott,
 * "Semi-supervised novelty detection" (2010), for a two-cell histogram. Without a reference all are.
 *
 * Where few honest events stand among many made ones, that estimate is coarse; what the hour usually brings is then a
 * second reading, and the two are weighted by their precision, unless they contradict each other.
 */
export function honestCount(
  raw: number,
  carrying: number,
  usual: Reference | undefined,
  expected?: { readonly mean: number; readonly variance: number },
): Counts {
  if (usual === undefined) return { raw, authentic: raw, disputed: 0, low: raw, high: raw }
  const without = raw - Math.min(raw, carrying)
  const lacking = 1 - usual.mean
  const byTrait = Math.min(raw, without / lacking)
  const ofCount = (without * usual.mean) / lacking ** 2
  const ofShare = (byTrait ** 2 * usual.mean) / lacking / (usual.concentration + 1)
  const ofMistakes = (mistakenShare * (raw - byTrait)) ** 2 + mistakenShare * (raw - byTrait)
  let honest = byTrait
  let variance = ofCount + ofShare + ofMistakes
  if (expected !== undefined && (expected.mean - byTrait) ** 2 < 9 * (expected.variance + variance)) {
    const weight = variance / (variance + expected.variance)
    honest = Math.min(raw, byTrait + weight * (expected.mean - byTrait))
    variance *= 1 - weight
  }
  const authentic = Math.round(honest)
  return {
    raw,
    authentic,
    disputed: raw - authentic,
    low: Math.min(authentic, Math.max(0, Math.floor(honest - 1.645 * Math.sqrt(variance)))),
    high: Math.max(authentic, Math.min(raw, Math.ceil(honest + 1.645 * Math.sqrt(variance)))),
  }
}

/**
 * Whether a hard family, or one that stands alone, can be evidence at all, by the least that any share has to exceed; without
 * one there is no finding. Nearly every window is passed over here, before anything is asked of what is usual.
 */
function mayHaveEvidence(
  { count, traits: carrying }: AudienceHistory,
  { minExcess }: Pick<AudienceParams, 'minExcess'>,
): boolean {
  for (const trait of traitsOfFindings) if (carrying[trait]! >= minExcess * count) return true
  return false
}

/**
 * How far the share of a trait of a family must exceed the honest one to be evidence. What corrects a number by itself has to be most of
 * it: the devoted of an honest crowd come again and again as well on a busy day, and make up a fifth of what it does.
 */
export function leastExcess(family: Family, minExcess: number): number {
  return families[family] === 'alone' ? Math.max(minExcess, mostOfNumber) : minExcess
}

function traitPValue(carrying: number, count: number, reference: Reference, minExcess: number): number {
  const { mean, concentration } = reference
  if (carrying / count - mean < minExcess) return 1
  return betaBinomialUpperTail(carrying, count, mean * concentration, (1 - mean) * concentration)
}

export function isHard(
  history: AudienceHistory,
  params: Pick<AudienceParams, 'minNetworks'>,
): (family: Family) => boolean {
  return (family) =>
    families[family] === 'hard' && (family !== 'networks' || history.denseNetworks >= params.minNetworks)
}

/** What a detector has found in a history. */
export function findingOf(
  { name, version, offence }: Pick<AccountDetector, 'name' | 'version' | 'offence'>,
  history: AudienceHistory,
  {
    isCountOnly = false,
    ...judged
  }: Pick<Finding, 'pValue' | 'evidence' | 'tellingTrait' | 'counts'> & { readonly isCountOnly?: boolean },
): Finding {
  const isControlAsked = history.control !== undefined && judged.pValue <= suspicious && !isCountOnly
  return {
    detector: name,
    detectorVersion: version,
    offence,
    accountId: history.accountId,
    kind: history.kind,
    window: history.window,
    surprise: history.surprise,
    operatorEvents: history.traits[operatorDevice]!,
    control: isControlAsked ? controlEvidence(history.control) : [],
    eventIds: history.eventIds,
    ...judged,
    ...(isCountOnly ? { isCountOnly } : {}),
  }
}

/** Those without any of which there is no finding. */
const traitsOfFindings = traits.flatMap(({ family }, trait) =>
  families[family] === 'hard' || families[family] === 'alone' ? [trait] : [],
)
const mostOfNumber = 0.5
const operatorDevice = traitIndex('operator-device')
const made = traitIndex('made')
const uncleared = traitIndex('uncleared')
/** Where more of what is honest names no device, or of what is not cleared, one without tells nothing. */
const mostUnnamed = 0.2
/** Of made events, how many pass for honest ones or draw an honest one in: a few in a hundred either way. */
const mistakenShare = 0.004
/** The chance given where little is moved: above what is suspicious, below what is discarded. */
export const immaterial = 0.01
