import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assay } from '../support/cli'
import { Installation } from '../support/installation'
import { kafkaClient } from '../support/kafka'
import { shared } from '../support/stack/shared'

/** What is secret is told nowhere: neither when all goes well, nor in the sentence that says what went wrong. */

jest.setTimeout(240_000)

const mark = 'do-not-tell-this'
const folder = mkdtempSync(join(tmpdir(), 'assay-secrets-'))
const keyFile = join(folder, 'key')
writeFileSync(keyFile, `${mark}-hash-key-of-sixteen-bytes`)
const passwordFile = join(folder, 'password')
writeFileSync(passwordFile, `${mark}-password-file\n`)

const secrets = {
  ASSAY_REGISTRY_URL: 'http://127.0.0.1:9/apis/ccompat/v7',
  ASSAY_REGISTRY_USERNAME: 'assay',
  ASSAY_REGISTRY_PASSWORD: `${mark}-registry`,
  ASSAY_KEY_FILE: keyFile,
}
const ofRedis = {
  ASSAY_REDIS_MODE: 'single',
  ASSAY_REDIS_URLS: 'redis://127.0.0.1:9',
  ASSAY_REDIS_USERNAME: 'assay',
  ASSAY_REDIS_PASSWORD: `${mark}-redis`,
}
const ofKafka = {
  ASSAY_KAFKA_SASL_MECHANISM: 'scram-sha-512',
  ASSAY_KAFKA_USERNAME: 'assay',
}

let bootstrap: string
const opened: Installation[] = []

beforeAll(async () => {
  ;({ bootstrap } = await shared('kafka'))
})
afterAll(() => Promise.all(opened.map((installation) => installation.close())))

async function installed(env: Readonly<Record<string, string>>): Promise<Installation> {
  const installation = new Installation(await kafkaClient(bootstrap), { bootstrap, partitions: 1, env })
  opened.push(installation)
  await installation.produce(['{"kind":"click"}'])
  return installation
}

it('is in nothing that a service at work says', async () => {
  const installation = await installed(secrets)
  const instance = installation.start()
  const url = await instance.url
  const paths = [
    '/livez',
    '/readyz',
    '/metrics',
    '/openapi.json',
    '/api/v1/flow',
    '/api/v1/policy',
    '/nowhere',
  ]
  const answers = await Promise.all(paths.map(async (path) => (await fetch(url + path)).text()))
  const refused = await fetch(`${url}/api/v1/policy`, { headers: { authorization: `Bearer ${mark}-token` } })
  answers.push(await refused.text())
  const { stdout, stderr } = await instance.stop()
  expect(answers.every((answer) => answer.length > 0)).toBe(true)
  expect([...answers, stdout, stderr].filter((text) => text.includes(mark))).toEqual([])
})

it.each([
  ['a password that the brokers never asked for', { ...ofKafka, ASSAY_KAFKA_PASSWORD: `${mark}-kafka` }],
  ['a password in a file', { ...ofKafka, ASSAY_KAFKA_PASSWORD_FILE: passwordFile }],
  ['a Redis that is not there', ofRedis],
  [
    'an address of Redis with a password in it',
    { ...ofRedis, ASSAY_REDIS_URLS: `redis://:${mark}@127.0.0.1:9` },
  ],
  ['a setting that does not hold', { ...ofRedis, ASSAY_REDIS_MODE: mark.slice(0, 3) }],
])('is in nothing that is said of %s', async (_name, env) => {
  const installation = await installed({ ...secrets, ...env })
  for (const command of [['doctor'], ['dead-letters', 'list']]) {
    const { stdout, stderr } = await installation.command(command)
    expect(stdout.length + stderr.length).toBeGreaterThan(0)
    expect([stdout, stderr].filter((text) => text.includes(mark))).toEqual([])
  }
})

it('is not told by a command that cannot use the key', async () => {
  writeFileSync(keyFile, mark.slice(0, 8))
  const { code, stdout, stderr } = await assay([
    'replay',
    join(folder, 'nothing.ndjson'),
    '--key-file',
    keyFile,
  ])
  expect(code).not.toBe(0)
  expect(stdout + stderr).not.toContain(mark.slice(0, 8))
})
