import fc from 'fast-check'
import { nodeIdOf } from '../model/acts'
import { eventIdOf } from '../model/block'
import type { Block } from '../model/block'
import { actorIdOf } from '../model/details'
import { maxRecordBytes } from '../model/record'
import type { DeadLetter } from './dead-letter'
import { JsonDecoder } from './decode-json'
import { Ingest } from './ingest'
import type { Books, IngestOptions } from './ingest'

const noonMs = Date.UTC(2026, 2, 1, 12)
const hourMs = 3_600_000

/** An event so many ms after noon, as a line. */
function line(id: string, afterMs: number, more: Record<string, unknown> = {}): string {
  const event = {
    kind: 'click',
    eventId: id,
    occurredAt: noonMs + afterMs,
    actorId: 'someone',
    accountId: 'account',
  }
  return JSON.stringify({ ...event, ...more })
}

/** Events at times like `0s 30s 26h`, with their places as ids. */
function timeline(times: string): string[] {
  return times.split(/\s+/).map((time, index) => line(String(index), inMs(time)))
}

function inMs(time: string): number {
  const unit = { s: 1000, h: hourMs, d: 24 * hourMs }[time.at(-1) as 's' | 'h' | 'd']
  return Number(time.slice(0, -1)) * unit
}

interface Outcome {
  readonly blocks: Block[]
  readonly letters: DeadLetter[]
  readonly books: Books
  readonly ingest: Ingest
}

function start(options: Partial<IngestOptions> = {}): { ingest: Ingest; letters: DeadLetter[] } {
  const letters: DeadLetter[] = []
  const ingest = new Ingest({
    source: 'clicks-0',
    key: new Uint8Array(16).fill(7),
    onDeadLetter: (letter) => letters.push(letter),
    ...options,
  })
  return { ingest, letters }
}

/** Takes a text in chunks that end at the given places, or in one. */
function take(text: string, options: Partial<IngestOptions> = {}, ends: readonly number[] = []): Outcome {
  const { ingest, letters } = start(options)
  const blocks = takeAll(ingest, Buffer.from(text), ends)
  return { blocks: [...blocks, ...ingest.end()], letters, books: ingest.books, ingest }
}

function takeAll(ingest: Ingest, bytes: Buffer, ends: readonly number[] = []): Block[] {
  const blocks: Block[] = []
  let from = 0
  for (const end of [...ends, bytes.length]) {
    const chunk = {
      format: 'lines',
      bytes: bytes.subarray(from, end),
      position: from,
      nextPosition: end,
    } as const
    blocks.push(...ingest.pushChunk(chunk))
    from = end
  }
  return blocks
}

function ids(blocks: readonly Block[]): string {
  return blocks
    .flatMap((block) => Array.from({ length: block.rows }, (_, row) => eventIdOf(block, row)))
    .join(' ')
}

function reasons(letters: readonly DeadLetter[]): string[] {
  return letters.map(({ reason, bytes }) => {
    const { eventId } = JSON.parse(Buffer.from(bytes).toString()) as { eventId: string }
    return `${eventId}: ${reason}`
  })
}

function balance({ read, admitted, duplicates, tooLate, deadLetters }: Books): void {
  expect(Object.values(deadLetters).reduce((a, b) => a + b, admitted + duplicates + tooLate)).toBe(read)
}

