import { chain } from './chain'
import type { Emit, View } from './view'

/** Says each record twice on its first output, with its own letter behind it. */
function echo(letter: string): View {
  return {
    name: letter,
    fold(record: Uint8Array, emit: Emit) {
      for (const output of [0, 1]) emit(output, Buffer.concat([record, Buffer.from(letter)]))
    },
    save: () => undefined,
    load: () => undefined,
  }
}

it('hands what a view says to the next at once, and what the last one says to the caller with its output', () => {
  //  x → a: xa, xa → b: xab, xab, xab, xab
  const said: string[] = []
  const fold = chain([echo('a'), echo('b')], (output, record) => {
    said.push(`${output} ${Buffer.from(record).toString()}`)
  })
  fold(Buffer.from('x'))
  expect(said).toEqual(['0 xab', '1 xab', '0 xab', '1 xab'])
})

it('is the view itself when there is one', () => {
  const said: string[] = []
  chain([echo('a')], (output, record) => {
    said.push(`${output} ${Buffer.from(record).toString()}`)
  })(Buffer.from('x'))
  expect(said).toEqual(['0 xa', '1 xa'])
})
