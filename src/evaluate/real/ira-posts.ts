import { createHash } from 'node:crypto'
import { partsOf, readCsv } from './csv'
import type { RealEvent } from './play'
import { organicFigures, play } from './play'
import { pairedAuthors, percent, sharedTemplates } from './copies'
import type { WrittenText } from './copies'
import type { RealResult } from './result'
import { told } from './result'

/**
 * Posts and retweets by accounts of one organisation. The retweeted post is known by its words alone, so it stands for
 * the account whose number moves; since few of them are retweeted thirty times, the same is played with all retweets of
 * a theme on one account.
 */
export async function* evaluateIraPosts(folder: string): AsyncGenerator<RealResult> {
  for (const owner of ['post', 'theme'] as const) {
    const played = await play(partsOf(folder, 'posts-').map((file) => eventsOf(file, owner)))
    // All of them are of one organisation: whoever is warned here is not wronged, so that figure is only told.
    for (const result of organicFigures('ira-posts', played, `retweets of the ${owner}`)) {
      yield result.figure.endsWith('at warn or above')
        ? told('ira-posts', result.figure, result.value)
        : result
    }
  }
  yield* copyFigures(folder)
}

/** Who of the writers of late 2015 shares templates, theme by theme: originals only, of 20 folded characters or more. */
async function* copyFigures(folder: string): AsyncGenerator<RealResult> {
  const written: WrittenText[] = []
  const themes = new Map<string, string>()
  for (const file of partsOf(folder, 'posts-2015-1')) {
    for await (const { ts, actor, category, post_type: postType, text } of readCsv(file, columns)) {
      if (postType !== '') continue
      written.push({ author: actor, timeMs: Number(ts) * 1000, text })
      themes.set(actor, category)
    }
  }
  written.sort((a, b) => a.timeMs - b.timeMs)
  const shared = sharedTemplates(written, { minCharacters: 20 })
  const copying = pairedAuthors(shared, ({ copies }) => copies >= 3)
  const sharing = pairedAuthors(shared, ({ templates }) => templates >= 3)
  for (const { theme, posts, accounts, goal } of publishedCopies) {
    const writers = Array.from(shared.byAuthor).filter(([author]) => themes.get(author) === theme)
    const texts = writers.reduce((sum, [, writer]) => sum + writer.texts, 0)
    const copies = writers.reduce((sum, [, writer]) => sum + writer.copies, 0)
    yield told('ira-posts', `${theme}: originals that are near-copies`, percent(copies, texts), posts)
    const often = writers.filter(([, writer]) => writer.texts >= 10).map(([author]) => author)
    const found = often.filter((author) => copying.has(author)).length
    yield {
      ...told(
        'ira-posts',
        `${theme}: accounts in a pair with 3 near-copies`,
        `${found} of ${often.length}`,
        accounts,
      ),
      ...(goal === undefined ? {} : { goal: `at least ${goal}`, reached: found >= goal }),
    }
    const steady = often.filter((author) => sharing.has(author)).length
    yield told('ira-posts', `${theme}: accounts in a pair with 3 templates`, `${steady} of ${often.length}`)
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

/** What a plain index gave: the share of near-copies, and of accounts with ten posts those in a pair that has three. */
const publishedCopies = [
  { theme: 'Fearmonger', posts: '75.5 %', accounts: '49 of 51', goal: 49 },
  { theme: 'RightTroll', posts: '38.5 %', accounts: '70 of 103', goal: 70 },
  { theme: 'LeftTroll', posts: '4.0 %', accounts: '4 of 15', goal: undefined },
  { theme: 'NonEnglish', posts: '1.6 %', accounts: '2 of 52', goal: undefined },
  { theme: 'HashtagGamer', posts: '1.4 %', accounts: '', goal: undefined },
  { theme: 'NewsFeed', posts: '0.1 %', accounts: '0 of 12', goal: undefined },
] as const
