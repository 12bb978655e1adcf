import { idsOf } from '../../test/support/blocks'
import { textSource } from '../../test/support/pipeline'
import type { Block } from '../model/block'
import { maxRecordBytes } from '../model/record'
import { defaultPolicy } from '../policy/policy'
import { SnapshotReader, SnapshotWriter } from '../state/snapshot'
import { Intake } from './intake'
import type { IntakeOptions, RawSource, SourceEnds } from './intake'

const startMs = Date.UTC(2026, 0, 5, 8)

/** Lines of clicks with these ids, a minute apart from some minute on. */
function clicks(ids: string, fromMinute = 0): string {
  const line = (id: string, index: number): string => {
    const occurredAt = startMs + (fromMinute + index) * 60_000
    return JSON.stringify({
      kind: 'click',
      eventId: id,
      occurredAt,
      actorId: 'somebody',
      accountId: 'account',
    })
  }
  return ids
    .split('')
    .map((id, index) => `${line(id, index)}\n`)
    .join('')
}

function source(name: string, text: string): RawSource {
  return textSource(text, { name, chunkBytes: 200 })
}

/** Cuts a block whenever two minutes have passed, so that small inputs give several. */
function intakeOf(sources: readonly RawSource[], options: Partial<IntakeOptions> = {}): Intake {
  return new Intake({
    policy: defaultPolicy,
    key: new Uint8Array(32),
    sources,
    blockSpanMs: 120_000,
    ...options,
  })
}

/** A block as a person reads it: its source and ids, and marks as ⊢ begin, ⊣ end and · for the final watermark. */
function shown(block: Block): string {
  if (block.rows > 0) return `${block.source}:${idsOf(block).join('')}`
  const mark = Number.isFinite(block.watermarkMs) ? '·' : block.watermarkMs < 0 ? '⊢' : '⊣'
  return `${block.source}${mark}`
}

async function blocksOf(intake: Intake): Promise<Block[]> {
  const blocks: Block[] = []
  for (let block = await intake.next(); block !== undefined; block = await intake.next()) blocks.push(block)
  return blocks
}

async function rowOf(intake: Intake): Promise<string> {
  return (await blocksOf(intake)).map(shown).join(' ')
}

/** Ends that are kept in memory. */
function memoryEnds(): SourceEnds & { readonly noted: string[] } {
  const noted: string[] = []
  return {
    noted,
    of: (name) => noted.filter((end) => end.startsWith(`${name} `)).map((end) => Number(end.split(' ')[1])),
    note: (name, position) => {
      noted.push(`${name} ${position}`)
      return Promise.resolve()
    },
  }
}

function saved(intake: Intake): SnapshotReader {
  const out = new SnapshotWriter()
  intake.save(out)
  return new SnapshotReader(out.parts())
}

it('gives the blocks of a source between its first mark and its last', async () => {
  expect(await rowOf(intakeOf([source('a', clicks('12345'))]))).toBe('a⊢ a:123 a:45 a· a⊣')
})

it('takes turns by event time, whatever the order in which sources are named', async () => {
  //  a  1 2 3 4 5                 b  6 7 8 9 is an hour later: a comes first, and ends first
  const [a, b] = [source('a', clicks('12345')), source('b', clicks('6789', 60))]
  const row = 'a⊢ b⊢ a:123 b:678 a:45 a· a⊣ b:9 b· b⊣'
  expect(await rowOf(intakeOf([a, b]))).toBe(row)
  expect(await rowOf(intakeOf([b, a]))).toBe(row)
})

it('lets go of a source whose last line is unfinished', async () => {
  let isOpen = false
  const inner = source('a', `${clicks('123')}{"kind":"cl`)
  const held: RawSource = {
    name: inner.name,
    read: async function* (fromPosition) {
      isOpen = true
      try {
        yield* inner.read(fromPosition)
      } finally {
        isOpen = false
      }
    },
  }
  await blocksOf(intakeOf([held]))
  expect(isOpen).toBe(false)
})

