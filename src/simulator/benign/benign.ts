import type { Burst, Deed, SimulatedOffence } from '../burst'
import type { Stage } from '../stage'
import type { Front } from '../weather'

/** Something honest that looks odd: what it is, and how it goes. */
export interface BenignCase {
  readonly name: string
  /** One sentence on what happens. */
  readonly summary: string
  plan(stage: Stage): BenignPlan
}

export interface BenignPlan {
  readonly accounts: readonly number[]
  /** What it might be mistaken for. */
  readonly offence: SimulatedOffence | null
  readonly deeds: readonly Deed[]
  /** Where the whole platform changes rather than one account. */
  readonly fronts?: readonly Front[]
}

/** Lets a case happen; everybody who takes part is honest. */
export function honestBurst(benign: BenignCase, stage: Stage): Burst {
  const { accounts, offence, deeds, fronts = [] } = benign.plan(stage)
  const actors = new Set(deeds.flatMap((deed) => (deed.kind === 'impression' ? [] : [deed.actor])))
  return {
    attack: benign.name,
    campaign: stage.name,
    offence,
    accounts,
    accountLabel: 'honest',
    actors: [...actors],
    actorLabel: 'honest',
    deeds,
    fronts,
  }
}
