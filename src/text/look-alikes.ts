/**
 * Gives each word of a text in normal form and lower case one alphabet. A word that mixes Latin letters with Cyrillic or
 * Greek ones was written to look like another; it gets the look-alikes of the alphabet that it has letters of its own of,
 * or else the Latin ones. A word of one alphabet stays as it is: сор is not cop.
 *
 * Follows the idea of mixed-script confusables in Unicode Technical Standard 39, section 5.1, with the letters that
 * differ in no common typeface.
 */
export function withOneAlphabet(text: string): string {
  return text.replace(strayLetters, (letter) => strays.get(letter)!).replace(word, unmixed)
}

function unmixed(text: string): string {
  if (!latinLetter.test(text) || !otherLetter.test(text)) return text
  const letters = Array.from(text)
  const toOther = cyrillicLetter.test(text) ? latinToCyrillic : latinToGreek
  const hasOwnLatin = letters.some((letter) => latinLetter.test(letter) && !toOther.has(letter))
  const hasOwnOther = letters.some((letter) => otherLetter.test(letter) && !toLatin.has(letter))
  const twins = hasOwnOther && !hasOwnLatin ? toOther : toLatin
  return letters.map((letter) => twins.get(letter) ?? letter).join('')
}

const latinLetter = /[a-z]/
const otherLetter = /[\u0370-\u052f]/
const cyrillicLetter = /[\u0400-\u052f]/
/** A run of letters and digits of the three alphabets; the scheme of a link begins a word of its own. */
const word = /[a-z0-9\u0370-\u052f]+?(?=https?:\/\/|[^a-z0-9\u0370-\u052f]|$)/g

// Upper-case twins (В and B, Н and H) count too: the case is folded before.
const [cyrillic, latinOfCyrillic] = ['авеһіјкмоԛрѕстуԝхԁнӏ', 'abehijkmoqpsctywxdhl']
const [greek, latinOfGreek] = ['αβεικνορτυχγηωζ', 'abeikvoptuxynwz']
const latinToCyrillic = pairs(latinOfCyrillic, cyrillic)
const latinToGreek = pairs(latinOfGreek, greek)
const toLatin = new Map([...pairs(greek, latinOfGreek), ...pairs(cyrillic, latinOfCyrillic)])

/** Latin letters of phonetic alphabets that stand in for plain ones, and have no normal form to tell so. */
const strays = pairs('ıɑɡɩʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢᴀ', 'iagibcdefghijklmnoprstuvwyza')
const strayLetters = new RegExp(`[${Array.from(strays.keys()).join('')}]`, 'gu')

function pairs(from: string, to: string): Map<string, string> {
  const letters = Array.from(to)
  return new Map(Array.from(from, (letter, at) => [letter, letters[at]!]))
}
