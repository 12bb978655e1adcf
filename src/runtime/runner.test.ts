import fc from 'fast-check'
import { KeptTraces } from '../../test/support/kept-traces'
import { MemoryLog } from '../log/memory-log'
import { FormatError, UnreachableError } from '../model/errors'
import type { CheckpointStore } from '../store/checkpoint-store'
import { MemoryCheckpointStore } from '../store/memory-checkpoint-store'
import type { SnapshotReader, SnapshotWriter } from '../state/snapshot'
import { Runner } from './runner'
import type { Output } from './runner'
import type { Emit, View } from './view'

/** Adds up the numbers it is given; says each sum on its first output, and each even one on its second. */
class Sums implements View {
  readonly name = 'sums'
  private sum = 0

  fold([number = 0]: Uint8Array, emit: Emit): void {
    this.sum = (this.sum + number) % 251
    emit(0, Uint8Array.of(this.sum))
    if (this.sum % 2 === 0) emit(1, Uint8Array.of(this.sum))
  }

  save(out: SnapshotWriter): void {
    out.value('sum', this.sum)
  }

  load(from: SnapshotReader): void {
    this.sum = from.number('sum')
  }
}

/** A log of bytes that a crash may rob of what was not flushed. */
class Bytes implements Output {
  readonly bytes: number[] = []
  private flushed = 0
  isFull = false

  get end(): number {
    return this.bytes.length
  }

  append(records: readonly Uint8Array[]): Promise<void> {
    if (this.isFull) return Promise.reject(new Error('no room'))
    this.bytes.push(...records.map(([byte]) => byte!))
    return Promise.resolve()
  }

  flush(): Promise<void> {
    this.flushed = this.bytes.length
    return Promise.resolve()
  }

  /** Keeps some of what was not flushed. */
  crash(share: number): void {
    this.bytes.length = this.flushed + Math.floor((this.bytes.length - this.flushed) * share)
  }
}

async function inputOf(numbers: readonly number[]): Promise<MemoryLog> {
  const input = new MemoryLog()
  await input.append(numbers.map((number) => Uint8Array.of(number)))
  return input
}

async function drained(runner: Runner): Promise<void> {
  while (await runner.step(4));
}

const numbers = Array.from({ length: 40 }, (_, index) => (index * 37) % 200)

/** What an unbroken run puts out. */
async function expectedOutputs(): Promise<number[][]> {
  const outputs = [new Bytes(), new Bytes()]
  const io = { inputs: [await inputOf(numbers)], outputs, checkpoints: new MemoryCheckpointStore() }
  await drained(new Runner(new Sums(), io))
  return outputs.map(({ bytes }) => bytes)
}

it('puts out the same, whenever it crashes and whatever of the outputs a crash takes', async () => {
  const expected = await expectedOutputs()
  const act = fc.oneof(
    fc.record({ kind: fc.constant('step' as const) }),
    fc.record({ kind: fc.constant('checkpoint' as const) }),
    fc.record({ kind: fc.constant('crash' as const), shares: fc.tuple(share(), share()) }),
  )
  await fc.assert(
    fc.asyncProperty(
      fc.array(act, { maxLength: 40 }),
      fc.integer({ min: 1, max: 4 }),
      async (acts, steps) => {
        const outputs = [new Bytes(), new Bytes()]
        const io = {
          inputs: [await inputOf(numbers)],
          outputs,
          checkpoints: new MemoryCheckpointStore(),
          stepsPerAppend: steps,
        }
        let runner = new Runner(new Sums(), io)
        for (const step of acts) {
          if (step.kind === 'step') await runner.step(4)
          else if (step.kind === 'checkpoint') await runner.checkpoint()
          else {
            outputs.forEach((output, index) => {
              output.crash(step.shares[index]!)
            })
            runner = new Runner(new Sums(), io)
            await runner.restore()
          }
        }
        await drained(runner)
        expect(outputs.map(({ bytes }) => bytes)).toEqual(expected)
      },
    ),
    { numRuns: 200 },
  )
})

it('appends what a few steps gave at once while there is more to fold, and all of it for a checkpoint or at the end', async () => {
  //  step        1 2 3 | 4 5 | 6 7 8 | 9 10
  //  appended        ^     checkpoint ^    ^ nothing more
  const output = new Bytes()
  const io = {
    inputs: [await inputOf(numbers)],
    outputs: [output, new Bytes()],
    checkpoints: new MemoryCheckpointStore(),
    stepsPerAppend: 3,
  }
  const runner = new Runner(new Sums(), io)
  const seen: [number, boolean][] = []
  for (let step = 1; step <= 10; step++) {
    await runner.step(4)
    seen.push([output.end, runner.hasPending])
    if (step === 5) await runner.checkpoint()
  }
  expect(seen).toEqual([
    [0, true],
    [0, true],
    [12, false],
    [12, true],
    [12, true],
    [20, true],
    [20, true],
    [32, false],
    [32, true],
    [40, false],
  ])
})

