import { join } from 'node:path'
import { alikePairs, percent } from './copies'
import { readCsv } from './csv'
import type { RealResult } from './result'
import { told } from './result'

/**
 * Chinese spam from false base stations, sorted into categories by hand. Messages cut from one template are in one
 * category, so that a pair of near-copies in two categories is most likely no copy.
 */
export async function* evaluateFbsSmsZh(folder: string): AsyncGenerator<RealResult> {
  const texts: string[] = []
  const categories: string[] = []
  for await (const row of readCsv(join(folder, 'messages.csv.gz'), ['category', 'text_tokenised'])) {
    categories.push(row.category)
    texts.push(row.text_tokenised.replaceAll(' ', ''))
  }
  let pairs = 0
  let within = 0
  const copied = new Set<number>()
  for (const [later, earlier] of alikePairs(texts, { minLikeness: 0.7 })) {
    pairs++
    if (categories[later] === categories[earlier]) within++
    copied.add(later).add(earlier)
  }
  yield {
    ...told(set, 'pairs of near-copies', pairs, '28,006'),
    goal: 'at least 28,000',
    reached: pairs >= 28_000,
  }
  yield {
    ...told(set, 'pairs within one category', `${within} of ${pairs}`, '100 %'),
    goal: 'at least 99.9 %',
    reached: within >= 0.999 * pairs,
  }
  yield told(set, 'messages with a near-copy', percent(copied.size, texts.length), '29.3 %')
}

const set = 'fbs-sms-zh'
