import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readCsv } from './csv'
import type { RealEvent } from './play'
import { organicFigures, play } from './play'
import type { Share } from './rapid-pairs'
import { rapidPairs } from './rapid-pairs'
import type { RealResult } from './result'
import { told } from './result'

/**
 * Retweets in Russian, some of them coordinated: nobody may be sanctioned, and pairs that retweet within a minute must be
 * counted as the package CooRTweet counts them.
 */
export async function* evaluateCoortweetRu(folder: string): AsyncGenerator<RealResult> {
  const shares: Share[] = []
  for await (const { ts, account, object, content } of readCsv(join(folder, 'retweets.csv.gz'), columns)) {
    shares.push({ account, object, content, timeMs: Number(ts) * 1000 })
  }
  // The file is in no order.
  shares.sort((a, b) => a.timeMs - b.timeMs)
  const reference = join(folder, 'reference-edges-60s.csv.gz')
  if (existsSync(reference)) yield* pairFigures(shares, await readReference(reference))
  yield* organicFigures(set, await play([shares.map(eventOf)]))
}

function* pairFigures(
  shares: readonly Share[],
  reference: ReadonlyMap<string, number>,
): Generator<RealResult> {
  const weights = rapidPairs(shares, { windowMs: minuteMs })
  // The second time, when the code is compiled.
  const startMs = performance.now()
  rapidPairs(shares, { windowMs: minuteMs })
  const perSecond = shares.length / ((performance.now() - startMs) / 1000)
  const same = [...reference].filter(([pair, weight]) => weights.get(pair) === weight).length
  yield {
    ...told(
      set,
      'pairs within a minute',
      `${same} of ${reference.size} as CooRTweet, ${weights.size} in all`,
    ),
    goal: `${reference.size} and no more`,
    reached: same === reference.size && weights.size === reference.size,
  }
  yield {
    ...told(set, 'retweets a second through counting pairs', Math.round(perSecond), '1,400 (CooRTweet)'),
    goal: 'at least 100,000',
    reached: perSecond >= 100_000,
  }
}

async function readReference(file: string): Promise<Map<string, number>> {
  const weights = new Map<string, number>()
  for await (const { from, to, weight } of readCsv(file, ['from', 'to', 'weight'])) {
    weights.set(from < to ? `${from} ${to}` : `${to} ${from}`, Number(weight))
  }
  return weights
}

function eventOf({ account, object, content, timeMs }: Share): RealEvent {
  return {
    kind: 'forward',
    // A few retweets name two posts.
    eventId: `${content} ${object}`,
    occurredAt: timeMs,
    actorId: account,
    accountId: object,
    contentId: object,
  }
}

const set = 'coortweet-ru'
const columns = ['ts', 'account', 'object', 'content'] as const
const minuteMs = 60_000
