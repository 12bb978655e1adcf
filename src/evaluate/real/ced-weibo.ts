import { partsOf, readCsv } from './csv'
import type { RealEvent } from './play'
import { organicFigures, play } from './play'
import type { RealResult } from './result'

/**
 * Five years of reposts of 1,700 posts on Weibo, many of them viral, half of them rumours: what an audience does when it
 * is excited. A repost with words is a comment, one without is a forward; the post is the account whose number moves,
 * since its author is not named.
 */
export async function* evaluateCedWeibo(folder: string): AsyncGenerator<RealResult> {
  yield* organicFigures('ced-weibo', await play(partsOf(folder, 'reposts-').map(eventsOf)))
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
