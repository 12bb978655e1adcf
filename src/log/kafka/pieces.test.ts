import fc from 'fast-check'
import { PieceJoiner, piecesOf } from './pieces'

it('leaves a record that fits as it is, and cuts any other into pieces that say where they lie', () => {
  expect(piecesOf(Uint8Array.of(1, 2, 3), 3)).toEqual([{ value: Uint8Array.of(1, 2, 3) }])
  expect(piecesOf(Uint8Array.of(1, 2, 3, 4), 3)).toEqual([
    { value: Uint8Array.of(1, 2, 3), place: '0/4' },
    { value: Uint8Array.of(4), place: '3/4' },
  ])
  expect(piecesOf(new Uint8Array(0), 3)).toEqual([{ value: new Uint8Array(0) }])
})

it('joins what writers of several versions sent, who died on the way and began again', () => {
  const attempt = fc.record({ most: fc.integer({ min: 1, max: 9 }), sent: fc.nat({ max: 12 }) })
  const law = fc.property(
    fc.uint8Array({ minLength: 1, maxLength: 40 }),
    fc.array(attempt),
    (record, attempts) => {
      const joiner = new PieceJoiner()
      const taken: unknown[] = []
      for (const { most, sent } of [...attempts, { most: 7, sent: 40 }]) {
        for (const { value, place } of piecesOf(record, most).slice(0, sent)) {
          const outcome = joiner.take(value, place)
          expect(outcome).not.toBe('gap')
          if (outcome === 'more') continue
          taken.push(outcome)
          expect(outcome).toEqual(record)
          // Whoever reads on passes over what comes again of it.
          return
        }
      }
      expect(taken).toHaveLength(1)
    },
  )
  fc.assert(law)
})

it('says that bytes are missing, and goes on where they come', () => {
  const joiner = new PieceJoiner()
  const [first, second, third] = piecesOf(Uint8Array.of(1, 2, 3, 4, 5), 2)
  expect(joiner.take(first!.value, first!.place)).toBe('more')
  expect(joiner.take(third!.value, third!.place)).toBe('gap')
  expect(joiner.take(second!.value, second!.place)).toBe('more')
  expect(joiner.take(third!.value, third!.place)).toEqual(Uint8Array.of(1, 2, 3, 4, 5))
  for (const place of ['', 'x/5', '0/x', '4/5/6', '0/1'])
    expect(joiner.take(Uint8Array.of(1, 2), place)).toBe('gap')
})

it('forgets what it has where another record begins', () => {
  const joiner = new PieceJoiner()
  const [first, second] = piecesOf(Uint8Array.of(1, 2, 3), 2)
  joiner.take(first!.value, first!.place)
  joiner.forget()
  expect(joiner.take(second!.value, second!.place)).toBe('gap')
  joiner.take(first!.value, first!.place)
  expect(joiner.take(Uint8Array.of(9), undefined)).toEqual(Uint8Array.of(9))
  expect(joiner.take(second!.value, second!.place)).toBe('gap')
})
