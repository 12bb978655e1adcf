import type { Burst } from './burst'
import { labelsOf } from './labels'
import type { Label } from './labels'
import type { SimulationOptions } from './options'
import { checkOptions, defaultOptions, endOf } from './options'
import { OrdinaryTraffic } from './ordinary'
import { Player } from './player'
import { Random } from './random'
import { findScenario } from './scenarios'
import type { Scenario } from './scenarios/scenario'
import type { Witness } from './scribe'
import { Scribe } from './scribe'
import { minuteMs } from './season'
import { Stage } from './stage'
import type { HourCount } from './truth'
import { Ledger } from './truth'
import { weatherAt } from './weather'
import { Wire } from './wire'
import type { World } from './world'
import { buildWorld } from './world'

/** The platform is simulated in slices: what happens within one is drawn together and sorted by arrival. */
const sliceMs = 5 * minuteMs

/** A simulation that is planned but has not run. Its records can be taken once. */
export interface Simulation {
  readonly options: SimulationOptions
  readonly labels: readonly Label[]
  /** Records as lines of JSON in the order of their arrival; every buffer holds whole lines. */
  records(witness?: Witness): Iterable<Buffer>
  /** What the numbers of the attacked accounts were in truth; complete when the records have been taken. */
  truth(): readonly HourCount[]
}

/**
 * Plans a simulation: who there is, what they publish, and what will happen out of the ordinary: what the scenario says, or
 * the plan in its stead.
 */
export function prepare(wanted: Partial<SimulationOptions> = {}, plan?: Scenario['plan']): Simulation {
  const options = resolveOptions(wanted)
  const world = buildWorld(options)
  const bursts = planBursts(world, plan === undefined ? findScenario(options.scenario) : { plan })
  const ledger = new Ledger(world, bursts)
  return {
    options,
    labels: labelsOf(world, bursts),
    records: (witness) =>
      run(world, bursts, (fact) => {
        ledger.note(fact)
        witness?.(fact)
      }),
    truth: () => ledger.counts(),
  }
}

/** Records as lines of JSON, in the order in which they arrive. The same options give the same bytes. */
export function simulate(wanted: Partial<SimulationOptions> = {}, witness?: Witness): Iterable<Buffer> {
  return prepare(wanted).records(witness)
}

/** What each account and actor that took part in something out of the ordinary is in truth. */
export function labels(wanted: Partial<SimulationOptions> = {}): readonly Label[] {
  return prepare(wanted).labels
}

/** True honest and bought counts of every attacked account-hour; runs the whole simulation to count them. */
export function truth(wanted: Partial<SimulationOptions> = {}): readonly HourCount[] {
  const simulation = prepare(wanted)
  let remaining = 0
  for (const chunk of simulation.records()) remaining += chunk.length
  return remaining > 0 ? simulation.truth() : []
}

/** What was asked for, the scenario's own sizes where nothing was, and the usual for the rest. */
export function resolveOptions(wanted: Partial<SimulationOptions>): SimulationOptions {
  const scenario = findScenario(wanted.scenario ?? defaultOptions.scenario)
  const options = { ...defaultOptions, ...scenario.defaults, ...wanted, scenario: scenario.name }
  return checkOptions(options, scenario.leastHours)
}

function planBursts(world: World, scenario: Pick<Scenario, 'plan'>): readonly Burst[] {
  const taken = new Set<number>()
  return scenario.plan((name) => new Stage(world, name, taken), world.options)
}

function* run(world: World, bursts: readonly Burst[], witness: Witness): Generator<Buffer> {
  const { options, names, accounts } = world
  const { seed, startMs } = options
  const endMs = endOf(options)
  const wire = new Wire(startMs, sliceMs, new Random(seed, 'storms'))
  const desk = { names, accounts, wire, endMs, witness }
  // A scribe each, with ids and delays of its own: a burst then leaves every byte of the ordinary traffic as it was.
  const ordinaryScribe = new Scribe({ ...desk, firstId: 0, random: new Random(seed, 'ordinary wire') })
  const burstScribe = new Scribe({ ...desk, firstId: 1, random: new Random(seed, 'burst wire') })
  const ordinary = new OrdinaryTraffic(world, ordinaryScribe, sliceMs)
  const player = new Player(bursts, world, burstScribe, new Random(seed, 'player'), ordinary)
  const fronts = bursts.flatMap((burst) => burst.fronts)

  for (let timeMs = startMs; timeMs < endMs; timeMs += sliceMs) {
    const weather = weatherAt(fronts, timeMs)
    wire.stormShare = weather.stormShare
    ordinary.pass(timeMs, weather)
    player.playUntil(timeMs + sliceMs)
    yield* wire.deliver()
  }
  while (wire.isBusy()) yield* wire.deliver()
}
