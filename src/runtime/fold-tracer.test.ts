import { KeptTraces } from '../../test/support/kept-traces'
import { MemoryLog } from '../log/memory-log'
import { MemoryCheckpointStore } from '../store/memory-checkpoint-store'
import { Runner } from './runner'
import type { Input } from './runner'
import type { TraceParent } from './traces'
import type { Emit, View } from './view'

/** Closes an epoch with each record that ends one, and says so. */
class Epochs implements View {
  readonly name = 'epochs'
  asOfMs: number | null = null

  fold([closes = 0]: Uint8Array, emit: Emit): void {
    if (closes === 0) return
    this.asOfMs = (this.asOfMs ?? 0) + 10_000
    emit(0, Uint8Array.of(closes))
  }

  save(): void {
    // Nothing is kept.
  }

  load(): void {
    // Nothing was kept.
  }
}

/** A log in which each record knows what led to it: its own letter. */
class Lettered extends MemoryLog implements Input {
  traceParents: TraceParent[] = []

  override async read(from: number, maxBytes: number): Promise<readonly Uint8Array[]> {
    const records = await super.read(from, maxBytes)
    this.traceParents = records.map((_record, place) => String.fromCharCode(97 + from + place))
    return records
  }
}

/** How many records were appended, and by which span. */
const appended: (readonly [number, string | undefined])[] = []

/** Folds records, so many a step: 1 closes an epoch. */
async function folded(records: readonly number[], perStep: number): Promise<string> {
  const input = new Lettered()
  await input.append(records.map((closes) => Uint8Array.of(closes)))
  const traces = new KeptTraces()
  const output = {
    end: 0,
    append: (put: readonly Uint8Array[], traceParent?: TraceParent) => {
      appended.push([put.length, traces.nameOf(traceParent)])
      return Promise.resolve()
    },
    flush: () => Promise.resolve(),
  }
  const io = { inputs: [input], outputs: [output], checkpoints: new MemoryCheckpointStore() }
  const runner = new Runner(new Epochs(), { ...io, traces: { to: traces, outputNames: ['out'] } })
  while (await runner.step(perStep));
  return traces.told
}

beforeEach(() => {
  appended.length = 0
})

it('tells a fold for each epoch, led to by the record that closed it and linked to those before', async () => {
  //  a  b  c │ d  e │ f         c and e close an epoch, f waits
  expect(await folded([0, 0, 1, 0, 1, 0], 1)).toBe(
    [
      'fold epochs < c ~ a b {records 3, to 10000}',
      'append out < fold epochs#1 {log out, records 1}',
      'fold epochs < e ~ d {records 2, from 10000, to 20000}',
      'append out < fold epochs#3 {log out, records 1}',
    ].join('\n'),
  )
  expect(appended).toEqual([
    [1, 'append out#2'],
    [1, 'append out#4'],
  ])
})

it('tells the epochs of a step as one while the view catches up', async () => {
  expect(await folded([0, 1, 1, 0, 1, 0], 6)).toBe(
    [
      'fold epochs < e ~ a b c d f {records 6, to 30000}',
      'append out < fold epochs#1 {log out, records 3}',
    ].join('\n'),
  )
  expect(appended).toEqual([[3, 'append out#2']])
})
