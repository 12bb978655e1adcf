import { benignSuite } from '../benign'
import type { BenignCase } from '../benign/benign'
import { honestBurst } from '../benign/benign'
import type { Scenario } from './scenario'

const defaults = { hours: 48, events: 260_000, actors: 8_000 }

export const benign: Scenario = {
  name: 'benign',
  summary: 'Everything honest that a careless detector would call fraud, all in two days.',
  defaults,
  plan: (open) => benignSuite.map((happening) => honestBurst(happening, open(happening.name))),
}

/** Each case of the suite by itself, to find out which of them is misjudged. */
export const benignSingles: readonly Scenario[] = benignSuite.map(single)

function single(happening: BenignCase): Scenario {
  const { name, summary } = happening
  return { name, summary, defaults, plan: (open) => [honestBurst(happening, open(name))] }
}