it('gives the same row however the sources are cut into stretches', async () => {
  const text = clicks('123456789abcdef')
  const expected = await rowOf(intakeOf([textSource(text, { name: 'a', chunkBytes: 1 })]))
  for (const chunkBytes of [50, 500, 5000]) {
    expect(await rowOf(intakeOf([textSource(text, { name: 'a', chunkBytes, seed: chunkBytes })]))).toBe(
      expected,
    )
  }
})

it('goes on from a snapshot at any block to the same bytes', async () => {
  const sources = [source('a', clicks('12345678')), source('b', clicks('abcdef', 3))]
  const expected = (await blocksOf(intakeOf(sources))).map(({ bytes }) => bytes)
  for (let cut = 0; cut <= expected.length; cut++) {
    const before = intakeOf(sources)
    const given: Uint8Array[] = []
    while (given.length < cut) given.push((await before.next())!.bytes)
    const after = intakeOf(sources)
    after.load(saved(before))
    given.push(...(await blocksOf(after)).map(({ bytes }) => bytes))
    expect(given).toEqual(expected)
    expect(after.books).toEqual((await exhausted(intakeOf(sources))).books)
    expect(after.rowsGiven).toBe(14)
  }
})

async function exhausted(intake: Intake): Promise<Intake> {
  await blocksOf(intake)
  return intake
}

it('gives the blocks again that were given before, when asked for their sources in turn', async () => {
  const sources = [source('a', clicks('12345678')), source('b', clicks('abcdef', 3))]
  const ends = memoryEnds()
  const given = await blocksOf(intakeOf(sources, { ends }))
  const intake = intakeOf([...sources].reverse(), { ends })
  for (const { source: name, bytes } of given) expect((await intake.nextOf(name))?.bytes).toEqual(bytes)
  for (const name of ['a', 'b', 'c']) expect(await intake.nextOf(name)).toBeUndefined()
})

it('gives again what comes before the end of a source, where the end is not known, and nothing that it caused', async () => {
  const sources = [source('a', `${clicks('123456789a')}{"kind":"cl`), source('b', clicks('x'))]
  const intake = intakeOf(sources)
  const given: string[] = []
  for (let block = await intake.nextOf('a'); block !== undefined; block = await intake.nextOf('a')) {
    given.push(shown(block))
  }
  expect(given).toEqual(['a⊢', 'a:123', 'a:456', 'a:789'])
  // Nobody asked for the other.
  expect(intake.books.at(-1)!.read).toBe(0)
})

it('says whether the next block is there without reading on', async () => {
  // All of it is one stretch: with its end its blocks are there.
  const intake = intakeOf([textSource(clicks('1234567'), { name: 'a', chunkBytes: 10_000 }), source('b', '')])
  const seen: string[] = []
  for (;;) {
    const { isReady } = intake
    const block = await intake.next()
    seen.push(`${isReady ? 'ready' : 'to be read'} ${block === undefined ? '' : shown(block)}`.trim())
    if (block === undefined) break
  }
  expect(seen).toEqual([
    ...['ready a⊢', 'ready b⊢', 'to be read a:123', 'to be read b⊣', 'ready a:456'],
    ...['ready a:7', 'ready a·', 'ready a⊣', 'to be read'],
  ])
  expect(intake.rowsGiven).toBe(7)
})

it('takes the records of a source for what it says they are, where they do not say so themselves', async () => {
  const text = clicks('12').replaceAll('"kind":"click",', '')
  expect(await rowOf(intakeOf([source('a', text)]))).toBe('a⊢ a⊣')
  expect(await rowOf(intakeOf([{ ...source('a', text), kind: 'click' }]))).toBe('a⊢ a:12 a· a⊣')
})

it('takes feedback from where it is said to be taken, and letters of what else comes there', async () => {
  const ruling = JSON.stringify({
    ...{ kind: 'feedback', eventId: 'f', occurredAt: startMs, actorId: 'analyst', accountId: 'account' },
    ...{ verdictId: 'v-1', decision: 'overturned' },
  })
  const text = `${clicks('1')}${ruling}\n`
  const told = async (feedback: RawSource['feedback']): Promise<string> => {
    const letters: string[] = []
    const row = await rowOf(
      intakeOf([{ ...source('a', text), feedback }], { onDeadLetter: ({ reason }) => letters.push(reason) }),
    )
    const ids = [...row.matchAll(/a:(\w+)/g)].flatMap(([, some]) => some!.split(''))
    return [...ids.sort(), ...letters].join(' ')
  }
  expect(await told('none')).toBe('1 misplaced-feedback')
  expect(await told('alone')).toBe('f misplaced-feedback')
  expect(await told(undefined)).toBe('1 f')
})

