import fc from 'fast-check'
import { BlockBuilder, eventIdOf, noContent, unknownDwell } from '../model/block'
import type { Block } from '../model/block'
import { detailNames, DetailReader } from '../model/details'
import { actionCode, actionFields, entryCode, entryFields, kinds } from '../model/event'
import type { Action, Entry, Kind } from '../model/event'
import { KeyedHash } from '../model/hash'
import { JsonDecoder, paddingBytes } from './decode-json'
import { earliestTimeMs, latestTimeMs, parseIsoTime } from './event-time'
import { FoundFields } from './fields'
import { TextFold } from '../text/fold'
import { readNetwork } from './network'
import { RowWriter } from './row'

const hash = new KeyedHash(new Uint8Array(16).fill(7))
const builder = new BlockBuilder()

function decode(line: string | Uint8Array, kind?: Kind): Record<string, unknown> | string {
  const found = new FoundFields()
  const row = new RowWriter(found, builder, hash, kind)
  const text = typeof line === 'string' ? Buffer.from(line) : line
  const bytes = new Uint8Array(text.length + paddingBytes)
  bytes.set(text)
  bytes[text.length] = 0x0a
  const reason = new JsonDecoder(found).decode(bytes, 0, text.length) ?? row.write()
  if (reason === undefined) row.keep(builder.rows - 1)
  else if (builder.rows > 0) builder.dropRow()
  const block = builder.finish({ source: '', sequence: 0, watermarkMs: 0, fromPosition: 0, toPosition: 0 })
  if (reason !== undefined) return reason
  return {
    kind: kinds[block.kind[0]!],
    id: eventIdOf(block, 0),
    idHash: [block.idHigh[0], block.idLow[0]],
    timeMs: block.timeMs[0],
    actorHash: [block.actorHigh[0], block.actorLow[0]],
    account: block.accounts.text(block.account[0]!),
    content: block.content[0] === noContent ? undefined : block.contents.text(block.content[0]!),
    device: block.device[0],
    agent: block.agent[0],
    network: block.network[0],
    createdS: block.createdS[0],
    action: block.action[0],
    entry: block.entry[0],
    dwellMs: block.dwellMs[0],
    amount: block.amount[0],
    text: block.text[0],
    textLength: block.textLength[0],
    details: detailsOf(block),
  }
}

function detailsOf(block: Block): string[] {
  const reader = new DetailReader().open(block, 0)
  const details: string[] = []
  while (reader.next()) details.push(`${detailNames[reader.code]!}: ${reader.text()}`)
  return details
}

const base = {
  kind: 'click',
  eventId: 'e1',
  occurredAt: 1_772_352_000_000,
  actorId: 'actor',
  accountId: 'account',
}

/** The base event with some fields changed, or left out where undefined. */
function changed(changes: Record<string, unknown>): string {
  return JSON.stringify({ ...base, ...changes })
}