describe('from lines to blocks', () => {
  it('packs what it admits, says from where to where, and closes with a mark', () => {
    const text = timeline('0s 1s 2s 3s 4s 5s 6s 7s 8s').join('\n') + '\n'
    const { blocks, books } = take(text, { rowsPerBlock: 4 })
    expect(ids(blocks)).toBe('0 1 2 3 4 5 6 7 8')
    expect(blocks.map(({ rows }) => rows)).toEqual([4, 4, 1, 0])
    expect(blocks.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4])
    expect(blocks.map(({ watermarkMs }) => watermarkMs - noonMs)).toEqual([-57_000, -53_000, -52_000, 8001])
    const lineLength = text.length / 9
    expect(blocks.map(({ fromPosition }) => fromPosition / lineLength)).toEqual([0, 4, 8, 9])
    expect(blocks.map(({ toPosition }) => toPosition / lineLength)).toEqual([4, 8, 9, 9])
    expect(books).toMatchObject({ read: 9, admitted: 9, duplicates: 0, tooLate: 0 })
  })

  it('gives nothing for a source without an event', () => {
    expect(take('').blocks).toEqual([])
    expect(take('\n \r\n').blocks).toEqual([])
    expect(take('nonsense\n').blocks).toEqual([])
  })

  it('takes no giant line for a blank one, though only its blank beginning may have been read', () => {
    const giant = `${' '.repeat(maxRecordBytes + 1)}${line('giant', 0)}\n`
    for (const ends of [[], [maxRecordBytes + 1]]) {
      const { ingest, letters } = start()
      const bytes = Buffer.from(giant).subarray(0, ends[0])
      ingest.pushChunk({ format: 'lines', bytes, position: 0, nextPosition: giant.length })
      expect(letters.map(({ reason }) => reason)).toEqual(['record-too-large'])
    }
  })

  it('passes over blank lines and a byte order mark, and reads a last line without newline', () => {
    const [first, second, third] = timeline('0s 1s 2s') as [string, string, string]
    const { blocks, books } = take(`\ufeff${first}\r\n\r\n\n   \n${second}\n${third}`)
    expect(ids(blocks)).toBe('0 1 2')
    expect(books.read).toBe(3)
  })

  it('puts a torn line aside with its bytes and its place, and goes on', () => {
    const [first, second, third] = timeline('0s 1s 2s') as [string, string, string]
    const torn = second.slice(0, 40)
    const { blocks, letters, books } = take(`${first}\n${torn}\n${third}\n`)
    expect(ids(blocks)).toBe('0 2')
    expect(letters).toEqual([
      {
        reason: 'malformed-json',
        source: 'clicks-0',
        position: first.length + 1,
        bytes: new Uint8Array(Buffer.from(torn)),
      },
    ])
    balance(books)
  })

  it('puts a record beyond 256 KB aside, at the exact byte', () => {
    const frame = line('e', 0, { title: '' }).length
    const sized = (length: number): string => line('e', 0, { title: 'x'.repeat(length - frame) })
    expect(take(sized(maxRecordBytes)).books.admitted).toBe(1)
    const { letters } = take(`${sized(maxRecordBytes + 1)}\n`)
    expect(letters.map(({ reason, bytes }) => [reason, bytes.length])).toEqual([
      ['record-too-large', maxRecordBytes],
    ])
  })

  it('survives a bug in reading one record', () => {
    const spy = jest.spyOn(JsonDecoder.prototype, 'decode').mockImplementationOnce(() => {
      throw new RangeError('an offset is out of bounds')
    })
    const { blocks, letters, books } = take(timeline('0s 1s').join('\n'))
    spy.mockRestore()
    expect(reasons(letters)).toEqual(['0: decoder-failed'])
    expect(ids(blocks)).toBe('1')
    balance(books)
  })

  it('leaves no trace of refused records in the block', () => {
    const refused = Array.from({ length: 50 }, (_, index) =>
      line(`r${index}`, 0, { accountId: `r${index}`, dwellMs: -1 }),
    )
    const { blocks } = take([...refused, line('good', 0)].join('\n'))
    expect(blocks[0]!.accounts.size).toBe(1)
  })

  it('cuts a block early where its events span more than they should', () => {
    //       0s   1s    2s    3s    |  4s ...
    const { blocks } = take(timeline('0s 1s 2s 3s 4s 5s 6s 7s 8s').join('\n'), { blockSpanMs: 3000 })
    expect(blocks.map(({ rows }) => rows)).toEqual([4, 4, 1, 0])
  })
})