it('hands the ids of actors to who keeps them, so that no block holds one', async () => {
  const taken: string[] = []
  const names: IntakeOptions['names'] = {
    take: (_high, _low, bytes, start, end) => {
      taken.push(Buffer.from(bytes.subarray(start, end)).toString())
    },
    flush: () => Promise.resolve(),
  }
  const textOf = (blocks: readonly Block[]): string =>
    Buffer.concat(blocks.map(({ bytes }) => bytes)).toString('latin1')
  const blocks = await blocksOf(intakeOf([source('a', clicks('12'))], { names }))
  expect(taken).toContain('somebody')
  expect(textOf(blocks)).not.toContain('somebody')
  expect(textOf(await blocksOf(intakeOf([source('a', clicks('12'))])))).toContain('somebody')
})

it('says of each stretch how long it was, and waits until what it left is dealt with', async () => {
  const told: string[] = []
  const text = clicks('1234')
  const onChunk = async (bytes: number): Promise<void> => {
    told.push(`${bytes} …`)
    await new Promise(setImmediate)
    told.push('done')
  }
  await rowOf(intakeOf([textSource(text, { name: 'a', chunkBytes: 1 })], { onChunk }))
  expect(told).toEqual(Array.from({ length: 4 }, () => [`${text.length / 4} …`, 'done']).flat())
})

it('waits for nothing behind a last line that is too long to be a record', async () => {
  const letters: string[] = []
  const intake = intakeOf([textSource('x'.repeat(maxRecordBytes + 1), { name: 'a' })], {
    ends: memoryEnds(),
    isStopping: () => false,
    onDeadLetter: ({ reason }) => letters.push(reason),
  })
  await intake.next()
  expect(await intake.nextOf('a')).toBeUndefined()
  expect(intake.books[0]!.read).toBe(1)
  expect(letters).toHaveLength(1)
})

it('holds back what is as late as the policy lets it be, and no longer', async () => {
  //  disorder of 2 minutes: 3, a minute behind the latest, counts; 4, five behind it, is too late
  const policy = { ...defaultPolicy, allowedDisorderMs: 120_000 }
  const text = clicks('1', 0) + clicks('2', 6) + clicks('3', 5) + clicks('4', 1)
  const intake = intakeOf([source('a', text)], { policy })
  await blocksOf(intake)
  const [{ admitted, tooLate }] = intake.books as [Intake['books'][number]]
  expect([admitted, tooLate]).toEqual([3, 1])
})

it('ends a source that has grown again where it ended before, and then goes on', async () => {
  const ends = memoryEnds()
  const first = await blocksOf(intakeOf([source('a', clicks('1234'))], { ends }))
  expect(first.map(shown).join(' ')).toBe('a⊢ a:123 a:4 a· a⊣')
  expect(ends.noted).toEqual([`a ${clicks('1234').length}`])
  // Everything is read anew.
  const grown = source('a', clicks('1234') + clicks('5678', 4))
  const second = await blocksOf(intakeOf([grown], { ends }))
  expect(second.map(shown).join(' ')).toBe('a⊢ a:123 a:4 a· a⊣ a:567 a:8 a· a⊣')
  expect(second.slice(0, first.length).map(({ bytes }) => bytes)).toEqual(first.map(({ bytes }) => bytes))
  expect(ends.noted).toHaveLength(2)
  // And once more: it ends at both places again.
  const larger = source('a', clicks('1234') + clicks('5678', 4) + clicks('9', 8))
  const third = await blocksOf(intakeOf([larger], { ends }))
  expect(third.slice(0, second.length).map(({ bytes }) => bytes)).toEqual(second.map(({ bytes }) => bytes))
  expect(third.slice(second.length).map(shown).join(' ')).toBe('a:9 a· a⊣')
})

