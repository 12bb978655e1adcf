import { connect } from './connect'
import type { Stage } from './stages'
import type { Emit } from './view'

/** Says each record on both of its outputs, with its own letter and the number of the input behind it. */
function echo(letter: string): Stage['view'] {
  return {
    name: letter,
    fold(record: Uint8Array, emit: Emit, input: number) {
      for (const output of [0, 1]) emit(output, Buffer.concat([record, Buffer.from(`${letter}${input}`)]))
    },
    save: () => undefined,
    load: () => undefined,
  }
}

it('hands what a view says to the readers of that log at once, and what nobody reads to the caller', () => {
  //  events → a ─┬→ accounts ─┬→ b → ties, verdicts
  //              └→ findings ─┘
  const said: string[] = []
  const stages: Stage[] = [
    { view: echo('a'), inputs: ['events'], outputs: ['accounts', 'findings'] },
    { view: echo('b'), inputs: ['accounts', 'findings'], outputs: ['ties', 'verdicts'] },
  ]
  const put = connect(stages, (log, record) => said.push(`${log} ${Buffer.from(record).toString()}`))
  put('events', Buffer.from('x'))
  expect(said).toEqual(['ties xa0b0', 'verdicts xa0b0', 'ties xa0b1', 'verdicts xa0b1'])
})
