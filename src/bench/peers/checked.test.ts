import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { linesOfFile } from '../../../test/support/outputs'
import { cPeer, formsFile } from '../../../test/support/peer-programs'
import { seeded } from '../../../test/support/seeded'
import { onPath } from '../../../test/support/stack/install'
import { readSource } from '../../log/source'
import type { Block } from '../../model/block'
import type { Dictionary } from '../../model/dictionary'
import { Intake } from '../../runtime/intake'
import { eventsFile } from '../data'
import { answersBy } from './answer'
import { key, policy } from './assay'
import { compareAnswers } from './compare'
import { streamFile } from './stream'

/** By reason how many records there were, and a sum of each column. */
type Told = Record<string, string>

// A bench needs no compiler: what cannot be compiled is left out of it, and told.
const withCompiler = onPath('gcc') === undefined ? describe.skip : describe

withCompiler('the limits in C, where there is a compiler', () => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-checked-test-'))
  afterAll(() => {
    rmSync(folder, { recursive: true })
  })

  const stream = (): Promise<string> =>
    streamFile(eventsFile(folder, { events: 20_000, accounts: 60, actors: 2_000, hours: 6 }), 19_000)

  it('have the answers of the reference', async () => {
    const path = await stream()
    const right = await answersBy.reference(path)
    const answers = join(folder, 'answers')
    for (const name of ['limit', 'checked'] as const) {
      execFileSync(await cPeer(name), [path, answers, ...(name === 'checked' ? [await formsFile()] : [])])
      const { differences, alerts } = compareAnswers(right, linesOfFile(answers), 0)
      expect({ name, differences }).toEqual({ name, differences: [] })
      expect(alerts).toBeGreaterThan(0)
    }
  })

  it('refuse, with the duties of the intake, what it refuses, and have its columns', async () => {
    const path = join(folder, 'with-bad.ndjson')
    writeFileSync(path, withBadLines(linesOfFile(await stream()).slice(0, 5_000)))
    const told = await toldByProgram(path)
    expect(told).toEqual(await toldByIntake(path))
    for (const reason of reasons) expect([reason, Number(told[reason])]).not.toEqual([reason, NaN])
    // What people decide the program leaves out of the windows.
    const right = (await answersBy.assay(path)).filter((line) => !line.includes('\tfeedback\t'))
    const { differences } = compareAnswers(right, linesOfFile(join(folder, 'answers')), 0)
    expect(differences).toEqual([])
  })

  it('refuse the same of lines that were damaged anywhere', async () => {
    const path = join(folder, 'damaged.ndjson')
    const lines = linesOfFile(await stream()).slice(0, 6_000)
    writeFileSync(path, Buffer.concat(damaged(lines)))
    const told = await toldByProgram(path)
    expect(told).toEqual(await toldByIntake(path))
    expect(Number(told['malformed-json'])).toBeGreaterThan(500)
    expect(Number(told['admitted'])).toBeGreaterThan(3_000)
  })

  async function toldByProgram(path: string): Promise<Told> {
    const books = join(folder, 'books')
    execFileSync(await cPeer('checked'), [path, join(folder, 'answers'), await formsFile(), books])
    const { 'texts not folded': unknown, ...told } = Object.fromEntries(
      linesOfFile(books).map((line) => line.split('\t') as [string, string]),
    )
    expect(unknown).toBe('0')
    return told
  }
})

async function toldByIntake(path: string): Promise<Told> {
  const source = { name: 'bench', read: (fromPosition: number) => readSource(path, { fromPosition }) }
  const intake = new Intake({ policy, key, sources: [source] })
  const sums: Record<string, Sum> = {}
  for (let block = await intake.next(); block !== undefined; block = await intake.next()) {
    for (const [name, values] of Object.entries(valuesOf(block))) {
      const sum = (sums[`sum of ${name}`] ??= new Sum())
      for (const value of values) sum.add(value)
    }
  }
  const { admitted, duplicates, tooLate, deadLetters } = intake.books[0]!
  const counts = Object.entries({ admitted, duplicates, tooLate, ...deadLetters }).filter(
    ([, count]) => count > 0,
  )
  return Object.fromEntries([...counts, ...Object.entries(sums)].map(([name, told]) => [name, String(told)]))
}

/** What the program sums: columns, then the bytes of rows and the names of dictionaries. */
function valuesOf(block: Block): Record<string, Iterable<number | bigint>> {
  const { rows, timeMs, idHigh, idLow, actorHigh, actorLow, accounts, contents } = block
  const { createdS, device, network, agent, text, dwellMs, amount, place, account, content } = block
  const { textLength, kind, action, entry, breadth, visits, facts, idBytes, detailBytes } = block
  return {
    timeMs,
    id: Array.from({ length: rows }, (_, row) => joined(idHigh[row]!, idLow[row]!)),
    actor: Array.from({ length: rows }, (_, row) => joined(actorHigh[row]!, actorLow[row]!)),
    ...{ createdS, device, network, agent, text, dwellMs, amount, place, account, content },
    ...{ textLength, kind, action, entry, breadth, visits, facts },
    ids: idBytes,
    details: detailBytes,
    accounts: valuesOfNames(accounts),
    contents: valuesOfNames(contents),
  }
}

