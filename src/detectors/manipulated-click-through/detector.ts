import type { Counts, FamilyEvidence, Finding } from '../../model/finding'
import { atLeast, atMost } from '../../model/nearest'
import type { Condition } from '../../model/nearest'
import { discardAbove, suspicious } from '../../model/significance'
import { families } from '../../model/traits'
import type { Family } from '../../model/traits'
import { betaBinomialUpperTail } from '../../windows/tails'
import { countsBy, crowdEvidence, findingOf, immaterial, isHard, mostTelling } from '../audience'
import type { AudienceHistory, Detector, Reference } from '../detector'
import { lowerPValue, nearestUsual, upperPValue } from '../share-test'
import type { ShareTest } from '../share-test'
import { clickThroughParams } from './params'
import type { ClickThroughParams } from './params'

/** The clicks of an account in a window, beside what was shown of it and what followed. */
export interface ClickThroughHistory extends AudienceHistory {
  /** Clicks for which the article must have been shown: from feeds and searches. */
  readonly needing: number
  readonly impressions: number
  /** Such clicks of all impressions; undefined where impressions of this account have never been told. */
  readonly exposure: ShareTest | undefined
  /** Clicks that a subscription, forward or comment followed. */
  readonly response: ShareTest
  /** Impressions that went to devices with far too many of them, and how many such devices there are, about. */
  readonly heavyImpressions: number
  readonly heavyDevices: number
}

/**
 * Clicks and impressions as one joint test. A rate out of the ordinary convicts nobody: counters break, adverts and
 * headlines work, a chat needs no feed. So a finding needs besides that whoever clicked (or was shown) carries what an
 * honest crowd does not in number: the families that are hard, as for any audience.
 */
export const manipulatedClickThrough: Detector<ClickThroughHistory, ClickThroughParams> = {
  name: 'manipulated-click-through',
  version: 1,
  offence: 'manipulated-click-through',
  summary: 'Clicks and impressions do not belong together, and those behind them are no audience.',
  params: clickThroughParams,

  judge(history, params) {
    return history.exposure === undefined
      ? unanswered(history, history.response, params)
      : (unexposed(history, history.exposure, params) ?? stuffed(history, history.exposure, params))
  },

  conditions(history, params) {
    const { exposure, response, count } = history
    if (exposure === undefined) {
      const sign = signOf('unanswered', response, lowerPValue(response, params.minFactor))
      return [atLeast('count', count, params.minClicks), ...clickConditions(history, sign, undefined, params)]
    }
    if (exposure.hits / exposure.trials < nearestUsual(exposure))
      return stuffedConditions(history, exposure, params)
    const sign = signOf('unexposed', exposure, upperPValue(exposure, params.minFactor))
    return [
      atLeast('needing', history.needing, params.minClicks),
      ...clickConditions(history, sign, excessOf(history, exposure), params),
    ]
  },
}

/** What the detector asks for beside a number of events, from what was found. */
export function clickThroughConditions(
  { evidence, disputed, pValue }: Pick<Finding, 'evidence' | 'pValue'> & { readonly disputed: number },
  { minFactor, minExcess, minDisputed }: ClickThroughParams,
): Condition[] {
  const hard = evidence.filter((one) => families[one.family] === 'hard' && one.pValue <= suspicious)
  return [
    ...evidence.map((one): Condition => {
      const { family, trait, observed, expected, pValue: chance } = one
      const told = { of: trait, observed, expected, pValue: chance }
      // A finding tells of clicks that nothing was shown for how many of all they are, and no rate.
      const isShare = (family !== 'exposure' && family !== 'response') || expected === 0
      if (isShare) {
        const needed = expected + minExcess
        return { name: 'trait', ...told, needed, isMet: observed >= needed && chance <= suspicious }
      }
      const needed = trait === 'unexposed' ? expected * minFactor : expected / minFactor
      return { name: 'rate', ...told, needed, isMet: chance <= suspicious }
    }),
    atLeast('hard-families', hard.length, 1),
    atLeast('disputed', disputed, minDisputed),
    atMost('chance', pValue, suspicious),
  ]
}

