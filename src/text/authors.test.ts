import { mix32 } from '../model/hash'
import { addAuthor, authorWords, countAuthors } from './authors'

describe('the count of different authors', () => {
  it('is exact up to eight and touches nothing beside it', () => {
    const words = new Uint32Array(authorWords + 2)
    for (const author of [5, 6, 5, 7, 7, 8, 9, 10, 11, 12]) addAuthor(words, 1, author)
    expect(countAuthors(words, 1)).toBe(8)
    addAuthor(words, 1, 13)
    expect(countAuthors(words, 1)).toBeGreaterThan(8)
    expect([words[0], words[authorWords + 1]]).toEqual([0, 0])
  })

  it.each([20, 100, 1000, 20_000])('is within 13 %% of %d, as a standard error', (size) => {
    const errors = Array.from({ length: 40 }, (_, sample) => {
      const words = new Uint32Array(authorWords)
      for (let author = 0; author < size; author++) addAuthor(words, 0, mix32(author, sample))
      return countAuthors(words, 0) / size - 1
    })
    const deviation = Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length)
    expect(deviation).toBeLessThan(0.13 * 1.3)
  })
})