function valuesOfNames(names: Dictionary): (number | bigint)[] {
  return Array.from({ length: names.size }, (_, name) => [
    joined(names.hashHigh[name]!, names.hashLow[name]!),
    ...names.bytesOf(name),
  ]).flat()
}

function joined(high: number, low: number): bigint {
  return (BigInt(high) << 32n) | BigInt(low)
}

/** A sum of 64 bits that knows the order of what was added. */
class Sum {
  private sum = 0n

  add(value: number | bigint): void {
    this.sum = BigInt.asUintN(64, this.sum * 31n + BigInt(value))
  }

  toString(): string {
    return String(this.sum)
  }
}

const reasons = [
  ...['admitted', 'duplicates', 'tooLate', 'malformed-json', 'not-an-object', 'too-deep', 'invalid-utf8'],
  ...['record-too-large', 'field-too-large', 'missing-field', 'wrong-type', 'unknown-kind', 'unknown-value'],
  ...['impossible-number', 'impossible-time', 'ahead-of-time', 'id-collision', 'misplaced-policy'],
]

type Event = Record<string, unknown>

/** The lines with others among them, of which most are bad; the last one has no newline. */
function withBadLines(lines: readonly string[]): Buffer {
  const made = new LineMaker(JSON.parse(lines[99]!) as Event)
  const between = [...repeats(made), ...json(made), ...fields(made), ...texts(made), ...lists(made)]
  // Close together, so that none is late by the time it comes.
  const all = lines.flatMap((line, index) => [
    line,
    ...(index < 100 ? [] : between.slice((index - 100) * 20, (index - 99) * 20)),
  ])
  return Buffer.concat(all.flatMap((line, index) => [newline, Buffer.from(line)].slice(index === 0 ? 1 : 0)))
}

/** Makes lines that are a click like another one, each with an id of its own, but for what is said. */
class LineMaker {
  private made = 0
  readonly occurredAt: number

  constructor(private readonly event: Event) {
    this.occurredAt = event['occurredAt'] as number
  }

  like(other: Event): string {
    const none = { text: undefined, action: undefined, source: undefined }
    return JSON.stringify({ ...this.event, ...none, kind: 'click', eventId: `made-${this.made++}`, ...other })
  }

  /** One for each of some values of a field. */
  each(name: string, values: readonly unknown[], others: Event = {}): string[] {
    return values.map((value) => this.like({ ...others, [name]: value }))
  }

  /** A line with more fields, as they are written. */
  written(json: string): string {
    return `${this.like({}).slice(0, -1)},${json}}`
  }

  padded(length: number): string {
    return this.like({}).padEnd(length)
  }
}

function repeats(made: LineMaker): string[] {
  const line = made.like({})
  const event = JSON.parse(line) as Event
  const inOtherOrder = JSON.stringify(Object.fromEntries(Object.entries(event).reverse()))
  const hoursMs = 3_600_000
  return [
    ...[line, line, inOtherOrder, JSON.stringify({ ...event, dwellMs: 2 })],
    ...made.each('occurredAt', [made.occurredAt + 48 * hoursMs, made.occurredAt - 6 * hoursMs]),
  ]
}

/** What is said of JSON, UTF-8 and sizes. */
function json(made: LineMaker): (string | Buffer)[] {
  const [line, nested] = [made.like({}), (depth: number) => '['.repeat(depth) + ']'.repeat(depth)]
  const values = [
    ...'01 +1 1. .5 - 1e 1e+ tru NaN -0 1e400 12345678901234567890 0.5E-3 false [1,] {"a":}'.split(' '),
    ...'"\\x" "\\u12g4" "\\ud83d\\ude00\\/" {"a":{"b":[1,{}]}} "\\ud800"'.split(' '),
    ...['', '"\t"', ' null ', nested(15), nested(16), `"${'\\n'.repeat(140_000)}"`],
  ]
  const bytes = ['ff', 'c080', 'eda080', 'e4b8', 'f4908080', '80', 'e4b8ad', 'f09f9880'].map((hex) => {
    const [before, after] = made.written('"x":"|"').split('|')
    return Buffer.concat([Buffer.from(before!), Buffer.from(hex, 'hex'), Buffer.from(after!)])
  })
  return [
    ...[line.slice(0, -1), line.slice(0, 50), `${line} x`, `${line}}`, `${line},`, '  ', '\r', ' 12 '],
    ...'{ {} [1] "x" null nul [1 " {"a"} {\'a\':1} {a:1} {,}'.split(' '),
    ...values.map((value) => made.written(`"x":${value}`)),
    ...bytes,
    ...[made.padded(262_144), made.padded(262_145), `\t${made.like({})} \r`],
    ...[made.like({}).replace('"kind"', '"k\\u0069nd"'), made.like({}).replace('{', '{ "extra" : [ ] , ')],
    ...['"kind":"comment"', '"dwellMs":null'].map((repeated) => made.written(repeated)),
  ]
}