function signOf(
  trait: 'unexposed' | 'unanswered' | 'unclicked',
  share: ShareTest,
  pValue: number,
): FamilyEvidence {
  const observed = Math.min(1, share.hits / Math.max(1, share.trials))
  const family = trait === 'unanswered' ? 'response' : 'exposure'
  return { family, trait, observed, expected: nearestUsual(share), pValue }
}

function clickConditions(
  history: ClickThroughHistory,
  sign: FamilyEvidence,
  excess: Counts | undefined,
  params: ClickThroughParams,
): Condition[] {
  const crowd = crowdEvidence(history, params)
  const pValue = Math.max(sign.pValue, hardPValue(crowd, isHard(history, params)))
  const { disputed } = excess ?? countsBy(mostTelling(history, crowd, params), history)
  return clickThroughConditions({ evidence: [sign, ...crowd], disputed, pValue }, params)
}

function stuffedConditions(
  { impressions, heavyImpressions, heavyDevices }: ClickThroughHistory,
  exposure: ShareTest,
  params: ClickThroughParams,
): Condition[] {
  const observed = impressions === 0 ? 0 : Math.min(1, heavyImpressions / impressions)
  const sign = signOf('unclicked', exposure, lowerPValue(exposure, params.minFactor))
  const pDevices = impressions === 0 ? 1 : heavyPValue(heavyImpressions, impressions)
  const heavy = { family: 'devices', trait: 'heavy-device', observed, expected: usualHeavy.mean } as const
  const evidence = [sign, { ...heavy, pValue: pDevices }]
  const { disputed } = stuffedCounts(impressions, observed)
  const pValue = Math.max(sign.pValue, pDevices)
  return [
    atLeast('impressions', impressions, params.minImpressions),
    atLeast('heavy-devices', heavyDevices, params.minDevices),
    ...clickThroughConditions({ evidence, disputed, pValue }, params),
  ]
}

/** More clicks that need an impression than there were impressions for. */
function unexposed(
  history: ClickThroughHistory,
  exposure: ShareTest,
  params: ClickThroughParams,
): Finding | undefined {
  const { needing, count } = history
  if (needing < params.minClicks) return undefined
  const pValue = upperPValue(exposure, params.minFactor)
  if (pValue > discardAbove) return undefined
  const excess = excessOf(history, exposure)
  const share = excess.disputed / count
  const sign: FamilyEvidence = {
    family: 'exposure',
    trait: 'unexposed',
    observed: share,
    expected: 0,
    pValue,
  }
  return ofClicks(history, sign, excess, params)
}

/** Where no impressions are told: far fewer clicks than usual that anything followed. */
function unanswered(
  history: ClickThroughHistory,
  response: ShareTest,
  params: ClickThroughParams,
): Finding | undefined {
  if (history.count < params.minClicks) return undefined
  const pValue = lowerPValue(response, params.minFactor)
  if (pValue > discardAbove) return undefined
  const observed = response.hits / response.trials
  const expected = nearestUsual(response)
  const sign: FamilyEvidence = { family: 'response', trait: 'unanswered', observed, expected, pValue }
  return ofClicks(history, sign, undefined, params)
}

function ofClicks(
  history: ClickThroughHistory,
  sign: FamilyEvidence,
  excess: Counts | undefined,
  params: ClickThroughParams,
): Finding | undefined {
  const crowd = crowdEvidence(history, params)
  const joint = Math.max(sign.pValue, hardPValue(crowd, isHard(history, params)))
  if (joint > discardAbove) return undefined
  const counts = excess ?? countsBy(mostTelling(history, crowd, params), history)
  const pValue = counts.disputed < params.minDisputed ? Math.max(joint, immaterial) : joint
  // It says of no single click that it was made, so hours are corrected by what the audience tells, and not by this.
  return findingOf(manipulatedClickThrough, history, { pValue, evidence: [sign, ...crowd], counts })
}

