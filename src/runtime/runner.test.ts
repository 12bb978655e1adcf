import fc from 'fast-check'
import { MemoryLog } from '../log/memory-log'
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
