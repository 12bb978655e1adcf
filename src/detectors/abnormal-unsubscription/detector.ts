import type { FamilyEvidence } from '../../model/finding'
import { atMost } from '../../model/nearest'
import type { Condition } from '../../model/nearest'
import { discardAbove, suspicious } from '../../model/significance'
import { betaBinomialUpperTail } from '../../windows/tails'
import {
  audienceConditions,
  countsBy,
  crewPValue,
  crowdEvidence,
  crowdPValue,
  findingOf,
  immaterial,
  mostTelling,
} from '../audience'
import type { AudienceParams } from '../audience'
import type { AudienceHistory, Detector, Reference } from '../detector'
import { unsubscriptionParams } from './params'

/** Those who left an account in a window, as an audience, and how they had come. */
export interface DepartureHistory extends AudienceHistory {
  /** Leavers who had subscribed within the same half hour as many of the others. */
  readonly together: number
  /** Leavers who had subscribed less than three days before. */
  readonly brief: number
}

/**
 * Subscribers who leave together. Many leaving convicts nobody, nor does having come together: a scandal, a competition
 * that is over. It takes more departures than this account has, and leavers who are no audience by two families of
 * evidence, one of them hard. Whose doing it was it does not say: the ladder asks for control.
 */
export const abnormalUnsubscription: Detector<DepartureHistory, AudienceParams> = {
  name: 'abnormal-unsubscription',
  version: 2,
  offence: 'abnormal-unsubscription',
  summary: 'Subscribers left together who had been no audience.',
  params: unsubscriptionParams,

  judge(history, params) {
    const { count, surprise } = history
    if (count < params.minCount || surprise.pValue > discardAbove) return undefined
    const evidence = [...crowdEvidence(history, params), arrival(history)]
    const crowd = Math.min(crowdPValue(history, evidence, params), crewPValue(evidence))
    const joint = Math.max(surprise.pValue, crowd)
    if (joint > discardAbove) return undefined
    const tellingTrait = mostTelling(history, evidence, params)
    const counts = countsBy(tellingTrait, history)
    const pValue = counts.disputed < params.minDisputed ? Math.max(joint, immaterial) : joint
    return findingOf(abnormalUnsubscription, history, { pValue, evidence, tellingTrait, counts })
  },

  conditions(history, params) {
    const { count, surprise } = history
    const evidence = [...crowdEvidence(history, params), arrival(history)]
    const crowd = Math.min(crowdPValue(history, evidence, params), crewPValue(evidence))
    const { disputed } = countsBy(mostTelling(history, evidence, params), history)
    const pValue = Math.max(surprise.pValue, crowd)
    return departureConditions({ count, surprise, evidence, pValue, disputed }, params)
  },
}

/** What it asks for, from what was measured or found: what of an audience, and that so many leave. */
export function departureConditions(
  measured: Parameters<typeof audienceConditions>[0] & Pick<DepartureHistory, 'surprise'>,
  params: AudienceParams,
): Condition[] {
  const { pValue, expected } = measured.surprise
  return [
    ...audienceConditions(measured, params),
    atMost('departures', pValue, suspicious, { expected: Math.round(expected) }),
  ]
}

/** How they came; of two ways the surer, the choice paid for. */
function arrival({ count, together, brief }: DepartureHistory): FamilyEvidence {
  const { mean, concentration } = usualArrival
  const tail = (hits: number): number =>
    betaBinomialUpperTail(hits, count, mean * concentration, (1 - mean) * concentration)
  const isTogether = together >= brief
  const hits = Math.min(count, isTogether ? together : brief)
  return {
    family: 'arrival',
    trait: isTogether ? 'together' : 'brief',
    observed: hits / count,
    expected: mean,
    pValue: Math.min(1, 2 * tail(hits)),
  }
}

/** Of honest leavers a third may have come by one show or one lottery: as broad a guess needs no history. */
const usualArrival: Reference = { mean: 0.3, concentration: 8 }