it('appends what one part of a fold gave before the next begins, or where traces are kept what all of them gave', async () => {
  for (const isTraced of [false, true]) {
    const output = new Bytes()
    /** How much was appended when each part began. */
    const seen: number[] = []
    const view = {
      name: 'parts',
      *foldInParts(_: Uint8Array, emit: Emit) {
        for (const part of [1, 2]) {
          seen.push(output.end)
          emit(0, Uint8Array.of(part))
          yield
        }
      },
      fold(record: Uint8Array, emit: Emit) {
        Array.from(view.foldInParts(record, emit))
      },
      save: () => undefined,
      load: () => undefined,
    }
    const io = {
      inputs: [await inputOf([0, 0])],
      outputs: [output],
      checkpoints: new MemoryCheckpointStore(),
      stepsPerAppend: 8,
      traces: isTraced ? { to: new KeptTraces(), outputNames: ['parts'] } : undefined,
    }
    await drained(new Runner(view, io))
    expect(seen).toEqual(isTraced ? [0, 0, 0, 0] : [0, 1, 2, 3])
    expect(output.bytes).toEqual([1, 2, 1, 2])
  }
})

function share() {
  return fc.double({ min: 0, max: 1, noNaN: true })
}

it('puts out the same after an output had no room', async () => {
  const outputs = [new Bytes(), new Bytes()] as const
  const io = { inputs: [await inputOf(numbers)], outputs, checkpoints: new MemoryCheckpointStore() }
  const runner = new Runner(new Sums(), io)
  await runner.step(4)
  await runner.checkpoint()
  await runner.step(4)
  outputs[1].isFull = true
  await expect(drained(runner)).rejects.toThrow('no room')
  outputs[1].isFull = false
  const again = new Runner(new Sums(), io)
  await again.restore()
  await drained(again)
  expect(outputs.map(({ bytes }) => bytes)).toEqual(await expectedOutputs())
})

describe('a start', () => {
  /** A checkpoint after each of some numbers of records. */
  async function stoppedAfter(counts: readonly number[]) {
    const outputs = [new Bytes(), new Bytes()] as const
    const checkpoints = new MemoryCheckpointStore()
    const input = await inputOf([])
    const runner = new Runner(new Sums(), { inputs: [input], outputs, checkpoints })
    for (const count of counts) {
      await input.append(numbers.slice(input.end, count).map((number) => Uint8Array.of(number)))
      await drained(runner)
      await runner.checkpoint()
    }
    return { inputs: [input], outputs, checkpoints, runner }
  }

  it('takes an older checkpoint where the newest is broken or ahead of an output, and says so', async () => {
    const { inputs, outputs, checkpoints } = await stoppedAfter([3, 6, 9])
    const broken: CheckpointStore = {
      save: (name, checkpoint) => checkpoints.save(name, checkpoint),
      list: async (name) =>
        (await checkpoints.list(name)).map((stored) => ({
          ...stored,
          load: () =>
            stored.sequence === 9
              ? Promise.resolve({ kind: 'broken', reason: 'checkpoint 9 is torn' })
              : stored.load(),
        })),
    }
    // That of the sixth record counts more than is there.
    outputs[0].bytes.length = 5
    const again = new Runner(new Sums(), { inputs, outputs, checkpoints: broken })
    const said: string[] = []
    await again.restore((sentence) => said.push(sentence))
    expect(again.folded).toBe(3)
    expect(said).toEqual([
      'checkpoint 9 is torn; an older one is used',
      'what the sums view had written lost its end; an older checkpoint is used and the rest written again',
    ])
    await inputs[0]!.append(numbers.slice(9).map((number) => Uint8Array.of(number)))
    await drained(again)
    expect(outputs.map(({ bytes }) => bytes)).toEqual(await expectedOutputs())
  })

  it('tells each log and output where it goes on, where they have to know', async () => {
    const { inputs, outputs, checkpoints } = await stoppedAfter([6])
    const told: string[] = []
    const knowing = <Place extends object>(place: Place, name: string): Place =>
      Object.assign(place, { startAt: (position: number) => void told.push(`${name} ${position}`) })
    const io = {
      ...{ checkpoints, inputs: [knowing(inputs[0]!, 'log')] },
      outputs: [knowing(outputs[0], 'sums'), outputs[1]],
    }
    await new Runner(new Sums(), io).restore()
    expect(told).toEqual(['log 6', 'sums 6'])
  })

  it('is refused without a checkpoint where the log does not go back to its beginning', async () => {
    const input = Object.assign(await inputOf(numbers), { first: 4 })
    const io = {
      inputs: [input],
      outputs: [new Bytes(), new Bytes()],
      checkpoints: new MemoryCheckpointStore(),
    }
    await expect(new Runner(new Sums(), io).restore()).rejects.toThrow(UnreachableError)
    await expect(new Runner(new Sums(), io).restore()).rejects.toThrow(
      /no checkpoint of the sums view can be used/,
    )
  })

  it('is refused with a checkpoint that another assay has left', async () => {
    const { inputs, outputs, checkpoints } = await stoppedAfter([6])
    class Averages extends Sums {
      override load(from: SnapshotReader): void {
        from.number('average')
      }
    }
    const other = new Runner(new Averages(), { inputs, outputs, checkpoints })
    await expect(other.restore()).rejects.toThrow(FormatError)
    await expect(other.restore()).rejects.toThrow(
      /the newest whole checkpoint of the sums view is not one of this assay/,
    )
  })

  it('knows from where on its log is needed, by the oldest checkpoint that is stored', async () => {
    //  checkpoints at  3  6  9  9  12       three are stored, and two at one place count once
    const other = await inputOf([])
    const neededAfter = async (counts: readonly number[]): Promise<number[]> => {
      const { runner, ...io } = await stoppedAfter(counts)
      const again = new Runner(new Sums(), io)
      await again.restore()
      expect(runner.neededFrom(other)).toBe(Number.POSITIVE_INFINITY)
      return [runner, again].map((one) => one.neededFrom(io.inputs[0]!))
    }
    expect(await neededAfter([3, 6])).toEqual([0, 0])
    expect(await neededAfter([3, 6, 9])).toEqual([3, 3])
    // Started again there it knows of two only, and keeps more than it need.
    expect((await neededAfter([3, 6, 9, 9]))[0]).toBe(3)
    expect(await neededAfter([3, 6, 9, 9, 12])).toEqual([6, 6])
  })
})

