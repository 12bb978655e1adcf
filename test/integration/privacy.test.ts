import { createHash, randomBytes } from 'node:crypto'
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { nodeIdOf } from '../../src/model/acts'
import { KeyedHash } from '../../src/model/hash'
import { assay, simulated } from '../support/cli'
import type { Ended } from '../support/cli'
import { poisons } from '../support/poison'
import { temporaryFolders } from '../support/temporary'

jest.setTimeout(240_000)

const newFolder = temporaryFolders()

/** What no output may show; each stands in the records that come in, and nowhere else. */
const planted = {
  actor: 'planted-actor',
  device: 'planted-device',
  session: 'planted-session',
  address: '203.0.113.77',
  agent: 'planted-agent',
  subject: 'planted-subject',
  text: 'planted words of a person',
}

interface Event {
  readonly kind: string
  readonly eventId: string
  readonly [field: string]: unknown
}

/** A day on which a crew of thirty copies each other on eight accounts, and some others read. */
function dayOfEvents(): Event[] {
  const startMs = Date.UTC(2026, 0, 5)
  return Array.from({ length: 2_000 }, (_, number): Event => {
    const isPost = number % 5 === 0
    return {
      kind: isPost ? 'post' : number % 7 === 0 ? 'account' : 'click',
      eventId: `e${number}`,
      occurredAt: startMs + number * 20_000,
      actorId: `${planted.actor}-${number % 50}`,
      accountId: `account-${number % 8}`,
      contentId: `content-${number % 8}`,
      deviceId: `${planted.device}-${number % 5}`,
      sessionId: planted.session,
      address: planted.address,
      userAgent: planted.agent,
      ...(isPost
        ? { text: `${planted.text}, number ${number % 3}, which many accounts repeat all day long` }
        : {}),
      ...(number % 7 === 0 ? { activity: 'login', subjectId: planted.subject } : {}),
    }
  })
}

/** The day with a record that cannot be read, of each kind there is, between its events. */
function hostileDay(): Buffer {
  const pieces = dayOfEvents().flatMap((event, number) => {
    const line = JSON.stringify(event)
    const poison = number > 100 && number % 12 === 0 ? poisons[(number / 12) % poisons.length] : undefined
    const lines = [
      Buffer.from(line),
      ...(poison === undefined ? [] : [Buffer.from(poison.make({ line, fields: event }))]),
    ]
    return lines.flatMap((bytes) => [bytes, Buffer.from('\n')])
  })
  return Buffer.concat(pieces)
}

function setUp() {
  const folder = newFolder()
  const file = join(folder, 'events.ndjson')
  const key = join(folder, 'key')
  writeFileSync(file, hostileDay())
  writeFileSync(key, randomBytes(32))
  return { folder, file, key, vault: join(folder, 'vault'), privateKey: join(folder, 'private.pem') }
}

async function run(args: readonly string[], code = 0): Promise<Ended> {
  const ended = await assay(args)
  expect({ code: ended.code, stderr: ended.code === code ? '' : ended.stderr }).toEqual({ code, stderr: '' })
  return ended
}

/** The pseudonym of a planted actor under the key in a file. */
function pseudonymOf(number: number, keyFile: string): string {
  const hash = new KeyedHash(createHash('sha256').update(readFileSync(keyFile)).digest())
  const id = Buffer.from(`${planted.actor}-${number}`)
  hash.update(id, 0, id.length)
  return nodeIdOf(hash.high, hash.low)
}

/** Which of these words stand in a text. */
function shownIn(text: string, words: readonly string[]): string[] {
  return words.filter((word) => text.includes(word))
}

/** All files of a folder but those named, by their path in it. */
function filesIn(folder: string, but: readonly string[]): [path: string, text: string][] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(folder, path)).isFile() && !but.some((name) => path.endsWith(name)))
    .map((path) => [path, readFileSync(join(folder, path), 'latin1')])
}

it('says nothing of a person on stderr or in metrics, whatever goes wrong', async () => {
  const { folder, file, key } = setUp()
  const state = join(folder, 'state')
  const metrics = join(folder, 'metrics.txt')
  const said: string[] = []
  const embedded = ['run', '--embedded', '--state', state, '--metrics', metrics]
  said.push((await run([...embedded, '--key-file', key, file])).stderr, readFileSync(metrics, 'utf8'))
  said.push((await run(['replay', file, '--json', '--out', join(folder, 'v'), '--metrics', metrics])).stderr)
  said.push(readFileSync(metrics, 'utf8'))
  // Another key, a source that changed, broken checkpoints, a vault that is none.
  said.push((await run([...embedded, file], 78)).stderr)
  said.push((await run([...embedded, '--key-file', key, '--vault', folder, file], 69)).stderr)
  for (const [path] of filesIn(join(state, 'checkpoints'), [])) {
    writeFileSync(join(state, 'checkpoints', path), 'no checkpoint')
  }
  said.push((await run([...embedded, '--key-file', key, file])).stderr)
  writeFileSync(file, readFileSync(file, 'latin1').replaceAll('account-1', 'account-9'), 'latin1')
  for (const [path] of filesIn(join(state, 'checkpoints'), [])) {
    writeFileSync(join(state, 'checkpoints', path), 'no checkpoint')
  }
  said.push((await run([...embedded, '--key-file', key, file], 69)).stderr)
  expect(said.every((text) => text.length > 50)).toBe(true)
  expect(said.flatMap((text) => shownIn(text, ['planted', planted.address, 'account-']))).toEqual([])
})