describe('what a line says', () => {
  it('becomes a row, whatever the order of its fields and whatever else it holds', () => {
    const line = `\t{ "title" : "x", "tags": ["a", {"b": [1, -2.5e3, true, false, null]}], "accountId":"account" ,
      "actorId":"actor","occurredAt":1772352000000,"eventId":"e1","kind":"click","dwellMs":1500, "referrer":"feed"} \r`
    expect(decode(line)).toMatchObject({
      kind: 'click',
      id: 'e1',
      timeMs: 1_772_352_000_000,
      account: 'account',
      content: undefined,
      dwellMs: 1500,
      entry: entryCode('feed'),
      amount: 1,
    })
  })

  it('takes its kind from the topic where it names none, and keeps its own where it names one', () => {
    expect(decode(changed({ kind: undefined }))).toBe('missing-field')
    expect(decode(changed({ kind: null }), 'click')).toMatchObject({ kind: 'click' })
    expect(decode(changed({}), 'post')).toMatchObject({ kind: 'click' })
  })

  it('reads escapes in keys and values', () => {
    const line = changed({ contentId: 'X' })
      .replace('"X"', '"\\u5199\\ud83d\\ude00\\n\\/\\"\\\\"')
      .replace('eventId', '\\u0065ventId')
    expect(decode(line)).toMatchObject({ id: 'e1', content: '写😀\n/"\\' })
  })

  it('takes the last of several fields of one name', () => {
    const line = changed({}).replace('"eventId":"e1"', '"eventId":7,"eventId":"e2"')
    expect(decode(line)).toMatchObject({ id: 'e2' })
    expect(decode(line.replace('"e2"', 'null'))).toBe('missing-field')
    expect(decode(changed({ deviceId: 'd' }).replace('}', ',"deviceId":null}'))).toMatchObject({ device: 0 })
  })

  it('reads a time as whole milliseconds or as ISO 8601', () => {
    for (const occurredAt of ['2026-03-01T08:00:00Z', '2026-03-01T16:00:00.000+08:00']) {
      expect(decode(changed({ occurredAt }))).toMatchObject({ timeMs: 1_772_352_000_000 })
    }
    expect(decode(changed({ occurredAt: 'T' }).replace('"T"', '1.772352e12'))).toMatchObject({
      timeMs: 1_772_352_000_000,
    })
  })

  it('leaves the age of the actor open where the time of registration cannot be', () => {
    const createdS = (actorCreatedAt: unknown): unknown =>
      (decode(changed({ actorCreatedAt })) as { createdS: number }).createdS
    expect(createdS(1_772_000_000_999)).toBe(1_772_000_000)
    expect(createdS('2026-01-01T00:00:00Z')).toBe(Date.UTC(2026, 0, 1) / 1000)
    expect(createdS(base.occurredAt + 86_400_000)).toBe(base.occurredAt / 1000 + 86_400)
    for (const impossible of [
      base.occurredAt + 86_400_001,
      1_772_000_000,
      0,
      -1,
      1e300,
      earliestTimeMs - 1,
      '',
    ]) {
      expect(createdS(impossible)).toBe(0)
    }
  })

  it('takes an address that is none for no address', () => {
    for (const address of ['', 'unknown', '1.2.3', 'x'.repeat(5000)]) {
      expect(decode(changed({ address }))).toMatchObject({ network: 0 })
    }
    const there = decode(changed({ address: '192.0.2.7' })) as { network: number }
    expect(there.network).not.toBe(0)
    expect(decode(changed({ address: '::ffff:192.0.2.9' }))).toMatchObject({ network: there.network })
  })

  it('takes an unheard-of entry for unknown, or for none where the kind has no unknown', () => {
    expect(decode(changed({ referrer: 'a-new-place' }))).toMatchObject({ entry: entryCode('unknown') })
    expect(decode(changed({ kind: 'forward', channel: 'a-new-place' }))).toMatchObject({ entry: 0 })
    expect(decode(changed({ kind: 'forward', channel: 'group' }))).toMatchObject({
      entry: entryCode('group'),
    })
    expect(decode(changed({ referrer: 'qr-code' }))).toMatchObject({ entry: entryCode('unknown') })
  })

  it('names the verdict that feedback speaks of as its content', () => {
    const feedback = { kind: 'feedback', decision: 'overturned', verdictId: 'v9', contentId: 'c' }
    expect(decode(changed(feedback))).toMatchObject({ content: 'v9', action: actionCode('overturned') })
  })

  it('folds a text and keeps its hash and its length', () => {
    const comment = (text: string): unknown => decode(changed({ kind: 'comment', text }))
    expect(comment('写得 真好!')).toMatchObject({ textLength: 4 })
    expect((comment('写得 真好!') as { text: number }).text).toBe(
      (comment('写得真好') as { text: number }).text,
    )
    expect(comment('👍')).toMatchObject({ text: 0, textLength: 0 })
    expect(comment('')).toMatchObject({ text: 0, textLength: 0 })
  })

  it('asks nothing of a field that means nothing for the kind', () => {
    expect(
      decode(changed({ text: 7, action: {}, count: 'many', channel: true, verdictId: [] })),
    ).toMatchObject({ kind: 'click' })
  })
})

