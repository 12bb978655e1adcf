import { dirname, join } from 'node:path'
import { builtCli } from '../../test/support/cli'
import { smallDayLines, textSource } from '../../test/support/pipeline'
import { defaultPolicy } from '../policy/policy'
import type { Books } from './books'
import type { RawSource } from './intake'
import { replay } from './replay'
import type { ReplayOptions } from './replay'
import { connectedPipeline } from './threads'
import type { Pipeline, PipelineOptions } from './threads'

const day = textSource(smallDayLines().join(''))

/** Replays without looking at what comes out, unless it is asked to. */
function run(sources: readonly RawSource[], options: Partial<ReplayOptions> = {}): Promise<Books> {
  const ignore = (): void => undefined
  const key = new Uint8Array(32)
  return replay({ policy: defaultPolicy, key, sources, onVerdict: ignore, onCorrection: ignore, ...options })
}

/** The pipeline of every replay, which notes what is asked of it. */
function watched(asked: string[]): (options: PipelineOptions) => Pipeline {
  return (options) => {
    const pipeline = connectedPipeline(options)
    const noting = <Given extends readonly unknown[], Answer>(
      name: string,
      method: (...given: Given) => Answer,
    ) => {
      return (...given: Given): Answer => {
        if (asked.at(-1) !== name) asked.push(name)
        return method(...given)
      }
    }
    return {
      put: noting('put', pipeline.put.bind(pipeline)),
      room: pipeline.room.bind(pipeline),
      drain: noting('drain', pipeline.drain.bind(pipeline)),
      close: noting('close', pipeline.close.bind(pipeline)),
      get stats() {
        return pipeline.stats
      },
    }
  }
}

it('hands each line to whom it is for, and says at the end what the views have counted', async () => {
  const lines = {
    verdict: [] as string[],
    correction: [] as string[],
    surge: [] as string[],
    link: [] as string[],
  }
  const keep = (kind: keyof typeof lines) => (json: Uint8Array) => {
    lines[kind].push(Buffer.from(json).toString())
  }
  let verdicts = 0
  const books = await run([day], {
    ...{ onVerdict: keep('verdict'), onCorrection: keep('correction') },
    ...{ onSurge: keep('surge'), onLink: keep('link') },
    onEnd: ({ decide }) => (verdicts = decide.verdicts),
  })
  const marks = { verdict: '"verdictId"', correction: '"authentic"', surge: '"observed"', link: '"chain"' }
  for (const kind of ['verdict', 'correction', 'surge', 'link'] as const) {
    expect(lines[kind]).not.toEqual([])
    for (const line of lines[kind]) expect(line).toContain(marks[kind])
  }
  expect(lines.link).toHaveLength(lines.verdict.length)
  expect([books.verdicts, verdicts]).toEqual([lines.verdict.length, lines.verdict.length])
  expect([books.corrections, books.waiting]).toEqual([lines.correction.length, 0])
})

it('tells the books after each megabyte that was read, and makes the ids safe before', async () => {
  //  four stretches of 0.5 MB and one of few bytes, of which nothing is a record
  const lines = `${'x'.repeat((1 << 19) - 1)}\n`.repeat(4)
  const told: (number | string)[] = []
  const books = await run([textSource(`${lines}x\n`, { chunkBytes: 1 })], {
    names: {
      take: () => undefined,
      flush: () => {
        told.push('flushed')
        return Promise.resolve()
      },
    },
    onProgress: ({ read }) => void told.push(read),
  })
  expect(told).toEqual(['flushed', 2, 'flushed', 4, 'flushed'])
  expect(books.deadLetters).toBe(5)
})

it('tells what has been decided while the input is silent, and not while it is not', async () => {
  const text = smallDayLines().slice(0, 2000).join('')
  const asked: string[] = []
  const askedOfAll: string[] = []
  const silent: RawSource = {
    name: 'silent',
    read: async function* (fromPosition) {
      yield* textSource(text).read(fromPosition)
      await new Promise((resolve) => setTimeout(resolve, 200))
    },
  }
  const read: number[] = []
  await run([silent], { pipelineOf: watched(asked), onProgress: (books) => void read.push(books.read) })
  await run([textSource(text)], { pipelineOf: watched(askedOfAll) })
  expect(asked).toEqual(['put', 'drain', 'put', 'drain', 'close'])
  expect(read).toEqual([2000])
  expect(askedOfAll).toEqual(['put', 'drain', 'close'])
})

it('closes its stages and says why where a source fails', async () => {
  const asked: string[] = []
  const failing: RawSource = {
    name: 'failing',
    // eslint-disable-next-line @typescript-eslint/require-await -- it only fails
    read: async function* () {
      throw new Error('the disk is gone')
    },
  }
  await expect(run([failing], { pipelineOf: watched(asked) })).rejects.toThrow('the disk is gone')
  expect(asked).toEqual(['put', 'close'])
})

it('ends with what whoever takes its lines throws, on threads as on one', async () => {
  // Threads are only in a build.
  const built = (await import(join(dirname(builtCli()), '../runtime/replay.js'))) as { replay: typeof replay }
  for (const isThreaded of [false, true]) {
    let taken = 0
    const failed = built.replay({
      ...{ policy: defaultPolicy, key: new Uint8Array(32), sources: [day], isThreaded },
      onVerdict: () => {
        taken++
        throw new Error('no verdict can be kept')
      },
      onCorrection: () => undefined,
    })
    await expect(failed).rejects.toThrow('no verdict can be kept')
    expect(taken).toBe(1)
  }
})
