import { basename } from 'node:path'
import { partsOf, readCsv } from './csv'
import { alikePairs, percent } from './copies'
import type { RealResult } from './result'
import { told } from './result'

/**
 * Comments under videos, labelled as spam or not. Most spam here was written once, so this says how much of it can be
 * known by its copies, and how often honest comments are alike. The dates are not read: in one file of the source they
 * give the label away.
 */
export async function* evaluateYoutubeSpam(folder: string): AsyncGenerator<RealResult> {
  for (const file of partsOf(folder, 'youtube')) {
    const authors: string[] = []
    const texts: string[] = []
    const isSpam: boolean[] = []
    for await (const row of readCsv(file, ['author', 'content', 'label'])) {
      authors.push(row.author)
      texts.push(row.content)
      isSpam.push(row.label === '1')
    }
    const copied = new Set<number>()
    for (const [later, earlier] of alikePairs(texts, { minLikeness: 0.6, minCharacters: 20 })) {
      if (authors[later] !== authors[earlier]) copied.add(later).add(earlier)
    }
    const video = basename(file, '.csv.gz').replace(/^youtube\d*-/, '')
    for (const label of [true, false]) {
      const all = isSpam.filter((spam) => spam === label).length
      const found = Array.from(copied).filter((number) => isSpam[number] === label).length
      const name = label ? 'spam' : 'ham'
      yield told(
        set,
        `${video}, ${name} with another's near-copy`,
        percent(found, all),
        published[video]?.[name],
      )
    }
  }
}

const set = 'youtube-spam'
const published: Readonly<Record<string, Readonly<Record<'spam' | 'ham', string>>>> = {
  psy: { spam: '4.7 %', ham: '1.2 %' },
  katyperry: { spam: '0 %', ham: '2.9 %' },
  lmfao: { spam: '52.6 %', ham: '5.8 %' },
}
