import { join } from 'node:path'
import { readCsv } from './csv'
import type { RealEvent } from './play'
import { organicFigures, play } from './play'
import { percent, sharedTemplates } from './copies'
import type { WrittenText } from './copies'
import type { RealResult } from './result'
import { told } from './result'

/** Four years of posts by eight newsrooms that report the same wire stories. */
export async function* evaluateNewsTweets(folder: string): AsyncGenerator<RealResult> {
  yield* organicFigures('news-tweets', await play([eventsOf(join(folder, 'posts.csv.gz'))]), 'posts')
  yield* copyFigures(join(folder, 'posts.csv.gz'))
}

/** How often newsrooms that report the same wire stories look like they copied each other. */
async function* copyFigures(file: string): AsyncGenerator<RealResult> {
  const written: WrittenText[] = []
  for await (const { ts, actor, text } of readCsv(file, columns)) {
    written.push({ author: actor, timeMs: Number(ts) * 1000, text })
  }
  written.sort((a, b) => a.timeMs - b.timeMs)
  const shared = sharedTemplates(written, { minCharacters: 20 })
  const copies = Array.from(shared.byAuthor.values()).reduce((sum, newsroom) => sum + newsroom.copies, 0)
  yield told('news-tweets', 'posts that are near-copies', percent(copies, shared.texts), '0.10 %')
  const pairs = shared.pairs.filter((pair) => pair.copies >= 3).length
  yield {
    ...told('news-tweets', 'pairs of newsrooms with 3 near-copies', `${pairs} of 28`, '2 of 28'),
    goal: 'at most 2',
    reached: pairs <= 2,
  }
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
