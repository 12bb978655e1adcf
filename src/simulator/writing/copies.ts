import type { Random } from '../random'
import type { Article } from './articles'
import { join, synonymsOf, textOf } from './story'
import type { Sentence, Story } from './story'
import { inFullWidth, inTraditionalScript, lookAlikeOf } from './script'

/** How a copy differs from what it was copied from. */
export const copyKinds = [
  'exact',
  'folded',
  'spun-10',
  'spun-30',
  'spun-50',
  're-ordered',
  'translated',
  'noise',
] as const
export type CopyKind = (typeof copyKinds)[number]

/**
 * A copy of an article. `folded`: other case, widths, stops, emoji and links; `spun-N`: N % of the words replaced by
 * synonyms, as far as there are any; `re-ordered`: the sentences in another order; `translated`: in the other script of
 * the language (traditional, or full width); `noise`: invisible characters and look-alikes.
 */
export function copyOf(source: Article, how: CopyKind, random: Random): Article {
  const { story } = source
  switch (how) {
    case 'exact':
      return source
    case 'folded':
      return rewritten(source, story, random, (text) => folded(text, random))
    case 'spun-10':
      return rewritten(source, spun(story, 0.1, random), random)
    case 'spun-30':
      return rewritten(source, spun(story, 0.3, random), random)
    case 'spun-50':
      return rewritten(source, spun(story, 0.5, random), random)
    case 're-ordered':
      return rewritten(source, reordered(story, random), random)
    case 'translated':
      return rewritten(source, story, random, story.language === 'zh' ? inTraditionalScript : inFullWidth)
    case 'noise':
      return rewritten(source, story, random, (text) => noisy(text, random))
  }
}

/** A share of all words replaced, drawn anew for each copy; names, figures and stops stay. */
export function spun(story: Story, share: number, random: Random): Story {
  const { language, sentences } = story
  const isReplaceable = (word: string): boolean => synonymsOf(word, language).length > 0
  const words = [story.title, ...sentences].flat().filter((word) => /[\p{L}\p{N}]/u.test(word))
  const replaceable = words.filter(isReplaceable).length
  const chance = replaceable === 0 ? 0 : Math.min(1, (share * words.length) / replaceable)
  const spin = (sentence: Sentence): Sentence =>
    sentence.map((word) =>
      isReplaceable(word) && random.chance(chance) ? random.pick(synonymsOf(word, language)) : word,
    )
  return { language, title: spin(story.title), sentences: sentences.map(spin) }
}

// Pictures are packed anew with every upload, and a link counts who came by it.
function rewritten(
  source: Article,
  story: Story,
  random: Random,
  render: (text: string) => string = (text) => text,
): Article {
  return {
    ...source,
    story,
    title: render(join(story.title, story.language)),
    text: render(textOf(story)),
    links: source.links.map((link) => `${link}?from=${random.below(1e4)}`),
    mediaHashes: source.mediaHashes.map(() => (random.bits() >>> 0).toString(16).padStart(8, '0')),
  }
}

function reordered(story: Story, random: Random): Story {
  return { ...story, sentences: random.sample(story.sentences, story.sentences.length) }
}

const endings = ['😊', '👍👍', '[玫瑰]', '🔥', '@小助手', 'https://t.example/', '！！', '～']

function folded(text: string, random: Random): string {
  const changed = Array.from(text, (letter) => {
    if (letter === '，') return random.pick(['，', ',', ' '])
    if (letter === '。') return random.pick(['。', '.', '！'])
    if (random.chance(0.02)) return `${letter} `
    if (!/[a-z0-9]/i.test(letter)) return letter
    return random.chance(0.3) ? inFullWidth(letter) : random.chance(0.3) ? letter.toUpperCase() : letter
  }).join('')
  return `${changed}${random.pick(endings)}${random.pick(endings)}`
}

// A zero-width space, joiner or non-joiner, a word joiner, or a soft hyphen.
const invisible = ['\u200b', '\u200c', '\u200d', '\u2060', '\u00ad']

function noisy(text: string, random: Random): string {
  const letters = Array.from(text, (letter) => {
    const shown = random.chance(0.5) ? lookAlikeOf(letter) : letter
    return random.chance(0.12) ? shown + random.pick(invisible) : shown
  })
  return letters.join('') + (random.chance(0.5) ? random.pick(endings) : '')
}
