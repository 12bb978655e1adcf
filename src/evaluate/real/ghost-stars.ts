import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Random } from '../../simulator/random'
import { jointActionsDefaults } from '../../views/crew/joint-actions'
import { partsOf, readCsv } from './csv'
import { groupsIn } from './joint-groups'
import type { RealAct } from './joint-groups'
import type { RealResult } from './result'
import { told } from './result'

/**
 * Stars on GitHub that a service sold, laid over two streams of honest traffic, plain and with what a seller can do about
 * being seen: delay every star at random, hide it among three popular actions, both. Accounts are scored that are in a
 * group; a target stands for its owner.
 */
export async function* evaluateGhostStars(folder: string): AsyncGenerator<RealResult> {
  const bought = await readActs([join(folder, 'events.csv.gz')], {
    actor: 'actor',
    object: 'target',
    only: { column: 'kind', value: 'subscribe' },
    prefix: 'bought ',
  })
  for (const background of backgrounds) {
    const home = join(folder, '..', background.set)
    if (existsSync(home)) yield* laidOver(bought, background, await background.read(home))
    else yield told(set, `over ${background.set}`, 'the data set is not there')
  }
}

function* laidOver(
  bought: readonly RealAct[],
  { set: name, references, mayFlag }: Background,
  honest: readonly RealAct[],
): Generator<RealResult> {
  const truth = truthOf(bought)
  const organic = groupsIn(honest, whole).flat().length
  yield {
    ...told(set, `over ${name}, without bought stars: accounts in groups`, organic, '0'),
    ...(mayFlag ? {} : { goal: '0', reached: organic === 0 }),
  }
  for (const [scenario, trick] of Object.entries(tricks)) {
    const acts = mixed({ bought, honest, ...trick })
    const score = scoreOf(groupsIn(acts, whole).flat(), truth)
    const { reference = '', precision, recall } = references[scenario]!
    yield {
      ...told(set, `over ${name}, ${scenario}: P, R, R5`, inWords(score), reference),
      goal: `P ${precision}, R ${recall}`,
      reached: score.precision >= precision && score.recall >= recall,
    }
    const other = scoreOf(groupsIn(acts, asItRuns).flat(), truth)
    yield told(set, `over ${name}, ${scenario}, as it runs: P, R, R5`, inWords(other))
  }
}

/** Bought actions, moved so that the midpoints of both streams meet, among honest ones. */
function mixed({ bought, honest, delayMs, camouflage }: Mixture): RealAct[] {
  const random = new Random(1, `ghost-stars ${delayMs} ${camouflage}`)
  const moveMs = Math.round((midpoint(honest) - midpoint(bought)) / 1000) * 1000
  const made = bought.flatMap((act) => {
    const timeMs = act.timeMs + moveMs + random.between(0, delayMs)
    // Drawn from honest acts, objects come as often as they are popular.
    const hiding = Array.from({ length: camouflage }, () => ({
      actor: act.actor,
      object: random.pick(honest).object,
      timeMs: timeMs + random.between(-nearMs, nearMs),
    }))
    return [{ ...act, timeMs }, ...hiding]
  })
  return firstOfEach([...honest, ...made])
}

interface Trick {
  readonly delayMs: number
  /** Actions on popular objects for each one that was bought. */
  readonly camouflage: number
}

interface Mixture extends Trick {
  readonly bought: readonly RealAct[]
  readonly honest: readonly RealAct[]
}

/** In order of time; of each actor on an object the first. */
function firstOfEach(acts: readonly RealAct[]): RealAct[] {
  const seen = new Set<string>()
  return [...acts]
    .sort((a, b) => a.timeMs - b.timeMs || (a.actor < b.actor ? -1 : a.actor > b.actor ? 1 : 0))
    .filter(({ actor, object }) => {
      const key = `${actor} ${object}`
      return !seen.has(key) && seen.add(key)
    })
}

interface Truth {
  readonly all: ReadonlySet<string>
  /** Those with five bought actions or more. */
  readonly busy: ReadonlySet<string>
}

function truthOf(bought: readonly RealAct[]): Truth {
  const counts = new Map<string, number>()
  for (const { actor } of firstOfEach(bought)) counts.set(actor, (counts.get(actor) ?? 0) + 1)
  return {
    all: new Set(counts.keys()),
    busy: new Set([...counts].filter(([, count]) => count >= 5).map(([actor]) => actor)),
  }
}

interface Score {
  readonly precision: number
  readonly recall: number
  readonly recallBusy: number
}

function scoreOf(flagged: readonly string[], { all, busy }: Truth): Score {
  const hits = flagged.filter((actor) => all.has(actor)).length
  return {
    precision: flagged.length === 0 ? 0 : hits / flagged.length,
    recall: hits / all.size,
    recallBusy: flagged.filter((actor) => busy.has(actor)).length / busy.size,
  }
}

function inWords({ precision, recall, recallBusy }: Score): string {
  return [precision, recall, recallBusy].map((share) => share.toFixed(3)).join(', ')
}