function fields(made: LineMaker): string[] {
  const { occurredAt } = made
  const offsets = ['Z', '+00:00', '-0000', '+00', '', '+24:00', 'z ']
  const odd = [
    undefined,
    null,
    '',
    5,
    [],
    'x',
    '\udc00',
    'x'.repeat(200),
    'x'.repeat(8193),
    'a\u0001"\\/é中😀',
  ]
  const addresses = [
    ...'1.2.3.4 01.2.3.4 1.2.3 1.2.3.256 :: ::1 2001:DB8::8:800:200c:417a ::ffff:1.2.3.4 1::2::3 :1 1:'.split(
      ' ',
    ),
    ...'1:2:3:4:5:6:7:8 1:2:3:4:5:6:7:: 1:2:3:4:5:6:7:8:9 ::ffff:0102:304 12345:: fe80::%1'.split(' '),
  ]
  return [
    ...made.each('kind', [5, null, 'Click', 'policy']),
    ...made.each('eventId', [null, '', 7, '\ud800', 'x'.repeat(129), '𠮷'.repeat(32)]),
    ...made.each('occurredAt', ['2009-02-13', '', 'today', '1709481600000', '2024-02-30T00:00:00Z']),
    ...made.each('occurredAt', [1.5, 1e9, 4.2e12, -1, true, null, {}]),
    ...offsets.map((offset) =>
      made.like({ occurredAt: new Date(occurredAt).toISOString().replace('Z', offset) }),
    ),
    ...['actorId', 'accountId', 'contentId', 'deviceId', 'userAgent', 'address', 'referrer'].flatMap((name) =>
      made.each(name, odd),
    ),
    ...made.each('address', addresses),
    ...made.each('actorCreatedAt', [0, 1.5, -1, occurredAt + 90_000_000, 1.6e12 + 0.5, true, null, []]),
    ...made.each('actorCreatedAt', ['', 'soon', '2020-01-01T00:00:00.123456789+08:00']),
    ...made.each('dwellMs', counts),
    ...made.each('count', counts, { kind: 'impression' }),
    ...made.each('action', ['subscribe', 'unsubscribe', 'Subscribe', '', 5, null], { kind: 'subscription' }),
    ...made.each('source', ['import', 'Import', 5, null], { kind: 'subscription', action: 'subscribe' }),
    ...made.each('activity', ['registered', 'closed', 'moved', null], { kind: 'account', subjectId: 's' }),
    ...['category', 'name', 'declaredNetwork', 'grade'].flatMap((name) =>
      made.each(name, ['x', '', 5, 'x'.repeat(8193), '\ud800'], { kind: 'account', activity: 'login' }),
    ),
    ...['v', null].flatMap((verdictId) =>
      made.each('decision', ['confirmed', 'Overturned', null], {
        ...{ kind: 'feedback', verdictId, occurredAt: occurredAt - 86_400_000 },
      }),
    ),
  ]
}

const counts = [0, 0.9, -1, 4294967294.5, 4294967295, 1e3, '3', null, false]

function texts(made: LineMaker): string[] {
  const some = [
    ...['a text', '', '  ', 5, null, '"quoted" \\ \u0000', 'x'.repeat(8192), '字'.repeat(2731)],
    ...[
      '繁體與简体',
      'Héllo WÖRLD ß',
      'Привет мир',
      'ｆｕｌｌ　ｗｉｄｔｈ',
      'a\u200bb…c',
      '한국어 ひらがな カタカナ',
    ],
    ...['see http://a.b/c?d=e @me [doge] #tag# v1agra', 'www.x.y中 a@b.c [] [too-long-for-one] h1i w0w'],
  ]
  return ['comment', 'forward', 'post'].flatMap((kind) => made.each('text', some, { kind, channel: 'chat' }))
}

function lists(made: LineMaker): string[] {
  const post = { kind: 'post', text: 'a' }
  const some = [
    ...[[], ['a', 'b"\\\u0007'], ['x'.repeat(2048)], ['x'.repeat(2049)], [1], ['a', null], 'a', {}, null],
    Array.from({ length: 70 }, String),
  ]
  return [
    ...['links', 'tags', 'mediaHashes', 'approvedBy'].flatMap((name) => made.each(name, some, post)),
    ...made.each('original', [true, false, 1, null], post),
    ...made.each('title', ['a', '', 5, 'x'.repeat(8193)], post),
  ]
}

const newline = Buffer.from('\n')

/** Every second line with one to three of its bytes written over by others, the same each time. */
function damaged(lines: readonly string[]): Buffer[] {
  const random = seeded(1)
  const below = (limit: number): number => Math.floor(random() * limit)
  return lines.map((text, index) => {
    const line = Buffer.from(`${text}\n`)
    const changes = index % 2 === 0 ? 0 : 1 + below(3)
    // A time that is damaged could be tomorrow's, and all that follows late.
    const time = line.indexOf('"occurredAt":') + '"occurredAt":'.length
    for (let change = 0; change < changes; change++) {
      const at = below(line.length - 1)
      if (at < time || at >= time + 13) line[at] = marks.charCodeAt(below(marks.length))
    }
    return line
  })
}

const marks = '"\\{}[]:,.-+0159eEnu \tax\n'
