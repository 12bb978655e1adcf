import { createHash } from 'node:crypto'
import { partsOf, readCsv } from './csv'
import type { RealEvent } from './play'
import { organicFigures, play } from './play'
import type { RealResult } from './result'

/**
 * Posts and retweets by accounts of one organisation. The retweeted post is known by its words alone, so it stands for
 * the account whose number moves; since few of them are retweeted thirty times, the same is played with all retweets of
 * a theme on one account. What steers these accounts is for later detectors; here nobody may be sanctioned.
 */
export async function* evaluateIraPosts(folder: string): AsyncGenerator<RealResult> {
  for (const owner of ['post', 'theme'] as const) {
    const played = await play(partsOf(folder, 'posts-').map((file) => eventsOf(file, owner)))
    yield* organicFigures('ira-posts', played, `retweets of the ${owner}`)
  }
}

async function* eventsOf(file: string, owner: 'post' | 'theme'): AsyncGenerator<RealEvent> {
  let row = 0
  for await (const { ts, actor, category, post_type: postType, text } of readCsv(file, columns)) {
    const event = { eventId: `${file} ${++row}`, occurredAt: Number(ts) * 1000, actorId: actor, text }
    const contentId = createHash('sha256').update(text).digest('hex')
    if (postType === 'R') {
      yield { kind: 'forward', ...event, accountId: owner === 'post' ? contentId : category, contentId }
    } else {
      yield { kind: 'post', ...event, accountId: actor, contentId }
    }
  }
}

const columns = ['ts', 'actor', 'category', 'post_type', 'text'] as const
