import { BlockBuilder } from '../../src/model/block'
import type { Block, BlockHeader } from '../../src/model/block'
import { makeViews, viewNames } from '../../src/runtime/stages'
import { connectedPipeline } from '../../src/runtime/threads'
import type { Pipeline, PipelineOptions } from '../../src/runtime/threads'
import type { View } from '../../src/runtime/view'
import { prepare } from '../../src/simulator'
import { RecordPages } from '../../src/state/record-pages'
import type { KeptRecord } from '../../src/state/record-pages'
import { replayed, smallDayLines, textSource } from '../support/pipeline'

afterEach(() => jest.restoreAllMocks())

it.each(['attacks', 'networks'])(
  'says the same of %s when all memory is written over as soon as nobody should look at it any more',
  async (scenario) => {
    const size = { hours: 30, events: 6000, accounts: 80, actors: 1200 }
    const networks = (): Buffer => Buffer.concat([...prepare({ scenario: 'networks', ...size }).records()])
    const source = textSource(scenario === 'attacks' ? smallDayLines().join('') : networks())
    const expected = await replayed([source])
    const written = overwriteWhatIsLetGo()
    const { verdicts, corrections, books } = await replayed([source], { pipelineOf: forgetful })
    expect({ verdicts, corrections, books }).toEqual({
      ...{ verdicts: expected.verdicts, corrections: expected.corrections, books: expected.books },
    })
    expect(verdicts).not.toEqual([])
    expect(Math.min(written.letGo, written.takenOver)).toBeGreaterThan(0)
  },
)

/** The pipeline of every replay, in which a record is gone when whoever was handed it has had it. */
function forgetful({ policy, key, take }: PipelineOptions): Pipeline {
  const views = makeViews(policy, key)
  for (const name of viewNames) {
    const view: View = views[name]
    const fold = view.fold.bind(view)
    view.fold = (record, emit, input) => {
      const lent = record.slice()
      const emitAndForget: typeof emit = (output, emitted) => {
        emit(output, emitted)
        // Lines that come out at the end belong to whoever takes them.
        if (name !== 'decide') emitted.fill(0xff)
      }
      fold(lent, emitAndForget, input)
      lent.fill(0xff)
    }
  }
  return connectedPipeline({ policy, key, take }, views)
}

/** Fills records of open epochs that all have let go of, and blocks whose memory the intake has back. */
function overwriteWhatIsLetGo(): { letGo: number; takenOver: number } {
  const written = { letGo: 0, takenOver: 0 }
  const letGo = Reflect.get(RecordPages.prototype, 'letGo') as (this: RecordPages, kept: KeptRecord) => void
  jest.spyOn(RecordPages.prototype, 'letGo').mockImplementation(function (
    this: RecordPages,
    kept: KeptRecord,
  ) {
    letGo.call(this, kept)
    if (kept.holders > 0) return
    kept.record.fill(0xff)
    written.letGo++
  })
  const finish = Reflect.get(BlockBuilder.prototype, 'finish')
  jest.spyOn(BlockBuilder.prototype, 'finish').mockImplementation(function (
    this: BlockBuilder,
    header: BlockHeader,
    memory?: ArrayBuffer,
  ): Block {
    if (memory !== undefined) {
      new Uint8Array(memory).fill(0xff)
      written.takenOver++
    }
    return finish.call(this, header, memory)
  })
  return written
}
