import type { AudienceHistory, Reference } from '../../src/detectors/detector'
import type { SeriesKind } from '../../src/model/event'
import { traitCount, traitIndex, traits } from '../../src/model/traits'
import type { TraitName } from '../../src/model/traits'

/** A measured history as a test writes it; what it leaves out is as with an honest audience. */
export interface TestHistory {
  readonly kind?: SeriesKind
  readonly accountId?: string
  readonly count: number
  /** How many of the events carry a trait; of the others as many as is usual. */
  readonly carrying?: Partial<Record<TraitName, number>>
  /** The usual share of a trait, firmly known; 0.05 where left out, undefined where the platform has shown too little. */
  readonly usual?: Partial<Record<TraitName, number | Reference | undefined>>
  readonly denseNetworks?: number
  readonly surprise?: AudienceHistory['surprise']
}

export function historyOf(described: TestHistory): AudienceHistory {
  const { kind = 'click', accountId = 'x', count, carrying = {}, usual = {}, denseNetworks = 12 } = described
  const references = traits.map(({ name }) => referenceOf(name in usual ? usual[name] : 0.05))
  const counts = new Float64Array(traitCount)
  for (const { name, family } of traits) {
    const index = traitIndex(name)
    // Honest accounts are not visited from the device of their operator.
    const honest = family === 'control' ? 0 : Math.floor(count * (references[index]?.mean ?? 0))
    counts[index] = carrying[name] ?? honest
  }
  return {
    accountId,
    kind,
    window: { start: Date.UTC(2026, 0, 5, 14), end: Date.UTC(2026, 0, 5, 15) },
    count,
    traits: counts,
    denseNetworks,
    reference: (trait) => references[trait],
    surprise: described.surprise ?? { observed: count, expected: count, pValue: 0.5 },
    eventIds: ['e1', 'e2'],
  }
}

function referenceOf(usual: number | Reference | undefined): Reference | undefined {
  return typeof usual === 'number' ? { mean: usual, concentration: 60 } : usual
}