it('tells in spans what it folded, put out and stored, the same as without', async () => {
  const traces = new KeptTraces()
  const outputs = [new Bytes(), new Bytes()]
  const io = { inputs: [await inputOf(numbers)], outputs, checkpoints: new MemoryCheckpointStore() }
  const runner = new Runner(new Sums(), { ...io, traces: { to: traces, outputNames: ['sums', 'even'] } })
  expect(await runner.step(4)).toBe(true)
  await runner.checkpoint()
  const even = outputs[1]!.end
  expect(traces.told.split('\n')).toEqual([
    'fold sums {records 4}',
    'append sums < fold sums#1 {log sums, records 4}',
    `append even < fold sums#1 {log even, records ${even}}`,
    'checkpoint sums {records 4}',
  ])
  await drained(runner)
  expect(outputs.map(({ bytes }) => bytes)).toEqual(await expectedOutputs())
})

it('waits for a log that lost its end until it has come back to where the view was', async () => {
  //  checkpoint at 6   input 0 1 2 3 | lost | 4 5 6 7 8 9
  const outputs = [new Bytes(), new Bytes()]
  const checkpoints = new MemoryCheckpointStore()
  const before = new Runner(new Sums(), {
    inputs: [await inputOf(numbers.slice(0, 6))],
    outputs,
    checkpoints,
  })
  await drained(before)
  await before.checkpoint()

  const input = await inputOf(numbers.slice(0, 4))
  const after = new Runner(new Sums(), { inputs: [input], outputs, checkpoints })
  await after.restore()
  expect(await after.step()).toBe(false)
  await input.append(numbers.slice(4).map((number) => Uint8Array.of(number)))
  await drained(after)
  expect(outputs.map(({ bytes }) => bytes)).toEqual(await expectedOutputs())
})

it('gives a stream again what came after the checkpoint, since nobody knows what it took', async () => {
  const stream = Object.assign(new Bytes(), { isStream: true })
  const outputs = [stream, new Bytes()]
  const io = { inputs: [await inputOf(numbers)], outputs, checkpoints: new MemoryCheckpointStore() }
  const runner = new Runner(new Sums(), io)
  await runner.step(4)
  await runner.checkpoint()
  await runner.step(4)

  const newStream = Object.assign(new Bytes(), { isStream: true })
  const again = new Runner(new Sums(), { ...io, outputs: [newStream, outputs[1]!] })
  await again.restore()
  await drained(again)
  const [expected] = await expectedOutputs()
  expect(newStream.bytes).toEqual(expected!.slice(4))
})

it('says nothing of a fresh start, and says when all checkpoints are gone', async () => {
  const said: string[] = []
  const tell = (sentence: string): void => {
    said.push(sentence)
  }
  const outputs = [new Bytes(), new Bytes()]
  const input = await inputOf([])
  await new Runner(new Sums(), {
    inputs: [input],
    outputs,
    checkpoints: new MemoryCheckpointStore(),
  }).restore(tell)
  expect(said).toEqual([])
  await input.append([Uint8Array.of(1)])
  await new Runner(new Sums(), {
    inputs: [input],
    outputs,
    checkpoints: new MemoryCheckpointStore(),
  }).restore(tell)
  expect(said).toEqual([
    'no checkpoint of the sums view can be used; it reads its log from the beginning, and nothing comes twice',
  ])
})
