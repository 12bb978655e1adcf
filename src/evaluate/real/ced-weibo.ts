import { partsOf, readCsv } from './csv'
import type { RealEvent } from './play'
import { organicFigures, play } from './play'
import { percent, sharedTemplates } from './copies'
import type { WrittenText } from './copies'
import type { RealResult } from './result'
import { told } from './result'

/**
 * Five years of reposts of 1,700 posts on Weibo, many of them viral, half of them rumours: what an audience does when it
 * is excited. A repost with words is a comment, one without is a forward; the post is the account whose number moves,
 * since its author is not named.
 */
export async function* evaluateCedWeibo(folder: string): AsyncGenerator<RealResult> {
  yield* organicFigures('ced-weibo', await play(partsOf(folder, 'reposts-').map(eventsOf)))
  yield* copyFigures(folder)
}

/** How often an audience repeats itself, and whether two of it do so again and again: in 60,000 comments in a row. */
async function* copyFigures(folder: string): AsyncGenerator<RealResult> {
  const written: WrittenText[] = []
  for (const file of partsOf(folder, 'reposts-3')) {
    for await (const { ts, actor, text } of readCsv(file, columns)) {
      if (text === '' || written.length === 60_000) continue
      written.push({ author: actor, timeMs: Number(ts) * 1000, text })
    }
  }
  written.sort((a, b) => a.timeMs - b.timeMs)
  for (const { minCharacters, share, pairs } of publishedCopies) {
    const shared = sharedTemplates(written, { minCharacters })
    const copies = Array.from(shared.byAuthor.values()).reduce((sum, actor) => sum + actor.copies, 0)
    const figure = (what: string): string => `${what} of ${minCharacters} characters or more`
    yield told('ced-weibo', figure('near-copies among comments'), percent(copies, shared.texts), share)
    const often = shared.pairs.filter((pair) => pair.copies >= 3).length
    yield {
      ...told('ced-weibo', figure('pairs of people with 3 near-copies'), often, String(pairs)),
      goal: `at most ${pairs}`,
      reached: often <= pairs,
    }
  }
}

async function* eventsOf(file: string): AsyncGenerator<RealEvent> {
  for await (const { ts, actor, target, mid, text } of readCsv(file, columns)) {
    yield {
      ...(text === '' ? { kind: 'forward' } : { kind: 'comment', text }),
      eventId: mid,
      occurredAt: Number(ts) * 1000,
      actorId: actor,
      accountId: target,
      contentId: target,
    }
  }
}

const columns = ['ts', 'actor', 'target', 'mid', 'text'] as const

const publishedCopies = [
  { minCharacters: 4, share: '10.5 %', pairs: 1 },
  { minCharacters: 8, share: '4.8 %', pairs: 1 },
  { minCharacters: 12, share: '4.8 %', pairs: 1 },
  { minCharacters: 20, share: '6.6 %', pairs: 0 },
] as const