describe('what is late and what is a repeat', () => {
  it('counts an event until the watermark has passed it, to the millisecond', () => {
    //  0s … 61s   then 1s is at the watermark, 0.999s behind it
    const late = [...timeline('0s 61s'), line('in time', 1000), line('late', 999)].join('\n')
    const { blocks, books, ingest } = take(late)
    expect(ids(blocks)).toBe('0 1 in time')
    expect(books).toMatchObject({ read: 4, admitted: 3, tooLate: 1 })
    expect(ingest.lateByHour).toEqual([[noonMs, 1]])
  })

  it('counts a repeated event once, however it is written the second time', () => {
    const event = line('e', 0, { deviceId: 'd' })
    const other = JSON.stringify(
      Object.fromEntries(Object.entries(JSON.parse(event) as object).reverse()),
      null,
      1,
    )
    const { books } = take([event, event, other.replaceAll('\n', ' ')].join('\n'))
    expect(books).toMatchObject({ read: 3, admitted: 1, duplicates: 2 })
  })

  it('lets the first of two events with one id win', () => {
    for (const change of [
      { actorId: 'b' },
      { accountId: 'b' },
      { contentId: 'b' },
      { deviceId: 'b' },
      { dwellMs: 1 },
      { occurredAt: noonMs + 1 },
    ]) {
      const { blocks, letters, books } = take([line('e', 0), line('e', 0, change)].join('\n'))
      expect(blocks[0]!.rows).toBe(1)
      expect(letters.map(({ reason }) => reason)).toEqual(['id-collision'])
      balance(books)
    }
  })

  it('remembers an id as long as a repeat of it could still count', () => {
    const filler = Array.from({ length: 600 }, (_, second) => line(`f${second}`, second * 1000))
    for (const repeatAfter of [1, 61, 62]) {
      const lines = filler.toSpliced(300 + repeatAfter, 0, filler[300]!)
      const { books } = take(lines.join('\n'))
      expect(books).toMatchObject({
        admitted: 600,
        duplicates: repeatAfter <= 61 ? 1 : 0,
        tooLate: repeatAfter <= 61 ? 0 : 1,
      })
    }
  })

  it('gives the same events whatever their order within the allowed disorder', () => {
    const spans = fc.array(fc.tuple(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 0, max: 60_000 })), {
      minLength: 20,
      maxLength: 200,
    })
    fc.assert(
      fc.property(spans, (events) => {
        let afterMs = 0
        const inOrder = events.map(([gapMs, delayMs], index) => {
          afterMs += gapMs
          return { text: line(String(index), afterMs), arrivesMs: afterMs + delayMs }
        })
        const shuffled = inOrder.toSorted((a, b) => a.arrivesMs - b.arrivesMs)
        const set = (lines: { text: string }[]): string[] => {
          const { blocks, books } = take(lines.map(({ text }) => text).join('\n'))
          expect(books.admitted).toBe(events.length)
          return ids(blocks).split(' ').sort()
        }
        expect(set(shuffled)).toEqual(set(inOrder))
      }),
      { numRuns: 50 },
    )
  })
})