describe('a line is put aside', () => {
  const good = changed({})
  it.each([
    '',
    '{',
    '{"a"',
    '{"a":',
    '{"a":1',
    '{"a":1,}',
    '{,}',
    '{"a" 1}',
    '{a:1}',
    "{'a':1}",
    '{"a":01}',
    '{"a":-}',
    '{"a":1.}',
    '{"a":.5}',
    '{"a":1e}',
    '{"a":+1}',
    '{"a":NaN}',
    '{"a":Infinity}',
    '{"a":-Infinity}',
    '{"a":nul}',
    '{"a":nulll}',
    '{"a":tru}',
    '{"a":[1,]}',
    '{"a":[1 2]}',
    '{"a":{"b"}}',
    '{"a":{"b":1,}}',
    '{"a":"\\x"}',
    '{"a":"\\u12"}',
    '{"a":"\\u12g4"}',
    '{"a":"\t"}',
    '{"a":"\n"}',
    '{"a\u0000":1}',
    '{"a":1}{"a":1}',
    '{"a":1} x',
    '{"a":"b',
    '{"a":"b\\',
    '{"a":\u00a01}',
    '[1',
    '\ufeff{}',
    good.slice(0, -1),
    good + ',',
    '}',
    'nonsense',
  ])('as malformed-json: %j', (line) => {
    expect(decode(line)).toBe('malformed-json')
    expect(() => {
      JSON.parse(line)
    }).toThrow()
  })

  it.each(['[]', '[{}]', '"text"', '12', '-0.5e-3', 'null', 'true', ' [1, 2] '])(
    'as not-an-object: %s',
    (line) => {
      expect(decode(line)).toBe('not-an-object')
    },
  )

  it('as too-deep, at the 17th level', () => {
    const nested = (depth: number): string => '{"a":'.repeat(depth - 1) + '{}' + '}'.repeat(depth - 1)
    const lists = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)
    expect(decode(nested(16))).toBe('missing-field')
    expect(decode(nested(17))).toBe('too-deep')
    expect(decode(lists(16))).toBe('not-an-object')
    expect(decode(lists(17))).toBe('too-deep')
    expect(decode('{"a":'.repeat(30_000))).toBe('too-deep')
  })

  it('as invalid-utf8, wherever the bytes are', () => {
    const broken = [
      [0x80],
      [0xc3],
      [0xc0, 0x80],
      [0xe0, 0x80, 0x80],
      [0xed, 0xa0, 0x80],
      [0xf4, 0x90, 0x80, 0x80],
      [0xff],
      [0xf0, 0x9f, 0x98],
    ]
    for (const bytes of broken) {
      for (const field of ['eventId', 'title', 'text']) {
        const [before, after] = changed({ [field]: 'a#b' }).split('#') as [string, string]
        expect(decode(Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(after)]))).toBe(
          'invalid-utf8',
        )
      }
    }
    expect(decode(changed({ eventId: '\ud800' }))).toBe('invalid-utf8')
    expect(decode(changed({ title: '\ud800' }))).toMatchObject({ id: 'e1' })
    expect(decode(changed({ kind: 'comment', text: 'a\udc00b' }))).toMatchObject({ textLength: 2 })
  })

  it('as missing-field, when it lacks what its kind cannot do without', () => {
    for (const field of ['kind', 'eventId', 'occurredAt', 'actorId', 'accountId']) {
      expect(decode(changed({ [field]: undefined }))).toBe('missing-field')
      expect(decode(changed({ [field]: null }))).toBe('missing-field')
    }
    for (const field of ['eventId', 'actorId', 'accountId'])
      expect(decode(changed({ [field]: '' }))).toBe('missing-field')
    expect(decode(changed({ contentId: '', deviceId: '', userAgent: '' }))).toMatchObject({
      content: undefined,
      device: 0,
      agent: 0,
    })
    for (const kind of ['subscription', 'comment', 'post', 'impression', 'account', 'feedback']) {
      expect(decode(changed({ kind }))).toBe('missing-field')
    }
    expect(decode(changed({ kind: 'feedback', decision: 'confirmed' }))).toBe('missing-field')
    expect(decode(changed({ kind: 'forward' }))).toMatchObject({ kind: 'forward' })
  })

  it('as wrong-type', () => {
    for (const field of [
      'kind',
      'eventId',
      'actorId',
      'accountId',
      'contentId',
      'deviceId',
      'userAgent',
      'address',
      'referrer',
    ]) {
      for (const value of [1, true, [], {}]) expect(decode(changed({ [field]: value }))).toBe('wrong-type')
    }
    for (const value of [true, [], {}]) {
      expect(decode(changed({ occurredAt: value }))).toBe('wrong-type')
      expect(decode(changed({ actorCreatedAt: value }))).toBe('wrong-type')
      expect(decode(changed({ dwellMs: value }))).toBe('wrong-type')
      expect(decode(changed({ kind: 'impression', count: value }))).toBe('wrong-type')
      expect(decode(changed({ kind: 'comment', text: value }))).toBe('wrong-type')
    }
    for (const actorCreatedAt of ['yesterday', '2026-01-01', ' ']) {
      expect(decode(changed({ actorCreatedAt }))).toBe('wrong-type')
    }
  })

  it('as field-too-large, at the exact byte', () => {
    for (const field of ['eventId', 'actorId', 'accountId', 'contentId', 'deviceId']) {
      expect(decode(changed({ [field]: 'x'.repeat(128) }))).toMatchObject({ kind: 'click' })
      expect(decode(changed({ [field]: 'x'.repeat(129) }))).toBe('field-too-large')
      expect(decode(changed({ [field]: 'é'.repeat(65) }))).toBe('field-too-large')
    }
    expect(decode(changed({ kind: 'comment', text: 'x'.repeat(8192) }))).toMatchObject({ textLength: 8192 })
    expect(decode(changed({ kind: 'comment', text: 'x'.repeat(8193) }))).toBe('field-too-large')
    expect(decode(changed({ userAgent: 'x'.repeat(8193) }))).toBe('field-too-large')
    expect(decode(changed({ title: 'x'.repeat(100_000) }))).toMatchObject({ kind: 'click' })
  })

  it('as unknown-kind and unknown-value', () => {
    expect(decode(changed({ kind: 'like' }))).toBe('unknown-kind')
    expect(decode(changed({ kind: '' }))).toBe('unknown-kind')
    expect(decode(changed({ kind: 'Click' }))).toBe('unknown-kind')
    expect(decode(changed({ kind: 'subscription', action: 'ponder' }))).toBe('unknown-value')
    expect(decode(changed({ kind: 'account', activity: 'subscribe' }))).toBe('unknown-value')
  })

  it('as impossible-number', () => {
    const dwell = (dwellMs: number): unknown => decode(changed({ dwellMs }))
    expect(dwell(0)).toMatchObject({ dwellMs: 0 })
    expect(dwell(12.9)).toMatchObject({ dwellMs: 12 })
    expect(dwell(4_294_967_294)).toMatchObject({ dwellMs: 4_294_967_294 })
    for (const value of [-1, 4_294_967_295, 1e300]) expect(dwell(value)).toBe('impossible-number')
    const count = (value: number): unknown => decode(changed({ kind: 'impression', count: value }))
    expect(count(0)).toMatchObject({ amount: 0 })
    expect(count(4_294_967_295)).toMatchObject({ amount: 4_294_967_295 })
    for (const value of [-1, 0.5, 4_294_967_296]) expect(count(value)).toBe('impossible-number')
  })

  it.each([
    0,
    -1,
    946_684_799_999,
    4_102_444_800_001,
    1_772_352_000,
    1_772_352_000_000_000,
    1_772_352_000_000_000_000,
    9_007_199_254_740_993,
    1_772_352_000_000.5,
    1e300,
    '1772352000000',
    'NaN',
    'Infinity',
    '-Infinity',
    '',
    'yesterday',
    '2026-03-01',
    '2026-03-01T08:00:00',
    '1999-12-31T23:59:59Z',
    '2100-01-01T00:00:01Z',
  ])('as impossible-time: %j', (occurredAt) => {
    expect(decode(changed({ occurredAt }))).toBe('impossible-time')
  })

  it('as impossible-time for a number beyond all numbers', () => {
    expect(decode(changed({ occurredAt: 'T' }).replace('"T"', '1e999'))).toBe('impossible-time')
  })

  it('but not at the edges of possible time', () => {
    for (const occurredAt of [earliestTimeMs, latestTimeMs]) {
      expect(decode(changed({ occurredAt }))).toMatchObject({ timeMs: occurredAt })
    }
  })
})

