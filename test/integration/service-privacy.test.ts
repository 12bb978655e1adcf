import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { innerLogs, lineOutputs } from '../../src/runtime/stages'
import { assay, simulated } from '../support/cli'
import { readLines, smallDay } from '../support/events'
import { Installation } from '../support/installation'
import { kafkaClient } from '../support/kafka'
import { linesOf } from '../support/outputs'
import { poisons } from '../support/poison'
import { shared } from '../support/stack/shared'
import { temporaryFolders } from '../support/temporary'

jest.setTimeout(240_000)

const newFolder = temporaryFolders()
let installation: Installation | undefined

afterEach(async () => {
  await installation?.close()
})

it('holds no id of a person in its topics, its answers or what it says, and finds all of them in the vault', async () => {
  const folder = newFolder()
  const [keyFile, vault, privateKey] = ['key', 'vault', 'private.pem'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  writeFileSync(keyFile, randomBytes(32))
  expect((await assay(['vault', 'create', vault, '--private-key', privateKey])).code).toBe(0)
  const { events } = await simulated(smallDay)
  const lines = readLines(events)
  const verdicts = join(folder, 'verdicts.ndjson')
  await assay(['replay', events, '--key-file', keyFile, '--out', verdicts])
  const expected = linesOf(readFileSync(verdicts))
  expect(expected.length).toBeGreaterThan(3)

  const { bootstrap } = await shared('kafka')
  const client = await kafkaClient(bootstrap)
  const env = { ASSAY_KEY_FILE: keyFile, ASSAY_VAULT_FOLDER: vault, ASSAY_ALLOWED_DEAD_LETTER_SHARE: '1' }
  installation = new Installation(client, { bootstrap, partitions: 2, env })
  await installation.produce([...lines.slice(0, 3000), ...poisonsOf(lines[0]!), ...lines.slice(3000)])
  const instance = installation.start()
  await installation.until(installation.verdicts, expected.length, 180_000)

  const { name } = installation
  const topics = ['events', ...innerLogs, ...lineOutputs].map((log) => `${name}.${log}`)
  const actors = new Set(lines.map((line) => (JSON.parse(line) as { actorId: string }).actorId))
  expect(actors.size).toBeGreaterThan(1000)
  const kept = await Promise.all(
    [...topics, installation.verdicts].map((topic) => installation!.linesOf(topic)),
  )
  const url = await instance.url
  const answered = await Promise.all(
    ['/metrics', '/readyz', '/api/v1/verdicts', '/api/v1/clusters', '/nowhere'].map(async (path) =>
      (await fetch(`${url}${path}`)).text(),
    ),
  )
  const { stderr } = await instance.stop()
  expect(stderr).toContain('listening on')
  const all = [...kept.flat(), ...answered, stderr].join('\n')
  expect(all.length).toBeGreaterThan(1_000_000)
  expect([...new Set(all.match(/u[0-9a-f]{8}/g) ?? [])].filter((word) => actors.has(word))).toEqual([])

  const erased = await assay(['vault', 'erase', vault, '--private-key', privateKey], {
    input: [...actors].join('\n'),
  })
  expect(erased.stderr).toContain(
    `${actors.size.toLocaleString('en')} of ${actors.size.toLocaleString('en')} ids had`,
  )
})

/** One record of each kind that cannot be read; those that begin with a line of the day name its actor. */
function poisonsOf(text: string): string[] {
  const line = text.trim()
  const fields = JSON.parse(line) as Record<string, unknown>
  return poisons.map(({ make }) => make({ line, fields }).toString())
}