/** Far too few clicks for what was shown, and shown to devices that saw this account again and again. */
function stuffed(
  history: ClickThroughHistory,
  exposure: ShareTest,
  params: ClickThroughParams,
): Finding | undefined {
  const { impressions, heavyImpressions, heavyDevices } = history
  if (impressions < params.minImpressions || heavyDevices < params.minDevices) return undefined
  const pRate = lowerPValue(exposure, params.minFactor)
  const pDevices = heavyPValue(heavyImpressions, impressions)
  const joint = Math.max(pRate, pDevices)
  if (joint > discardAbove) return undefined
  const heavy = Math.min(1, heavyImpressions / impressions)
  const counts = stuffedCounts(impressions, heavy)
  const pValue = counts.disputed < params.minDisputed ? Math.max(joint, immaterial) : joint
  const expected = nearestUsual(exposure)
  return {
    ...findingOf(manipulatedClickThrough, history, {
      pValue,
      evidence: [
        {
          family: 'exposure',
          trait: 'unclicked',
          observed: Math.min(1, exposure.hits / exposure.trials),
          expected,
          pValue: pRate,
        },
        {
          family: 'devices',
          trait: 'heavy-device',
          observed: heavy,
          expected: usualHeavy.mean,
          pValue: pDevices,
        },
      ],
      counts,
    }),
    kind: 'impression',
    surprise: {
      observed: impressions,
      expected: Math.round(exposure.hits / Math.max(1e-4, expected)),
      pValue: pRate,
    },
    // Clicks are no evidence of what was shown, and nobody is behind an impression.
    eventIds: [],
    operatorEvents: 0,
  }
}

/** The chance of the surest hard family, the choice among them paid for (Bonferroni). */
function hardPValue(evidence: readonly FamilyEvidence[], isHardFamily: (family: Family) => boolean): number {
  const hard = evidence.filter(({ family }) => isHardFamily(family)).map(({ pValue }) => pValue)
  return hard.length === 0 ? 1 : Math.min(1, Math.min(...hard) * hard.length)
}

/** How many of the clicks are more than the impressions account for, at the usual rate that is nearest. */
function excessOf({ count, needing, impressions }: ClickThroughHistory, { usual }: ShareTest): Counts {
  const { mean, concentration } = usual.reduce((high, one) => (one.mean > high.mean ? one : high))
  const expected = Math.min(needing, mean * impressions)
  const spread = impressions * Math.sqrt((mean * (1 - mean)) / (concentration + 1))
  const authentic = count - needing + Math.round(expected)
  return {
    raw: count,
    authentic,
    disputed: count - authentic,
    low: Math.min(authentic, Math.max(count - needing, Math.floor(authentic - 1.645 * spread))),
    high: Math.max(authentic, Math.min(count, Math.ceil(authentic + 1.645 * spread))),
  }
}

function heavyPValue(heavy: number, impressions: number): number {
  const trials = Math.min(impressions, 1000)
  const hits = Math.floor(Math.min(1, heavy / impressions) * trials)
  const { mean, concentration } = usualHeavy
  return betaBinomialUpperTail(hits, trials, mean * concentration, (1 - mean) * concentration)
}

function stuffedCounts(impressions: number, heavy: number): Counts {
  const authentic = Math.round(impressions * (1 - heavy))
  const { mean } = usualHeavy
  const high = Math.min(impressions, Math.round(authentic / (1 - mean)))
  return { raw: impressions, authentic, disputed: impressions - authentic, low: authentic, high }
}

/** Screens in halls and people who cannot stop: as broad a guess as this needs no history of the platform. */
const usualHeavy: Reference = { mean: 0.05, concentration: 8 }