const loneSurrogate = /\p{Surrogate}/u

/** What the contract says of a parsed object, told slowly: the row, or undefined where it is put aside. */
function expectedRow(event: Record<string, unknown>): Record<string, unknown> | undefined {
  const hashed = (bytes: Uint8Array): [number, number] => {
    hash.update(bytes, 0, bytes.length)
    return [hash.high, hash.low]
  }
  const text = (field: string, maxBytes: number): string | undefined => {
    const value = event[field] ?? ''
    if (typeof value !== 'string' || loneSurrogate.test(value) || Buffer.byteLength(value) > maxBytes)
      throw new Error(field)
    return value === '' ? undefined : value
  }
  const need = <T>(value: T | undefined): T => {
    if (value === undefined) throw new Error('missing')
    return value
  }
  const short = (value: string | undefined): number =>
    value === undefined ? 0 : hashed(Buffer.from(value))[1] || 1
  const time = (value: unknown): number => {
    if (typeof value === 'number') return value
    const bytes = Buffer.from(typeof value === 'string' ? value : '')
    return parseIsoTime(bytes, 0, bytes.length)
  }
  try {
    const kind = event['kind'] as Kind
    if (!kinds.includes(kind)) return undefined
    const timeMs = time(event['occurredAt'])
    if (!Number.isInteger(timeMs) || timeMs < earliestTimeMs || timeMs > latestTimeMs) return undefined
    const id = need(text('eventId', 128))
    const actor = need(text('actorId', 128))
    const account = need(text('accountId', 128))
    const content = kind === 'feedback' ? need(text('verdictId', 128)) : text('contentId', 128)

    const address = event['address'] ?? ''
    if (typeof address !== 'string') return undefined
    const network = new Uint8Array(7)
    const networkLength = readNetwork(Buffer.from(address), 0, Buffer.byteLength(address), network)

    const created = event['actorCreatedAt'] ?? 0
    const createdMs = created === '' ? 0 : time(created)
    if (Number.isNaN(createdMs)) return undefined
    const isKnown = createdMs >= earliestTimeMs && createdMs <= timeMs + 86_400_000

    const actionRule = actionFields[kind]
    const action = actionRule === undefined ? 0 : actionCode(event[actionRule.field] as Action)
    if (actionRule !== undefined && !actionRule.values.includes(event[actionRule.field] as Action))
      return undefined

    const entryRule = entryFields[kind]
    let entry = 0
    if (entryRule !== undefined && (event[entryRule.field] ?? undefined) !== undefined) {
      if (typeof event[entryRule.field] !== 'string') return undefined
      const named = event[entryRule.field] as Entry
      if (entryRule.values.includes(named)) entry = entryCode(named)
      else entry = entryRule.values.includes('unknown') ? entryCode('unknown') : 0
    }

    let dwellMs = unknownDwell
    if (kind === 'click' && (event['dwellMs'] ?? undefined) !== undefined) {
      dwellMs = Math.floor(event['dwellMs'] as number)
      if (typeof event['dwellMs'] !== 'number' || dwellMs < 0 || dwellMs >= unknownDwell) return undefined
    }
    let amount = 1
    if (kind === 'impression') {
      amount = event['count'] as number
      if (!Number.isInteger(amount) || amount < 0 || amount > 0xffffffff) return undefined
    }
    let textHash = 0
    let textLength = 0
    if (['comment', 'forward', 'post'].includes(kind)) {
      const words = event['text'] ?? undefined
      if (words === undefined && kind !== 'forward') return undefined
      if (words !== undefined) {
        if (typeof words !== 'string') return undefined
        const bytes = Buffer.from(words)
        if (bytes.length > 8192) return undefined
        const fold = new TextFold()
        fold.fold(bytes, 0, bytes.length)
        textLength = fold.characters
        if (fold.length > 0) textHash = hash.short(fold.bytes, 0, fold.length)
      }
    }
    return {
      kind,
      id,
      idHash: hashed(Buffer.from(id)),
      timeMs,
      actorHash: hashed(Buffer.from(actor)),
      account,
      content,
      device: short(text('deviceId', 128)),
      agent: short(text('userAgent', 8192)),
      network: networkLength === 0 ? 0 : hash.short(network, 0, networkLength),
      createdS: isKnown ? Math.floor(createdMs / 1000) : 0,
      action,
      entry,
      dwellMs,
      amount,
      text: textHash,
      textLength,
      details: [`actor: ${actor}`, ...expectedDetails(event, kind)],
    }
  } catch {
    return undefined
  }
}

