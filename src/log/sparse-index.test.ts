import { indexedEveryBytes, SparseIndex } from './sparse-index'

//  record    7     8                     9           10          11
//  byte      40    40 + 64 kB - 1        40 + 64 kB  …           40 + 128 kB
//  known     yes   no, too near          yes         no          yes
function index(): SparseIndex {
  const made = new SparseIndex({ position: 7, at: 40 })
  made.add({ position: 8, at: 40 + indexedEveryBytes - 1 })
  made.add({ position: 9, at: 40 + indexedEveryBytes })
  made.add({ position: 10, at: 40 + 2 * indexedEveryBytes - 1 })
  made.add({ position: 11, at: 40 + 2 * indexedEveryBytes })
  return made
}

it.each([
  [7, 7],
  [8, 7],
  [9, 9],
  [10, 9],
  [11, 11],
  [1_000_000, 11],
])('for record %i begins at record %i, the last known one that is not behind it', (position, known) => {
  expect(index().seek(position).position).toBe(known)
})

it('knows the byte of each place, and takes a place that it knows for no news', () => {
  const known = index()
  known.add({ position: 9, at: 40 + indexedEveryBytes })
  expect([7, 9, 11].map((position) => known.seek(position).at)).toEqual([
    40,
    40 + indexedEveryBytes,
    40 + 2 * indexedEveryBytes,
  ])
})
