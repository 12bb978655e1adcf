import type { Burst } from '../burst'
import type { SimulationOptions } from '../options'
import type { Stage } from '../stage'

/** Opens a stage for a burst of that name; two stages share the world and no account. */
export type OpenStage = (name: string) => Stage

/** A story that a simulation tells, on top of ordinary traffic. */
export interface Scenario {
  readonly name: string
  /** One sentence for the list of scenarios. */
  readonly summary: string
  readonly defaults: Partial<SimulationOptions>
  /** Where the story does not fit into less. */
  readonly leastHours?: number
  /** How many seeds, one after the other, show all of it; missing where each seed does. */
  readonly seeds?: number
  plan(open: OpenStage, options: SimulationOptions): readonly Burst[]
}
