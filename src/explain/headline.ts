import type { Verdict } from '../model/records'
import { elementWords } from './story'
import type { Words } from './words/words'

/** What was found and why, in a sentence or two of a language: what stands beside a verdict in a list. */
export function headlineIn(verdict: Verdict, words: Words): string {
  const { elements, offence } = verdict
  const isNumber = offence.startsWith('inflated-')
  // Of a number the strongest element is enough, as in the headline of the verdict itself.
  const strongest = isNumber ? elements.filter(({ element }) => element === 'false-traffic').slice(0, 1) : []
  const told = strongest.length > 0 ? strongest : elements
  const sentences = told.map((element) => elementWords(element, verdict, words).sentence)
  return [...(isNumber ? [words.counts(verdict)] : []), ...sentences].join(words.language === 'zh' ? '' : ' ')
}
