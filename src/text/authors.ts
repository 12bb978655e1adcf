import { mix32 } from '../model/hash'

/** Words that a count of different authors takes. */
export const authorWords = 9
const exactUpTo = authorWords - 1
const sketched = 0xffff_ffff
const registers = 64

/**
 * Counts an author, a 32-bit hash, at `words[at]`: up to 8 are listed, of more a HyperLogLog of 64 registers of 4 bits is
 * kept in the same place (Flajolet et al. 2007; standard error 13 %, up to about a million).
 */
export function addAuthor(words: Uint32Array, at: number, author: number): void {
  const count = words[at]!
  if (count === sketched) {
    addToSketch(words, at, author)
    return
  }
  for (let i = 1; i <= count; i++) if (words[at + i] === author) return
  if (count < exactUpTo) {
    words[at] = count + 1
    words[at + count + 1] = author
    return
  }
  for (let i = 0; i < exactUpTo; i++) listed[i] = words[at + 1 + i]!
  words[at] = sketched
  words.fill(0, at + 1, at + authorWords)
  for (let i = 0; i < exactUpTo; i++) addToSketch(words, at, listed[i]!)
  addToSketch(words, at, author)
}

/** How many different authors were counted at `words[at]`. */
export function countAuthors(words: Uint32Array, at: number): number {
  const count = words[at]!
  if (count !== sketched) return count
  let sum = 0
  let empty = 0
  for (let register = 0; register < registers; register++) {
    const rank = (words[at + 1 + (register >>> 3)]! >>> ((register & 7) * 4)) & 15
    sum += weights[rank]!
    if (rank === 0) empty++
  }
  const raw = (0.709 * registers * registers) / sum
  const isSmall = raw <= 2.5 * registers && empty > 0
  const estimate = isSmall ? registers * Math.log(registers / empty) : raw
  return Math.max(exactUpTo + 1, Math.round(estimate))
}

function addToSketch(words: Uint32Array, at: number, author: number): void {
  const hash = mix32(author, 0x5bd1e995)
  const register = hash & 63
  const rank = Math.min(15, Math.clz32(hash >>> 6) - 5)
  const word = at + 1 + (register >>> 3)
  const shift = (register & 7) * 4
  const before = (words[word]! >>> shift) & 15
  if (rank > before) words[word] = ((words[word]! & ~(15 << shift)) | (rank << shift)) >>> 0
}

const weights = Float64Array.from({ length: 16 }, (_, rank) => 2 ** -rank)
const listed = new Uint32Array(exactUpTo)