describe('what is ahead of its time, in a replay', () => {
  it('is one record a day ahead of all others, to the millisecond', () => {
    const around = timeline('0s 1s 2s 3s 4s 5s 6s 7s')
    const edge = 7000 + 24 * hourMs
    expect(reasons(take([...around, line('far', edge + 1), line('next', 8000)].join('\n')).letters)).toEqual([
      'far: ahead-of-time',
    ])
    const { letters, books } = take([...around, line('not far', edge), line('next', 8000)].join('\n'))
    expect(letters).toEqual([])
    expect(books).toMatchObject({ admitted: 9, tooLate: 1 })
  })

  it('is no gap in the stream, which eight records in a row prove', () => {
    //  x x x x x x x x   ···3 days···   x x x x x x x x
    const gap = '0s 1s 2s 3s 4s 5s 6s 7s 3d 3d 3d 3d 3d 3d 3d'
    expect(take(timeline(`${gap} 3d 3d`).join('\n')).books).toMatchObject({ read: 17, admitted: 17 })
    const { blocks, letters } = take(timeline(gap).join('\n'))
    expect(ids(blocks)).toBe('0 1 2 3 4 5 6 7')
    expect(letters).toHaveLength(7)
  })

  it('is every record that waits when an ordinary one follows', () => {
    const { blocks, letters, books } = take(timeline('0s 1s 2s 3s 4s 5s 6s 7s 3d 3d 3d 8s 3d 9s').join('\n'))
    expect(ids(blocks)).toBe('0 1 2 3 4 5 6 7 11 13')
    expect(reasons(letters)).toEqual(['8', '9', '10', '12'].map((id) => `${id}: ahead-of-time`))
    balance(books)
  })

  it('is not told by a late record, which says nothing about the clock', () => {
    const { books } = take(
      timeline('100s 100s 100s 100s 100s 100s 100s 100s 3d 3d 1s 3d 3d 3d 3d 3d 3d').join('\n'),
    )
    expect(books).toMatchObject({ read: 17, admitted: 16, tooLate: 1 })
  })

  it('is a bad clock in the first records of a file, be it the very first', () => {
    expect(ids(take(timeline('400d 0s 1s 2s 3s 4s 5s 6s 7s').join('\n')).blocks)).toBe('1 2 3 4 5 6 7 8')
    expect(ids(take(timeline('0s 1s 400d 2s 3s 4s 5s 6s 7s').join('\n')).blocks)).toBe('0 1 3 4 5 6 7 8')
  })

  it('is nothing, when a stray old record stands at the beginning of a file', () => {
    expect(ids(take(timeline('-400d 0s 1s 2s 3s 4s 5s 6s 7s').join('\n')).blocks)).toBe('0 1 2 3 4 5 6 7 8')
    const { blocks, books } = take(timeline('0s 1s -400d 2s 3s 4s 5s 6s 7s').join('\n'))
    expect(ids(blocks)).toBe('0 1 3 4 5 6 7 8')
    expect(books.tooLate).toBe(1)
  })

  it('is a bad clock right behind a gap', () => {
    const { blocks, letters } = take(
      timeline('0s 1s 2s 3s 4s 5s 6s 7s 3d 900d 3d 3d 3d 3d 3d 3d 3d').join('\n'),
    )
    expect(ids(blocks)).toBe('0 1 2 3 4 5 6 7 8 10 11 12 13 14 15 16')
    expect(reasons(letters)).toEqual(['9: ahead-of-time'])
  })

  it('is nothing in a file that is shorter than what would prove it, but for what is far apart', () => {
    expect(ids(take(timeline('0s 1s 2s').join('\n')).blocks)).toBe('0 1 2')
    expect(ids(take(timeline('0s').join('\n')).blocks)).toBe('0')
    const { letters } = take(timeline('0s 2d 4d').join('\n'))
    expect(reasons(letters)).toEqual(['1: ahead-of-time', '2: ahead-of-time'])
  })

  it('lets a sparse stream pass, days apart', () => {
    const { books } = take(
      timeline(Array.from({ length: 50 }, (_, day) => `${day * 2}d`).join(' ')).join('\n'),
    )
    expect(books).toMatchObject({ admitted: 43, deadLetters: { 'ahead-of-time': 7 } })
  })
})

describe('what is ahead of its time, live', () => {
  it('is what lies more than five minutes after its append time', () => {
    const { ingest, letters } = start()
    const push = (id: string, afterMs: number, position: number): void => {
      const bytes = Buffer.from(line(id, afterMs))
      expect(ingest.push(bytes, { position, appendTimeMs: noonMs })).toEqual([])
    }
    push('now', 0, 0)
    push('edge', 300_000, 1)
    push('beyond', 300_001, 2)
    expect(reasons(letters)).toEqual(['beyond: ahead-of-time'])
    expect(ingest.books).toMatchObject({ read: 3, admitted: 2 })
    expect(ingest.position).toBe(3)
    expect(ids(ingest.end())).toBe('now edge')
  })

  it('takes a record once, however often it is delivered', () => {
    const { ingest } = start()
    const bytes = Buffer.from(line('e', 0))
    for (const position of [5, 5, 4, 6]) ingest.push(bytes, { position, appendTimeMs: noonMs })
    expect(ingest.books).toMatchObject({ read: 2, admitted: 1, duplicates: 1 })
  })

  it('reads a record that is laid out over several lines', () => {
    const { ingest } = start()
    ingest.push(Buffer.from(JSON.stringify(JSON.parse(line('e', 0)), null, 2)), {
      position: 0,
      appendTimeMs: noonMs,
    })
    expect(ingest.books.admitted).toBe(1)
  })
})

const shiftsMs: Record<string, number> = { late: -100_000, old: -90_000 * hourMs, far: 9000 * hourMs }

