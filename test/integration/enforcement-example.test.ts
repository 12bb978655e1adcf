import { randomUUID } from 'node:crypto'
import { appendFileSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { KeyedTopic } from '../../src/log/kafka/keyed-topic'
import type { KeyedRecord } from '../../src/log/kafka/keyed-topic'
import type { KafkaClient } from '../../src/log/kafka/client'
import { commandOf, start } from '../support/child'
import type { Child } from '../support/child'
import { kafkaClient, newTopic } from '../support/kafka'
import { shared } from '../support/stack/shared'
import { temporaryFolders } from '../support/temporary'

jest.setTimeout(180_000)

/** What the test has to say of a verdict; the rest is as usual. */
interface Told {
  readonly revision?: number
  readonly status?: string
  readonly recommendation?: string
  readonly mode?: string
  /** From now on until it expires. */
  readonly endsInMs?: number
  readonly cluster?: { readonly members: readonly string[] }
  readonly subject?: { readonly type: string; readonly id: string }
}

/** A line of the ledger. */
interface Line {
  readonly verdictId?: string
  readonly revision: number
  readonly doing: string
  readonly sanction: string | null
  readonly because: string
  readonly whom: readonly string[]
  readonly freed: readonly string[]
  readonly setAside?: string
  readonly bytes: string
}

const newFolder = temporaryFolders()
const running: Child[] = []
let client: KafkaClient
let bootstrap: string

beforeAll(async () => {
  bootstrap = (await shared('kafka')).bootstrap
  client = await kafkaClient(bootstrap)
})
afterEach(() => {
  for (const { process } of running.splice(0)) process.kill('SIGKILL')
})

function verdict(
  verdictId: string,
  accountId: string,
  { endsInMs = 3_600_000, ...told }: Told = {},
): KeyedRecord {
  const usual = {
    ...{ verdictId, revision: 1, status: 'raised', accountId, recommendation: 'limit', mode: 'live' },
    subject: { type: 'account', id: accountId },
    expiresAt: Date.now() + endsInMs,
    // About as large as evidence is.
    elements: [{ element: 'false-traffic', sentence: 'x'.repeat(1_000) }],
  }
  return { key: accountId, value: Buffer.from(JSON.stringify({ ...usual, ...told })) }
}

/** A topic of verdicts, and an enforcement service with a ledger of its own. */
async function scene() {
  const topic = await newTopic(client, { partitions: 3 })
  const ledger = join(newFolder(), 'ledger.ndjson')
  const env = { KAFKA_BROKERS: bootstrap, VERDICTS_TOPIC: topic, CONSUMER_GROUP: topic, LEDGER_FILE: ledger }
  return {
    topic,
    ledger,
    begin: () => {
      const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`)
      const child = start(['env', ...variables, process.execPath, script])
      running.push(child)
      return child
    },
    produce: async (records: readonly KeyedRecord[]) => {
      const writer = new KeyedTopic(client, topic)
      await writer.append(records)
      await writer.close()
    },
    /** Everything is read: what is committed is what there is. */
    untilRead: async () => {
      const admin = await client.admin()
      const ends = await client.offsets(topic)
      await until('all verdicts are committed', async () => {
        const [committed] = await admin.fetchOffsets({ groupId: topic, topics: [topic] })
        return committed!.partitions.every(
          ({ partition, offset }) => Math.max(0, Number(offset)) === ends.get(partition)!.high,
        )
      })
    },
    /** As if nothing had been committed. */
    rewind: async () => {
      const admin = await client.admin()
      await until('the group is empty', async () => {
        const { groups } = await admin.describeGroups([topic])
        return groups[0]!.members.length === 0
      })
      const partitions = [0, 1, 2].map((partition) => ({ partition, offset: '0' }))
      await admin.setOffsets({ groupId: topic, topic, partitions })
    },
    lines: () => linesIn(ledger),
  }
}

/** Whole lines of a ledger. */
function linesIn(file: string): Line[] {
  if (!existsSync(file)) return []
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1)
  return lines.map((line) => JSON.parse(line) as Line)
}

async function until(what: string, holds: () => Promise<boolean> | boolean, pauseMs = 100): Promise<void> {
  const deadlineMs = performance.now() + 60_000
  while (!(await holds())) {
    if (performance.now() > deadlineMs) throw new Error(`within a minute it should be that ${what}`)
    await sleep(pauseMs)
  }
}

async function kill(child: Child, signal: NodeJS.Signals): Promise<number | null> {
  child.process.kill(signal)
  await child.ended
  return child.process.exitCode
}

/** What was done on a verdict, in order. */
function story(lines: readonly Line[], verdictId: string): string {
  return lines
    .filter((line) => line.verdictId === verdictId)
    .map(({ revision, doing, sanction, because }) =>
      [`${revision}:`, doing, ...(sanction === null ? [] : [sanction]), because].join(' '),
    )
    .join(', ')
}

it('acts exactly once through kills, repeats, and older revisions behind newer ones', async () => {
  const { begin, produce, untilRead, rewind, lines, ledger } = await scene()
  const ids = Array.from({ length: 300 }, (_, index) => `v-${index}`)
  // What a publisher sends again after a crash follows what it had sent.
  const sent = ids.flatMap((id) => {
    const account = `account-${id}`
    const revisions = [
      verdict(id, account, { recommendation: 'warn' }),
      verdict(id, account, { revision: 2, status: 'escalated' }),
    ]
    return [...revisions, ...revisions]
  })
  await produce(sent)
  for (const [count, isCommitted] of [
    [150, false],
    [350, true],
  ] as const) {
    const child = begin()
    await until(`${count} acts are recorded`, () => lines().length >= count, 1)
    await kill(child, 'SIGKILL')
    expect(lines().length).toBeLessThan(600)
    // The crash came in the middle of a line, and one of them before anything was committed.
    appendFileSync(ledger, '{"verdictId":"v-299","revi')
    if (!isCommitted) await rewind()
  }
  const child = begin()
  await untilRead()
  expect(await kill(child, 'SIGTERM')).toBe(0)

  const stories = ids.map((id) => story(lines(), id))
  expect(new Set(stories)).toEqual(new Set(['1: impose warn raised, 2: change limit escalated']))
  expect(lines()).toHaveLength(600)
})

describe('what is done', () => {
  const cases: readonly [name: string, revisions: readonly Told[], expected: string][] = [
    ['a sanction', [{}], '1: impose limit raised'],
    [
      'a graver one',
      [{}, { revision: 2, recommendation: 'close' }],
      '1: impose limit raised, 2: change close raised',
    ],
    ['overturned', [{}, { revision: 2, status: 'overturned' }], '1: impose limit raised, 2: lift overturned'],
    ['cleared', [{}, { revision: 2, status: 'cleared' }], '1: impose limit raised, 2: lift cleared'],
    [
      'overturned as assay says it',
      [{}, { revision: 2, status: 'overturned', recommendation: 'watch', endsInMs: -1 }],
      '1: impose limit raised, 2: lift overturned',
    ],
    [
      'overturned and told again',
      [{}, { revision: 2, status: 'overturned', recommendation: 'watch', endsInMs: -1 }, {}],
      '1: impose limit raised, 2: lift overturned',
    ],
    [
      'a milder one',
      [{}, { revision: 2, recommendation: 'correct-count' }],
      '1: impose limit raised, 2: lift raised',
    ],
    ['overturned too early', [{ revision: 2, status: 'overturned' }, {}], '2: nothing overturned'],
    ['over before it came', [{ endsInMs: -1 }], '1: nothing expired'],
    ['over later', [{ endsInMs: 8_000 }, {}], '1: impose limit raised, 1: lift expired'],
    ['on trial', [{ mode: 'shadow' }], ''],
    ['watched', [{ recommendation: 'watch' }], '1: nothing raised'],
    ['corrected', [{ recommendation: 'correct-count' }], '1: nothing raised'],
  ]
  let all: readonly Line[]
  let told: readonly string[]

  beforeAll(async () => {
    const { begin, produce, untilRead, rewind, lines } = await scene()
    const members = (...ids: string[]): Told => ({
      cluster: { members: ids },
      subject: { type: 'cluster', id: 'c-1' },
    })
    await produce([
      { key: 'broken', value: Buffer.from('{"verdictId":') },
      verdict('unknown word', 'a', { recommendation: 'banish' }),
      { ...verdict('another key', 'a'), key: 'b' },
      ...cases.flatMap(([name, revisions]) => revisions.map((one) => verdict(name, `account ${name}`, one))),
      verdict('cluster', 'x', members('x', 'y')),
      verdict('cluster', 'x', { revision: 2, ...members('y', 'z') }),
      verdict('cluster that is none', 'p', members('p', 'q')),
      verdict('cluster that is none', 'q', { revision: 2, status: 'overturned', ...members('p', 'q') }),
      verdict('first of two', 'twice', { recommendation: 'suspend' }),
      verdict('second of two', 'twice', { recommendation: 'warn' }),
      verdict('first of two', 'twice', { revision: 2, status: 'overturned' }),
    ])
    const first = begin()
    await untilRead()
    await until('the time of one is over', () => story(lines(), 'over later').includes('lift'))
    told = [...first.lines]
    await kill(first, 'SIGTERM')
    // All of it comes again.
    await rewind()
    const second = begin()
    await untilRead()
    await kill(second, 'SIGTERM')
    all = lines()
  })

  it.each(cases)('%s', (name, _, expected) => {
    expect(story(all, name)).toBe(expected)
  })

  it('is done to the members of a cluster, and no longer to those that have left it', () => {
    const [first, second] = all.filter(({ verdictId }) => verdictId === 'cluster')
    expect(first).toMatchObject({ doing: 'impose', whom: ['x', 'y'], freed: [] })
    expect(second).toMatchObject({ doing: 'change', whom: ['y', 'z'], freed: ['x'] })
  })

  it('is taken off every member of a cluster that was overturned, whomever the revision names', () => {
    // The two revisions lie in different partitions, in no order.
    const lines = all.filter(({ verdictId }) => verdictId === 'cluster that is none')
    expect(lines.at(-1)).toMatchObject({ revision: 2, sanction: null, whom: [], because: 'overturned' })
    const imposed = lines.filter(({ doing }) => doing === 'impose').flatMap(({ whom }) => whom)
    expect(lines.flatMap(({ freed }) => freed)).toEqual(imposed)
  })

  it('gives back no more than one verdict took', () => {
    expect(told.find((line) => line.includes('first of two revision 2'))).toContain('twice: warn')
    expect(told.find((line) => line.includes('overturned revision 2'))).toContain(
      'account overturned: good standing',
    )
  })

  it('sets aside what cannot be read, once and byte for byte', () => {
    const aside = all.filter(({ setAside }) => setAside !== undefined)
    expect(aside).toHaveLength(3)
    expect(aside.map(({ because }) => because).join()).toMatch(/recommendation is missing or not as agreed/)
    expect(aside.map(({ because }) => because).join()).toMatch(/accountId, which is the key, is missing/)
    expect(aside.map(({ bytes }) => Buffer.from(bytes, 'base64').toString())).toContain('{"verdictId":')
  })
})

it('does not begin with a ledger that somebody has damaged', async () => {
  const { begin, ledger } = await scene()
  appendFileSync(ledger, '{"verdictId":"v-1","revi\n{}\n')
  const child = begin()
  await child.ended
  expect(child.process.exitCode).toBe(1)
})

describe('npm run demo:kafka', () => {
  /** Processes that have this in their environment, as everything has that the demo starts. */
  const marked = (mark: string): string[] =>
    readdirSync('/proc').filter((pid) => {
      try {
        return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, 'utf8').includes(mark)
      } catch {
        return false
      }
    })
  const startDemo = (mark: string, ...args: string[]): Child => {
    const child = start(['env', `DEMO_MARK=${mark}`, ...commandOf('stack/demo.ts', ...args)])
    running.push(child)
    return child
  }

  it('tells a story that ends as it should, and leaves nothing running', async () => {
    const mark = randomUUID()
    const demo = startDemo(mark, '--short')
    await demo.ended
    const told = demo.lines.join('\n')
    expect(told).toMatch(/ [AB] is killed/)
    expect(told).toMatch(/act +impose warn/)
    expect(told).toMatch(/verdicts +\d+, with revisions \d+: the same as a replay without any crash gives/)
    expect(demo.process.exitCode).toBe(0)
    await until('nothing is left', () => marked(mark).length === 0)
  })

  it('ends at Ctrl-C, and leaves nothing running', async () => {
    const mark = randomUUID()
    const demo = startDemo(mark, '--short')
    await until('instances run', () => demo.lines.some((line) => line.includes('instances of assay are up')))
    expect(marked(mark).length).toBeGreaterThan(4)
    expect(await kill(demo, 'SIGINT')).toBe(130)
    await until('nothing is left', () => marked(mark).length === 0)
  })
})

const script = join(__dirname, '../../examples/enforcement/enforcement.mjs')