function expectedDetails(event: Record<string, unknown>, kind: Kind): string[] {
  const details: string[] = []
  const one = (field: string, as: string): void => {
    const value = event[field] ?? undefined
    if (value === undefined) return
    if (typeof value !== 'string' || loneSurrogate.test(value)) throw new Error(field)
    details.push(`${as}: ${value}`)
  }
  const list = (field: string, as: string): void => {
    const value = event[field] ?? []
    if (!Array.isArray(value) || value.some((item) => typeof item !== 'string')) throw new Error(field)
    // A list is kept as the text that the platform's encoder makes of it.
    details.push(...value.map((item: string) => `${as}: ${Buffer.from(item).toString()}`))
  }
  if (kind === 'forward' || kind === 'comment') one('text', 'text')
  if (kind === 'post') {
    one('text', 'text')
    one('title', 'title')
    list('links', 'link')
    list('tags', 'tag')
    list('mediaHashes', 'media')
    const original = event['original'] ?? false
    if (typeof original !== 'boolean') throw new Error('original')
    if (original) details.push('original: ')
  }
  if (kind === 'account') {
    one('subjectId', 'subject')
    one('category', 'category')
    one('name', 'name')
    one('declaredNetwork', 'declared-network')
  }
  return details
}

describe('the quick way and the slow way', () => {
  const id = fc.oneof(
    fc.stringMatching(/^[a-z0-9-]{1,40}$/),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.constantFrom(
      '__proto__',
      'constructor',
      'toString',
      'x'.repeat(128),
      'x'.repeat(129),
      '\u0000',
      '\ud800',
    ),
  )
  const moment = fc.oneof(
    fc.integer({ min: earliestTimeMs, max: latestTimeMs }),
    fc
      .integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2026, 1, 1) })
      .map((ms) => new Date(ms).toISOString()),
    fc.constantFrom(0, -1, 1_772_352_000, 1e21, 1.5, 'soon'),
  )
  const words = fc.oneof(fc.lorem(), fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }))
  const anything = fc.jsonValue({ maxDepth: 3 })
  const rarely = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<unknown> =>
    fc.oneof({ weight: 30, arbitrary: value }, { weight: 1, arbitrary: anything })
  const optional = { requiredKeys: ['kind', 'eventId', 'occurredAt', 'actorId', 'accountId'] as const }
  const event = fc
    .record(
      {
        kind: rarely(fc.constantFrom(...kinds.filter((kind) => kind !== 'policy'))),
        eventId: rarely(id),
        occurredAt: rarely(moment),
        actorId: rarely(id),
        accountId: rarely(id),
        contentId: rarely(id),
        deviceId: rarely(id),
        userAgent: rarely(words),
        address: rarely(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string())),
        actorCreatedAt: rarely(moment),
        action: rarely(fc.constantFrom('subscribe', 'unsubscribe')),
        activity: rarely(fc.constantFrom('registered', 'login', 'closed')),
        decision: rarely(fc.constantFrom('confirmed', 'overturned')),
        source: rarely(fc.constantFrom('search', 'qr-code', 'unknown', 'elsewhere')),
        referrer: rarely(fc.constantFrom('feed', 'chat', 'elsewhere')),
        channel: rarely(fc.constantFrom('group', 'timeline', 'elsewhere')),
        text: rarely(words),
        dwellMs: rarely(fc.double({ min: -10, max: 1e7, noNaN: true })),
        count: rarely(fc.integer({ min: -2, max: 2 ** 32 })),
        verdictId: rarely(id),
        title: rarely(words),
        links: rarely(fc.array(words, { maxLength: 4 })),
        tags: rarely(fc.array(words, { maxLength: 4 })),
        original: rarely(fc.boolean()),
        subjectId: rarely(words),
        name: rarely(words),
        declaredNetwork: rarely(id),
        mediaHashes: anything,
        é: anything,
      },
      optional as never,
    )
    .chain((record) => {
      const entries = Object.entries(record as Record<string, unknown>)
      return fc.shuffledSubarray(entries, { minLength: entries.length })
    })

  /** Writes a value as some producer might: with spaces, with more escapes than needed, in any of them. */
  function written(fields: [string, unknown][], style: { spaces: boolean; escapeAll: boolean }): string {
    const space = style.spaces ? ' ' : ''
    const escaped = (json: string): string =>
      style.escapeAll
        ? json.replace(/[\u0080-\uffff]/g, (unit) => '\\u' + unit.charCodeAt(0).toString(16).padStart(4, '0'))
        : json
    const members = fields.map(
      ([key, value]) => escaped(JSON.stringify(key)) + space + ':' + space + escaped(JSON.stringify(value)),
    )
    return `{${space}${members.join(`${space},${space}`)}${space}}`
  }

  it('agree on every event, however it is written', () => {
    let rows = 0
    fc.assert(
      fc.property(event, fc.boolean(), fc.boolean(), (fields, spaces, escapeAll) => {
        const line = written(fields, { spaces, escapeAll })
        const slow = expectedRow(JSON.parse(line) as Record<string, unknown>)
        const quick = decode(line)
        if (slow === undefined) expect(typeof quick).toBe('string')
        else expect(quick).toEqual(slow)
        if (slow !== undefined) rows++
      }),
      { numRuns: 5000 },
    )
    expect(rows).toBeGreaterThan(1000)
  })

  it('agree on what is JSON, for lines that somebody has damaged', () => {
    const damage = fc.array(
      fc.tuple(fc.nat(), fc.constantFrom(...'{}[]",:\\ \t\n0-9eE.truefalsn\u0000é'.split(''))),
      {
        minLength: 1,
        maxLength: 4,
      },
    )
    fc.assert(
      fc.property(event, damage, (fields, changes) => {
        const letters = written(fields, { spaces: false, escapeAll: false }).split('')
        for (const [at, letter] of changes) letters[at % letters.length] = letter
        const line = letters.join('')
        let isJson = true
        try {
          JSON.parse(line)
        } catch {
          isJson = false
        }
        const quick = decode(line)
        expect(quick === 'malformed-json').toBe(!isJson)
      }),
      { numRuns: 5000 },
    )
  })

  it('never throw, whatever the bytes', () => {
    const bytes = fc.tuple(event, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 }), fc.nat())
    fc.assert(
      fc.property(bytes, ([fields, changes, cut]) => {
        const line = Buffer.from(written(fields, { spaces: false, escapeAll: false }))
        for (const [at, byte] of changes) line[at % line.length] = byte
        decode(line.subarray(0, cut % (line.length + 1)))
      }),
      { numRuns: 5000 },
    )
  })
})