/** Streams with everything in them: order and disorder, repeats, collisions, strays, gaps, nonsense. */
const streams = fc
  .array(
    fc.tuple(
      fc.integer({ min: 0, max: 20_000 }),
      fc.oneof(
        { weight: 12, arbitrary: fc.constant('') },
        {
          weight: 1,
          arbitrary: fc.constantFrom(
            'late',
            'old',
            'far',
            'gap',
            'repeat',
            'collide',
            'torn',
            'blank',
            'giant',
          ),
        },
      ),
    ),
    { minLength: 1, maxLength: 120 },
  )
  .map((steps) => {
    let afterMs = 0
    const lines: string[] = []
    steps.forEach(([gapMs, what], index) => {
      afterMs += what === 'gap' ? 50 * hourMs : gapMs
      const shiftMs = shiftsMs[what] ?? 0
      const text = line(String(index), afterMs + shiftMs, {
        accountId: `a${index % 7}`,
        contentId: `c${index % 11}`,
      })
      if (what === 'repeat') lines.push(text, text)
      else if (what === 'collide') lines.push(text, text.replace('someone', 'another'))
      else if (what === 'torn') lines.push(text.slice(0, index))
      else if (what === 'blank') lines.push('  ')
      else if (what === 'giant') lines.push(text.replace('}', `,"title":"${'x'.repeat(maxRecordBytes)}"}`))
      else lines.push(text)
    })
    return lines.join('\n')
  })

describe('whatever the stream', () => {
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
  const told = ({ blocks, letters, books }: Omit<Outcome, 'ingest'>): string =>
    JSON.stringify({
      blocks: blocks.map(({ bytes }) => base64(bytes)),
      letters: letters.map((letter) => ({ ...letter, bytes: base64(letter.bytes) })),
      books,
    })

  it('the books balance', () => {
    fc.assert(
      fc.property(streams, (text) => {
        const { books, blocks, letters } = take(text)
        balance(books)
        expect(books.read).toBe(text.split('\n').filter((record) => record.trim() !== '').length)
        expect(blocks.reduce((total, { rows }) => total + rows, 0)).toBe(books.admitted)
        expect(letters).toHaveLength(Object.values(books.deadLetters).reduce((a, b) => a + b))
      }),
      { numRuns: 200 },
    )
  })

  it('where its chunks end changes nothing', () => {
    fc.assert(
      fc.property(streams, fc.array(fc.nat(), { maxLength: 5 }), (text, cuts) => {
        const bytes = Buffer.from(text)
        const ends = cuts.map((cut) => bytes.indexOf('\n', cut % bytes.length) + 1).filter((end) => end > 0)
        const sorted = ends.sort((a, b) => a - b)
        expect(told(take(text, { rowsPerBlock: 10 }, sorted))).toBe(told(take(text, { rowsPerBlock: 10 })))
      }),
      { numRuns: 200 },
    )
  })

  it('a snapshot taken anywhere and restored changes nothing', () => {
    fc.assert(
      fc.property(streams, fc.nat(), (text, cut) => {
        const bytes = Buffer.from(text)
        const end = bytes.indexOf('\n', cut % bytes.length) + 1
        const options = { rowsPerBlock: 10 }
        const before = start(options)
        const blocks = takeAll(before.ingest, bytes.subarray(0, end))
        const snapshot = before.ingest.snapshot()
        // Taking a snapshot leaves the ingest as it was.
        expect(base64(before.ingest.snapshot())).toBe(base64(snapshot))

        const after = start(options)
        after.ingest.restore(Buffer.from(snapshot))
        expect(after.ingest.position).toBe(end)
        // It may be read again from the beginning: what was taken is passed over.
        blocks.push(...takeAll(after.ingest, bytes, [end]), ...after.ingest.end())
        const letters = [...before.letters, ...after.letters]
        expect(told({ blocks, letters, books: after.ingest.books })).toBe(told(take(text, options)))
      }),
      { numRuns: 200 },
    )
  })

  it('the watermarks keep their promise', () => {
    fc.assert(
      fc.property(streams, (text) => {
        const { blocks } = take(text, { rowsPerBlock: 5 })
        blocks.slice(1).forEach((block, index) => {
          const before = blocks[index]!
          expect(block.watermarkMs).toBeGreaterThanOrEqual(before.watermarkMs)
          expect(block.fromPosition).toBe(before.toPosition)
          expect(block.sequence).toBe(before.sequence + 1)
          for (const timeMs of block.timeMs) expect(timeMs).toBeGreaterThanOrEqual(before.watermarkMs)
        })
      }),
      { numRuns: 200 },
    )
  })
})