it('leaves a line that is being written when it is told to stop, and takes the whole of it later', async () => {
  const text = clicks('1234')
  const inner = source('a', text.slice(0, -10))
  let isStopping = false
  const stopped: RawSource = {
    name: 'a',
    read: async function* (fromPosition) {
      for await (const chunk of inner.read(fromPosition)) {
        if (chunk.nextPosition === text.length - 10) isStopping = true
        yield chunk
      }
    },
  }
  const letters: unknown[] = []
  const options = { ends: memoryEnds(), onDeadLetter: (letter: unknown) => void letters.push(letter) }
  const before = intakeOf([stopped], { ...options, isStopping: () => isStopping })
  expect(await rowOf(before)).toBe('a⊢')
  const after = intakeOf([source('a', text)], options)
  after.load(saved(before))
  expect(await rowOf(after)).toBe('a:123 a:4 a· a⊣')
  expect(letters).toEqual([])
})

it('ends it again in the middle of a line that was being written', async () => {
  const ends = memoryEnds()
  const text = clicks('1234')
  const cut = text.length - 10
  const letters: string[] = []
  const onDeadLetter = ({ bytes }: { bytes: Uint8Array }): void => {
    letters.push(Buffer.from(bytes).toString())
  }
  await exhausted(intakeOf([source('a', text.slice(0, cut))], { ends, onDeadLetter }))
  expect(ends.noted).toEqual([`a ${cut}`])
  expect(letters).toHaveLength(1)
  await exhausted(intakeOf([source('a', text)], { ends, onDeadLetter }))
  // The same letter again, and the rest of the line, which makes no sense alone.
  expect(letters).toEqual([letters[0], letters[0], text.slice(cut, -1)])
})

it('adds nothing when a source has not grown since its end', async () => {
  const ends = memoryEnds()
  const sources = [source('a', clicks('1234'))]
  const before = await exhausted(intakeOf(sources, { ends }))
  const after = intakeOf(sources, { ends })
  after.load(saved(before))
  expect(await rowOf(after)).toBe('')
  expect(ends.noted).toHaveLength(1)
})

it('goes on with what a source has got since its end', async () => {
  const ends = memoryEnds()
  const before = await exhausted(intakeOf([source('a', clicks('1234'))], { ends }))
  const after = intakeOf([source('a', clicks('1234') + clicks('5678', 4))], { ends })
  after.load(saved(before))
  expect(await rowOf(after)).toBe('a:567 a:8 a· a⊣')
})

it('does not take a source that was told to stop to be at its end', async () => {
  let isStopping = false
  const intake = intakeOf([source('a', clicks('12345'))], {
    isStopping: () => isStopping,
    ends: memoryEnds(),
  })
  for (const expected of ['a⊢', 'a:123']) expect(shown((await intake.next())!)).toBe(expected)
  isStopping = true
  expect(await intake.next()).toBeUndefined()
  const after = intakeOf([source('a', clicks('12345'))])
  after.load(saved(intake))
  expect(await rowOf(after)).toBe('a:45 a· a⊣')
})

it('ends a source that is not named any more, keeps its books, and goes on with it when it is named again', async () => {
  const [a, b] = [source('a', clicks('12345678')), source('b', clicks('abc', 20))]
  const first = intakeOf([a])
  for (const expected of ['a⊢', 'a:123']) expect(shown((await first.next())!)).toBe(expected)
  const second = intakeOf([b])
  second.load(saved(first))
  const row = await rowOf(second)
  // It stands in the books by its name, wherever it comes from.
  expect(second.books.at(-1)!.read).toBe(3)
  // What had been read of it comes, and its end.
  expect(row).toMatch(/^b⊢ .*a⊣/)
  const third = intakeOf([a, b])
  third.load(saved(second))
  await exhausted(third)
  expect(third.books.map(({ read }) => read)).toEqual([8, 3])
  expect(third.books.map(({ admitted, tooLate }) => admitted + tooLate)).toEqual([8, 3])
})

it('comes to an end with sources that hold nothing', async () => {
  expect(await rowOf(intakeOf([source('a', ''), source('b', '\n\n')]))).toBe('a⊢ b⊢ a⊣ b⊣')
  expect(await rowOf(intakeOf([]))).toBe('')
})