it('keeps no id of a person in its state where there is a vault', async () => {
  const { folder, file, key, vault, privateKey } = setUp()
  await run(['vault', 'create', vault, '--private-key', privateKey])
  const state = join(folder, 'state')
  await run(['run', '--embedded', '--state', state, '--key-file', key, '--vault', vault, file])
  const known = [
    planted.actor,
    planted.device,
    planted.session,
    planted.address,
    planted.agent,
    planted.subject,
  ]
  // Dead letters are records as they came: how long they are kept is for who runs it.
  const kept = [...filesIn(state, ['dead-letters.ndjson']), ...filesIn(vault, [])]
  expect(kept.length).toBeGreaterThan(10)
  expect(kept.flatMap(([path, text]) => shownIn(text, known).map((word) => `${word} in ${path}`))).toEqual([])

  expect((await run(['run', '--embedded', '--state', state, '--key-file', key, file], 78)).stderr).toContain(
    'was begun with a vault and holds no ids of persons; name the --vault',
  )
  const audit = ['audit', '--state', state, '--key-file', key]
  expect((await run(audit, 78)).stderr).toContain('name the --vault')
  expect((await run([...audit, '--vault', vault])).stdout).toMatch(/derived again/)
})

it('gives the verdicts of a run without a vault once they are unsealed, byte for byte', async () => {
  const { folder, key, vault, privateKey } = setUp()
  // Under this key a crew of readers is found, which is named by one of them; it is not under every one.
  writeFileSync(key, Buffer.alloc(32, 1))
  const { events } = await simulated(['--scenario', 'networks', '--hours', '48', '--events', '10000'])
  await run(['vault', 'create', vault, '--private-key', privateKey])
  const [named, sealed] = [join(folder, 'named.ndjson'), join(folder, 'sealed.ndjson')]
  await run(['replay', events, '--key-file', key, '--out', named])
  const chain = join(folder, 'chain.ndjson')
  await run(['replay', events, '--key-file', key, '--vault', vault, '--out', sealed, '--chain', chain])
  expect(readFileSync(sealed).equals(readFileSync(named))).toBe(false)
  const { stdout } = await run(['vault', 'unseal', vault, '--private-key', privateKey, sealed])
  expect(stdout).toBe(readFileSync(named, 'utf8'))

  // With the vault the raw events give the pseudonyms that were put out, and without it the ids that were not.
  const names = filesIn(vault, [])
  const audit = ['audit', events, '--key-file', key, '--verdicts', sealed, '--chain', chain, '--json']
  const [withVault, without] = [await run([...audit, '--vault', vault]), await run(audit, 3)]
  const report = JSON.parse(withVault.stdout) as { verdicts: number; equal: number }
  expect(report.verdicts).toBeGreaterThan(0)
  expect(report.equal).toBe(report.verdicts)
  expect(without.stdout).toMatch(/is not what the log gives/)
  expect(filesIn(vault, [])).toEqual(names)
})

it('gives no name back once it was erased, also when the events are read again', async () => {
  const { folder, file, key, vault, privateKey } = setUp()
  await run(['vault', 'create', vault, '--private-key', privateKey])
  const out = join(folder, 'verdicts.ndjson')
  const replay = ['replay', file, '--key-file', key, '--vault', vault, '--out', out]
  await run(replay)
  const before = readFileSync(out)
  const pseudonyms = JSON.stringify(Array.from({ length: 50 }, (_, number) => pseudonymOf(number, key)))
  const lines = join(folder, 'lines.ndjson')
  writeFileSync(lines, `${pseudonyms}\n`)
  const unseal = ['vault', 'unseal', vault, '--private-key', privateKey, lines]
  expect(shownIn((await run(unseal)).stdout, [`"${planted.actor}-7"`, `"${planted.actor}-8"`])).toHaveLength(
    2,
  )

  const erased = await assay(['vault', 'erase', vault, '--private-key', privateKey], {
    input: `${planted.actor}-7\n`,
  })
  expect({ code: erased.code, names: shownIn(erased.stderr, [planted.actor]) }).toEqual({
    code: 0,
    names: [],
  })
  expect(erased.stderr).toMatch(/1 of 1 ids had a name in the vault/)
  const left = [`"${planted.actor}-8"`]
  const asked = [`"${planted.actor}-7"`, `"${planted.actor}-8"`]
  expect(shownIn((await run(unseal)).stdout, asked)).toEqual(left)

  await run(replay)
  expect(readFileSync(out).equals(before)).toBe(true)
  expect(shownIn((await run(unseal)).stdout, asked)).toEqual(left)
})