describe('bytes of any kind', () => {
  it('never stop the ingest, meet no bug, and are all in the books', () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 40 })
    fc.assert(
      fc.property(fc.nat(30), damage, (count, changes) => {
        const bytes = Buffer.from(
          Array.from({ length: count + 1 }, (_, index) => line(`e${index}`, index)).join('\n'),
        )
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte
        const { ingest, letters } = start()
        takeAll(ingest, bytes)
        ingest.end()
        balance(ingest.books)
        expect(letters.map(({ reason }) => reason)).not.toContain('decoder-failed')
        for (const { position, bytes: kept } of letters) {
          expect(Buffer.from(kept)).toEqual(bytes.subarray(position, position + kept.length))
        }
      }),
      { numRuns: 1000 },
    )
  })
})

describe('a snapshot', () => {
  it('of another source is refused', () => {
    const snapshot = start().ingest.snapshot()
    expect(() => {
      start({ source: 'clicks-1' }).ingest.restore(snapshot)
    }).toThrow('a snapshot of source "clicks-1" was expected, this is one of "clicks-0"')
  })

  it('that is cut off is refused', () => {
    const snapshot = start().ingest.snapshot()
    for (let length = 0; length < snapshot.length; length += length < 100 ? 1 : 1777) {
      expect(() => {
        start().ingest.restore(snapshot.subarray(0, length))
      }).toThrow('cut off')
    }
  })
})

it('hands on the ids of actors, of what was admitted alone, and packs their pseudonyms', () => {
  const taken: string[] = []
  const names = {
    take: (
      high: number,
      low: number,
      bytes: Uint8Array,
      start: number,
      end: number,
      timeMs: number,
    ): void => {
      const id = Buffer.from(bytes.subarray(start, end)).toString()
      taken.push(`${id} ${nodeIdOf(high, low)} ${timeMs - noonMs}`)
    },
    flush: () => Promise.resolve(),
  }
  const lines = [
    line('e1', 0, { actorId: 'ann' }),
    line('e1', 0, { actorId: 'ann' }),
    line('e2', 0, { actorId: 'bob' }),
  ]
  const { blocks } = take(lines.join('\n'), { names })
  const [block] = blocks
  const pseudonyms = [0, 1].map((row) => nodeIdOf(block!.actorHigh[row]!, block!.actorLow[row]!))
  expect([0, 1].map((row) => actorIdOf(block!, row))).toEqual(pseudonyms)
  expect(taken).toEqual([`ann ${pseudonyms[0]} 0`, `bob ${pseudonyms[1]} 0`])
  expect(Buffer.from(block!.bytes).includes('ann')).toBe(false)
})

it('packs long texts into more blocks, each of which fits into a record of a topic', () => {
  const text = '长'.repeat(2_700)
  const lines = Array.from({ length: 2_000 }, (_, index) =>
    line(`${index}`.padStart(128, '0'), index, {
      kind: 'post',
      accountId: `${index}`.padStart(128, 'a'),
      contentId: `${index}`.padStart(128, 'c'),
      text,
    }),
  )
  const options = { rowsPerBlock: 4_096 }
  const { blocks, books } = take(lines.join('\n'), options)
  expect(books.admitted).toBe(2_000)
  expect(blocks.reduce((rows, block) => rows + block.rows, 0)).toBe(2_000)
  for (const { bytes } of blocks) expect(bytes.length).toBeLessThan(7 << 20)
  // Where a block ends depends on the records alone.
  const lineBytes = Buffer.byteLength(`${lines[0]!}\n`)
  const cut = take(lines.join('\n'), options, [lineBytes, 300 * lineBytes, 1_999 * lineBytes])
  expect(cut.blocks.map(({ rows }) => rows)).toEqual(blocks.map(({ rows }) => rows))
})
