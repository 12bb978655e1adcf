import { join } from 'node:path'
import { readCsv } from './csv'
import type { RealEvent } from './play'
import { organicFigures, play } from './play'
import type { RealResult } from './result'

/** Retweets in Russian, some of them coordinated: who acts together is not yet asked, and nobody may be sanctioned. */
export async function* evaluateCoortweetRu(folder: string): AsyncGenerator<RealResult> {
  const retweets: (RealEvent & { readonly occurredAt: number })[] = []
  for await (const { ts, account, object, content } of readCsv(join(folder, 'retweets.csv.gz'), columns)) {
    retweets.push({
      kind: 'forward',
      // A few retweets name two posts.
      eventId: `${content} ${object}`,
      occurredAt: Number(ts) * 1000,
      actorId: account,
      accountId: object,
      contentId: object,
    })
  }
  // The file is in no order.
  retweets.sort((a, b) => a.occurredAt - b.occurredAt)
  yield* organicFigures('coortweet-ru', await play([retweets]))
}

const columns = ['ts', 'account', 'object', 'content'] as const