interface Background {
  readonly set: string
  /** Whether it is known to hold some coordination of its own. */
  readonly mayFlag: boolean
  readonly read: (folder: string) => Promise<RealAct[]>
  readonly references: Readonly<Record<string, Reference>>
}

/** What others measured by the same construction, and what must be reached. */
interface Reference {
  readonly reference?: string
  readonly precision: number
  readonly recall: number
}

const backgrounds: readonly Background[] = [
  {
    set: 'coortweet-ru',
    mayFlag: true,
    read: async (folder) =>
      firstOfEach(await readActs([join(folder, 'retweets.csv.gz')], { actor: 'account', object: 'object' })),
    references: {
      plain: { reference: '0.982, 0.903, 0.991 in 10 min', precision: 0.98, recall: 0.9 },
      'delay of 1 h': { reference: '0.816, 0.906, 1.000 in 1 h', precision: 0.9, recall: 0.9 },
      'delay of 6 h': { reference: '0.801, 0.906, 1.000 in 1 day', precision: 0.9, recall: 0.9 },
      'delay of 24 h': { reference: '0.806, 0.906, 1.000 in 1 day', precision: 0.9, recall: 0.9 },
      'camouflage 3 to 1': { reference: '0.980, 0.842, 0.906 in 10 min', precision: 0.98, recall: 0.84 },
      'both, 24 h': { reference: 'none found', precision: 0.9, recall: 0.5 },
    },
  },
  {
    set: 'ced-weibo',
    mayFlag: false,
    read: async (folder) =>
      densest(firstOfEach(await readActs(weiboParts(folder), weiboColumns)), 140 * dayMs),
    references: {
      plain: { reference: '1.000, 0.906, 1.000 in 1 day', precision: 0.98, recall: 0.89 },
      'delay of 1 h': { precision: 0.98, recall: 0.89 },
      'delay of 6 h': { precision: 0.98, recall: 0.89 },
      'delay of 24 h': { reference: '1.000, 0.906, 1.000 in 1 day', precision: 0.98, recall: 0.89 },
      'camouflage 3 to 1': { reference: 'P 1.000, R 0.819 in 10 min', precision: 0.98, recall: 0.81 },
      'both, 24 h': { precision: 0.9, recall: 0.5 },
    },
  },
]

const weiboColumns = { actor: 'actor', object: 'target' } as const

function weiboParts(folder: string): string[] {
  return partsOf(folder, 'reposts-').filter((part) => /reposts-[23]\.csv\.gz$/.test(part))
}

/** The span that holds most acts. */
function densest(acts: readonly RealAct[], spanMs: number): RealAct[] {
  let best = { from: 0, to: 0 }
  let from = 0
  for (let to = 1; to <= acts.length; to++) {
    while (acts[from]!.timeMs < acts[to - 1]!.timeMs - spanMs) from++
    if (to - from > best.to - best.from) best = { from, to }
  }
  return acts.slice(best.from, best.to)
}

async function readActs(
  files: readonly string[],
  { actor, object, only, prefix = '' }: Columns,
): Promise<RealAct[]> {
  const acts: RealAct[] = []
  const columns = ['ts', actor, object, ...(only === undefined ? [] : [only.column])]
  for (const file of files) {
    for await (const row of readCsv(file, columns)) {
      if (only !== undefined && row[only.column] !== only.value) continue
      acts.push({
        actor: prefix + row[actor]!,
        object: prefix + row[object]!,
        timeMs: Number(row['ts']) * 1000,
      })
    }
  }
  return acts
}

interface Columns {
  readonly actor: string
  readonly object: string
  readonly only?: { readonly column: string; readonly value: string }
  /** Keeps the ids of two streams apart. */
  readonly prefix?: string
}

function midpoint(acts: readonly RealAct[]): number {
  let first = Number.POSITIVE_INFINITY
  let last = Number.NEGATIVE_INFINITY
  for (const { timeMs } of acts) {
    first = Math.min(first, timeMs)
    last = Math.max(last, timeMs)
  }
  return (first + last) / 2
}

const set = 'ghost-stars'
const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** Camouflage happens within an hour of what it hides. */
const nearMs = hourMs

const tricks: Readonly<Record<string, Trick>> = {
  plain: { delayMs: 0, camouflage: 0 },
  'delay of 1 h': { delayMs: hourMs, camouflage: 0 },
  'delay of 6 h': { delayMs: 6 * hourMs, camouflage: 0 },
  'delay of 24 h': { delayMs: 24 * hourMs, camouflage: 0 },
  'camouflage 3 to 1': { delayMs: 0, camouflage: 3 },
  'both, 24 h': { delayMs: 24 * hourMs, camouflage: 3 },
}

/** As the references count: over the whole stream, and every act. */
const whole = { horizonMs: 3650 * dayMs, isThinned: false }
/** By default acts are thinned, and remembered for three months. */
const asItRuns = { horizonMs: jointActionsDefaults.horizonMs, isThinned: true }
