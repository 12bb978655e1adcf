import type { SimulationOptions } from '../../src/simulator/options'
import type { Fact } from '../../src/simulator/scribe'
import type { Label } from '../../src/simulator/labels'
import { prepare } from '../../src/simulator/simulation'
import type { HourCount } from '../../src/simulator/truth'

/** A record as its reader sees it. */
export type ReadRecord = Readonly<Record<string, unknown>> & {
  readonly kind: string
  readonly eventId: string
  readonly occurredAt: number | string
  readonly actorId: string
  readonly accountId: string
}

/** A whole simulation in memory, for tests: its lines, what they say, and what is true of them. */
export interface Collected {
  readonly lines: readonly string[]
  readonly records: readonly ReadRecord[]
  readonly facts: ReadonlyMap<string, Fact>
  readonly labels: readonly Label[]
  readonly truth: readonly HourCount[]
  readonly options: SimulationOptions
}

export function collect(wanted: Partial<SimulationOptions>): Collected {
  const simulation = prepare(wanted)
  const facts = new Map<string, Fact>()
  const chunks = [...simulation.records((fact) => facts.set(fact.eventId, fact))]
  const lines = Buffer.concat(chunks).toString().trimEnd().split('\n')
  return {
    lines,
    records: lines.map((line) => JSON.parse(line) as ReadRecord),
    facts,
    labels: simulation.labels,
    truth: simulation.truth(),
    options: simulation.options,
  }
}

/** Every record once, without its repeats. */
export function unrepeated(records: readonly ReadRecord[]): ReadRecord[] {
  return [...new Map(records.map((record) => [record.eventId, record])).values()]
}

export function timeOf(record: ReadRecord): number {
  return typeof record.occurredAt === 'number' ? record.occurredAt : Date.parse(record.occurredAt)
}
