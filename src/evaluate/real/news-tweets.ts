import { join } from 'node:path'
import { readCsv } from './csv'
import type { RealEvent } from './play'
import { organicFigures, play } from './play'
import type { RealResult } from './result'

/** Four years of posts by eight newsrooms that report the same wire stories. */
export async function* evaluateNewsTweets(folder: string): AsyncGenerator<RealResult> {
  yield* organicFigures('news-tweets', await play([eventsOf(join(folder, 'posts.csv.gz'))]), 'posts')
}

async function* eventsOf(file: string): AsyncGenerator<RealEvent> {
  for await (const { ts, actor, post_id: postId, text } of readCsv(file, columns)) {
    yield {
      kind: 'post',
      eventId: postId,
      occurredAt: Number(ts) * 1000,
      actorId: actor,
      accountId: actor,
      contentId: postId,
      text,
    }
  }
}

const columns = ['ts', 'actor', 'post_id', 'text'] as const
