import type { Policy } from '../policy/policy'
import { ResumableReplay } from '../runtime/resumable-replay'
import type { ReplayState } from '../runtime/resumable-replay'
import type { LogName } from '../runtime/stages'
import { prepare } from '../simulator'
import type { Simulation, SimulationOptions } from '../simulator'
import type { Adversary, Attack, Settings } from '../simulator/adversary'
import { hourMs } from '../simulator/season'
import { chunksOf } from './simulated'

/**
 * The platform on which attackers are tried. It is left alone for a day, since a platform that has shown little yet says
 * of hardly anything that it is unusual; a day for the attack; and four hours in which it may still be found.
 */
const trialOptions = { scenario: 'quiet', hours: 52, events: 30_000, accounts: 100, actors: 2_500 } as const
const learningHours = 24
/** What the attacker is called in the labels. */
const campaign = 'attacker-1'

export interface Judge {
  readonly policy: Policy
  readonly key: Uint8Array
}

/** A seed, and how many ordinary events where it is not the usual number; an attack is of a platform of its size. */
export interface Size {
  readonly seed: number
  readonly events?: number | undefined
}

/** Somebody who attacks one way, alone on the platform of a seed. */
export interface PlannedAttack {
  readonly attack: Attack
  readonly simulation: Simulation
  /** The labels of the attacker's accounts and actors. */
  readonly own: Simulation['labels']
}

/** Plans without playing: what it costs is known from it, what comes of it is not. */
export function planAttack(
  adversary: Adversary,
  settings: Settings,
  { units, seed, events }: { units: number } & Size,
): PlannedAttack {
  let attack: Attack | undefined
  const simulation = prepare(optionsOf({ seed, events }), (open) => {
    const stage = open(campaign).confined({ learningHours, hours: Number(settings['hours']) })
    attack = adversary.plan(stage, units, settings)
    return attack.bursts
  })
  const own = simulation.labels.filter((label) => label.campaign === campaign)
  return { attack: attack!, simulation, own }
}

/** Takes a record of what comes out: a verdict, a correction. */
export type Take = (log: LogName, record: Uint8Array) => void

/**
 * The platform of a seed, folded once up to where attacks begin, since until then it is the same in every trial: a burst
 * leaves every byte of the ordinary traffic as it was.
 */
export class TrialPlatform {
  private constructor(
    private readonly judge: Judge,
    /** What it wrote in its day alone, chunk by chunk. */
    private readonly alone: readonly Buffer[],
    private readonly state: ReplayState,
    private readonly told: readonly { readonly log: LogName; readonly record: Uint8Array }[],
  ) {}

  static async of(size: Size, judge: Judge): Promise<TrialPlatform> {
    const simulation = prepare(optionsOf(size), () => [])
    const attackMs = simulation.options.startMs + learningHours * hourMs
    const alone: Buffer[] = []
    let isOver = false
    const chunks = function* (): Generator<Buffer> {
      // A slice is written before it is delivered, so the first that is written of the attacked time is not taken.
      for (const chunk of simulation.records(({ timeMs }) => (isOver ||= timeMs >= attackMs))) {
        if (isOver) return
        alone.push(chunk)
        yield chunk
      }
    }
    const told: { log: LogName; record: Uint8Array }[] = []
    const replay = new ResumableReplay({
      ...judge,
      source: { name: sourceName, read: () => chunksOf(chunks()) },
      isStopping: () => isOver,
      take: (log, record) => told.push({ log, record }),
    })
    await replay.run()
    return new TrialPlatform(judge, alone, replay.save(), told)
  }

  /**
   * Plays a simulation of this platform and hands on what a replay of all of it would put out, the same bytes; as far as
   * `isStopping` lets it. One that begins otherwise than the platform alone, with deeds before the attack, is folded
   * from its beginning.
   */
  async play(simulation: Simulation, take: Take, isStopping: () => boolean = () => false): Promise<void> {
    const records = simulation.records()[Symbol.iterator]()
    const begin: Buffer[] = []
    let isAlike = true
    for (const known of this.alone) {
      const next = records.next()
      if (next.done === true) break
      begin.push(next.value)
      isAlike = next.value.equals(known)
      if (!isAlike) break
    }
    const replay = new ResumableReplay({
      ...this.judge,
      source: {
        name: sourceName,
        read: (fromPosition) => chunksOf(joined(behind(begin, fromPosition), records), fromPosition),
      },
      isStopping,
      take,
    })
    if (isAlike) {
      for (const { log, record } of this.told) take(log, record)
      replay.load(this.state)
    }
    await replay.run()
  }
}

function optionsOf({ seed, events = trialOptions.events }: Size): Partial<SimulationOptions> {
  return { ...trialOptions, events, seed }
}

const sourceName = 'simulation'

/** Records from a place on, which may be in the middle of one. */
function* behind(records: readonly Buffer[], fromPosition: number): Generator<Buffer> {
  let start = 0
  for (const record of records) {
    const end = start + record.length
    if (end > fromPosition) yield record.subarray(Math.max(0, fromPosition - start))
    start = end
  }
}

function* joined(begin: Iterable<Buffer>, rest: Iterator<Buffer>): Generator<Buffer> {
  yield* begin
  yield* left(rest)
}

function* left(rest: Iterator<Buffer>): Generator<Buffer> {
  for (let next = rest.next(); next.done !== true; next = rest.next()) yield next.value
}
