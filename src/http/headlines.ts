import { headlineIn } from '../explain/headline'
import { wordsOf } from '../explain/words'
import type { Language } from '../explain/words/words'
import type { StandingReader, VerdictSummary } from '../store/standing'

/** The same summaries with their headlines in a language. They are kept in English; others are made of the whole verdict. */
export async function inLanguage<Summary extends VerdictSummary>(
  summaries: readonly Summary[],
  language: Language,
  standing: Pick<StandingReader, 'verdict'>,
): Promise<readonly Summary[]> {
  if (language === 'en') return summaries
  const words = wordsOf[language]
  return Promise.all(
    summaries.map(async (summary) => {
      const verdict = await standing.verdict(summary.verdictId)
      return verdict === undefined ? summary : { ...summary, headline: headlineIn(verdict, words) }
    }),
  )
}
