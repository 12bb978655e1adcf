import type { Burst, SimulatedOffence } from '../burst'
import type { Stage } from '../stage'

/** What an attacker can set, and to what, from careless to careful. */
export type Knobs = Readonly<Record<string, readonly (number | string)[]>>

/** One value of each knob. */
export type Settings = Readonly<Record<string, number | string>>

/** How somebody goes about one offence who knows the code: what he can set, what it costs him, and what he then does. */
export interface Adversary {
  readonly offence: SimulatedOffence
  /** What he wants to add. */
  readonly unit: string
  readonly knobs: Knobs
  /** Those that decide what it costs. */
  readonly costKnobs: readonly string[]
  /** Plans to add so many units; from the end of the warm-up on, within `hours`. */
  plan(stage: Stage, units: number, settings: Settings): Attack
}

/** What an attacker does, and what he needs for it. */
export interface Attack {
  /** His own burst first; others tell of those whom he uses. */
  readonly bursts: readonly Burst[]
  /** Accounts under his control: of actors, or public ones. */
  readonly accounts: number
}

/** The hours that an attack may take. */
export const hoursToTake = [1, 4, 12, 24] as const

export function numberIn(settings: Settings, knob: string): number {
  return Number(settings[knob])
}
